using Akka.Actor;

namespace Valori.Actors.Queries;

/// <summary>
/// Which of a process's query actors are idle, and the work that waits for one. Shared by all engines, their gateways and the
/// actors; thread-safe. No router of Akka's does this: they count messages in mailboxes, so one that is in the middle of a search
/// looks as free as one that is idle, and a second search waits behind the first beside a processor with nothing to do.
/// </summary>
/// <remarks>
/// Each engine waits in a <see cref="QueryLine"/> of its own, and the lines take turns: an engine with a thousand waiting queries
/// delays the one query of another engine by one query, not by a thousand.
/// </remarks>
/// <param name="actors">How many actors it has, once each of them has said that it is idle.</param>
internal sealed class QueryPool(int actors)
{
    private const long MomentMilliseconds = 50;

    private readonly Lock _lock = new();
    private long _lastSubmitted = -MomentMilliseconds;
    private readonly Stack<IActorRef> _idle = new();

    // Every line that has waiting work, once, in the order of their turns.
    private readonly Queue<QueryLine> _lines = new();

    /// <summary>Whether any of the actors is not idle, or was not a moment ago: between two short queries of one client all of them are.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock) return _idle.Count < actors || Environment.TickCount64 - _lastSubmitted < MomentMilliseconds;
        }
    }

    /// <summary>
    /// Hands the work to an idle actor, or, if none is idle, to the first one that becomes idle when it is this line's turn. False,
    /// and nothing is done, if too much of the line is waiting already.
    /// </summary>
    public bool TrySubmit(QueryLine line, object work)
    {
        IActorRef? actor;
        lock (_lock)
        {
            _lastSubmitted = Environment.TickCount64;
            if (!_idle.TryPop(out actor))
            {
                if (line.Waiting.Count >= line.MaximumWaiting) return false;
                line.Waiting.Enqueue(work);
                if (line.Waiting.Count == 1) _lines.Enqueue(line);
            }
        }
        actor?.Tell(work, ActorRefs.NoSender);
        return true;
    }

    /// <summary>Hands the work to as many actors as are idle, at most so many. What no actor is idle for is not done.</summary>
    public void Share(object work, int actors)
    {
        for (; actors > 0; actors--)
        {
            IActorRef? actor;
            lock (_lock)
            {
                if (!_idle.TryPop(out actor)) return;
            }
            actor.Tell(work, ActorRefs.NoSender);
        }
    }

    /// <summary>The actor is done with what it had, or is new: it gets the oldest work of the line whose turn it is, or is idle.</summary>
    public void BecomeIdle(IActorRef actor)
    {
        object? work = null;
        lock (_lock)
        {
            if (_lines.TryDequeue(out QueryLine? line))
            {
                work = line.Waiting.Dequeue();
                if (line.Waiting.Count > 0) _lines.Enqueue(line);
            }
            else
            {
                _idle.Push(actor);
            }
        }
        if (work is not null) actor.Tell(work, ActorRefs.NoSender);
    }
}

/// <summary>The work of one engine that waits in a <see cref="QueryPool"/>, which alone touches it.</summary>
/// <param name="maximumWaiting">How much work may wait.</param>
internal sealed class QueryLine(int maximumWaiting)
{
    public int MaximumWaiting { get; } = maximumWaiting;

    /// <summary>Oldest first. Read and written under the pool's lock.</summary>
    public Queue<object> Waiting { get; } = new(capacity: 0);
}
