using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace Valori.Actors.Tests.Support;

/// <summary>What the journal does with the next writes.</summary>
public enum Fault
{
    None,

    /// <summary>The write fails and nothing is in the journal.</summary>
    FailBeforeCommit,

    /// <summary>The write is in the journal, but its confirmation is an error.</summary>
    FailAfterCommit,

    /// <summary>The journal refuses the events; nothing is written.</summary>
    Reject,
}

/// <summary>The switchboard of one system's <see cref="FaultyJournal"/> or <see cref="FaultySqlJournal"/>.</summary>
public sealed class JournalFaults
{
    private static readonly ConcurrentDictionary<string, JournalFaults> BySystem = new();

    private TaskCompletionSource _gate = Opened();
    private TaskCompletionSource _replayGate = Opened();
    private int _fault;
    private int _after;
    private int _replays;

    /// <summary>Atomic writes that reached the journal, with the number of events in each.</summary>
    public ConcurrentQueue<int> Writes { get; } = new();

    public static JournalFaults Of(ActorSystem system) => BySystem.GetOrAdd(system.Name, _ => new JournalFaults());

    /// <summary>Does this with the next write, or the one after so many, once.</summary>
    public void Next(Fault fault, int after = 0)
    {
        Volatile.Write(ref _after, after);
        Interlocked.Exchange(ref _fault, (int)fault);
    }

    /// <summary>Writes wait until <see cref="Release"/>.</summary>
    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Recoveries wait behind their first event until <see cref="Release"/>.</summary>
    public void HoldReplay() => _replayGate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        _gate.TrySetResult();
        _replayGate.TrySetResult();
    }

    internal Task ReplayGate => _replayGate.Task;

    /// <summary>Recoveries that found events.</summary>
    public int Replays => Volatile.Read(ref _replays);

    internal void CountReplay() => Interlocked.Increment(ref _replays);

    /// <summary>A journal's write: what is on demand now, around what the journal does of itself.</summary>
    internal async Task<IImmutableList<Exception>> WriteAsync(AtomicWrite[] writes, Func<Task<IImmutableList<Exception>>> commit)
    {
        foreach (AtomicWrite write in writes) Writes.Enqueue(((IImmutableList<IPersistentRepresentation>)write.Payload).Count);
        await _gate.Task;
        if (Interlocked.Decrement(ref _after) >= 0) return await commit();
        switch ((Fault)Interlocked.Exchange(ref _fault, (int)Fault.None))
        {
            case Fault.FailBeforeCommit:
                throw new IOException("the disk is gone (before the commit)");
            case Fault.FailAfterCommit:
                await commit();
                throw new IOException("the disk is gone (after the commit)");
            case Fault.Reject:
                return [.. writes.Select(_ => new InvalidOperationException("this journal takes no such events"))];
            default:
                return await commit();
        }
    }

    private static TaskCompletionSource Opened()
    {
        TaskCompletionSource gate = new();
        gate.SetResult();
        return gate;
    }
}

/// <summary>A journal in memory that fails, rejects and waits on demand.</summary>
public sealed class FaultyJournal : MemoryJournal
{
    private readonly JournalFaults _faults = JournalFaults.Of(Context.System);

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        List<IPersistentRepresentation> events = [];
        await base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, events.Add);
        if (events.Count > 0) _faults.CountReplay();
        for (int i = 0; i < events.Count; i++)
        {
            if (i == 1) await _faults.ReplayGate;
            recoveryCallback(events[i]);
        }
    }

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        AtomicWrite[] writes = [.. messages];
        return _faults.WriteAsync(writes, () => base.WriteMessagesAsync(writes, cancellationToken));
    }
}
