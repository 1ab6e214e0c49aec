using Akka.Actor;

namespace Valori.Actors.Engine;

/// <summary>
/// Which of an engine's query actors are idle, and the work that waits for one. Shared by the gateway and the actors;
/// thread-safe. No router of Akka's does this: they count messages in mailboxes, so one that is in the middle of a search looks
/// as free as one that is idle, and a second search waits behind the first beside a processor with nothing to do.
/// </summary>
/// <param name="mostWaiting">How much work may wait.</param>
internal sealed class QueryPool(int mostWaiting = int.MaxValue)
{
    private readonly Lock _lock = new();
    private readonly Stack<IActorRef> _idle = new();
    private readonly Queue<object> _waiting = new();

    /// <summary>
    /// Gives the work to an idle actor; where there is none, to the first one that becomes idle. False, and nothing is done, where
    /// too much is waiting already.
    /// </summary>
    public bool TrySubmit(object work)
    {
        IActorRef? actor;
        lock (_lock)
        {
            if (!_idle.TryPop(out actor))
            {
                if (_waiting.Count >= mostWaiting) return false;
                _waiting.Enqueue(work);
            }
        }
        actor?.Tell(work, ActorRefs.NoSender);
        return true;
    }

    /// <summary>Gives the work to as many actors as are idle, at most so many. What none is idle for is not done.</summary>
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

    /// <summary>The actor is done with what it had, or is new: it gets what waits longest, or is idle.</summary>
    public void BecomeIdle(IActorRef actor)
    {
        object? work;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out work)) _idle.Push(actor);
        }
        if (work is not null) actor.Tell(work, ActorRefs.NoSender);
    }
}
