using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Valori.Actors.Entries;

namespace Valori.Simulation;

/// <summary>
/// A journal plugin on the simulated disk. A write is received, committed and confirmed in steps of its own, so that the process
/// can die between them; it may fail on either side of its commit, be rejected, or take long.
/// </summary>
public sealed class SimulatedJournal : UntypedActor, IWithTimers
{
    private readonly SimulatedDisk _disk = Context.System.Settings.Setup.Get<SimulationSetup>().Value.Disk;

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WriteMessages write: OnWrite(write); break;
            case Commit(var write): OnCommit(write); break;
            case Confirm(var write): OnConfirm(write); break;
            case ReplayMessages replay: OnReplay(replay); break;
            case ReplayStep(var replay, var next): OnReplayStep(replay, next); break;
            case DeleteMessagesTo delete: OnDelete(delete); break;
            default: Unhandled(message); break;
        }
    }

    private void OnWrite(WriteMessages write)
    {
        if (_disk.IsFull || _disk.Happens(Faults.Writes, 0.01)) Fail(write, "the write failed before its commit");
        else if (_disk.Happens(Faults.Writes, 0.005)) Reject(write);
        else if (_disk.Happens(Faults.Delays, 0.05))
            Timers.StartSingleTimer(write, new Commit(write), TimeSpan.FromMilliseconds(_disk.Choose(5_000)));
        else Self.Tell(new Commit(write));
    }

    private void OnCommit(WriteMessages write)
    {
        IPersistentRepresentation[] events = EventsOf(write);
        // The database's unique key: a second writer of the same sequence number fails whole.
        if (_disk.EndsAt is not null) throw new BrokenPromiseException("something is written to a journal that went back");
        if (events.Any(e => _disk.Committed.ContainsKey(e.SequenceNr)))
        {
            Fail(write, "the sequence number is taken");
            return;
        }
        if (_disk.Happens(Faults.Lies, 0.05))
        {
            Self.Tell(new Confirm(write));
            return;
        }
        foreach (IPersistentRepresentation e in events) _disk.Committed.Add(e.SequenceNr, [.. ((JournalRecord)e.Payload).Payload]);
        if (_disk.Happens(Faults.Writes, 0.01)) Fail(write, "the write failed after its commit");
        else Self.Tell(new Confirm(write));
    }

    private static void OnConfirm(WriteMessages write)
    {
        write.PersistentActor.Tell(WriteMessagesSuccessful.Instance);
        foreach (IPersistentRepresentation e in EventsOf(write)) write.PersistentActor.Tell(new WriteMessageSuccess(e, write.ActorInstanceId), e.Sender);
    }

    private static void Fail(WriteMessages write, string why)
    {
        IOException cause = new(why);
        write.PersistentActor.Tell(new WriteMessagesFailed(cause, write.Messages.Count()));
        foreach (IPersistentRepresentation e in EventsOf(write)) write.PersistentActor.Tell(new WriteMessageFailure(e, cause, write.ActorInstanceId), e.Sender);
    }

    private static void Reject(WriteMessages write)
    {
        InvalidOperationException cause = new("the journal takes no such events");
        write.PersistentActor.Tell(WriteMessagesSuccessful.Instance);
        foreach (IPersistentRepresentation e in EventsOf(write)) write.PersistentActor.Tell(new WriteMessageRejected(e, cause, write.ActorInstanceId), e.Sender);
    }

    private void OnReplay(ReplayMessages replay)
    {
        if (_disk.Happens(Faults.Reads, 0.02)) replay.PersistentActor.Tell(new ReplayMessagesFailure(new IOException("the journal cannot be read")));
        else Self.Tell(new ReplayStep(replay, Math.Max(replay.FromSequenceNr, _disk.DroppedTo + 1)));
    }

    private void OnReplayStep(ReplayMessages replay, long next)
    {
        long last = Math.Min(replay.ToSequenceNr, _disk.HighestSequenceNr);
        if (next > last || replay.Max == 0)
        {
            replay.PersistentActor.Tell(new RecoverySuccess(_disk.HighestSequenceNr));
            return;
        }
        JournalRecord record = new(_disk.Read(_disk.Committed[next]));
        replay.PersistentActor.Tell(new ReplayedMessage(new Persistent(record, next, replay.PersistenceId)));
        Self.Tell(new ReplayStep(replay, next + 1));
    }

    private void OnDelete(DeleteMessagesTo delete)
    {
        if (_disk.Happens(Faults.Writes, 0.05))
        {
            delete.PersistentActor.Tell(new DeleteMessagesFailure(new IOException("nothing was deleted"), delete.ToSequenceNr));
            return;
        }
        _disk.DroppedTo = Math.Max(_disk.DroppedTo, Math.Min(delete.ToSequenceNr, _disk.HighestSequenceNr));
        delete.PersistentActor.Tell(new DeleteMessagesSuccess(delete.ToSequenceNr));
    }

    private static IPersistentRepresentation[] EventsOf(WriteMessages write) =>
        [.. write.Messages.OfType<AtomicWrite>().SelectMany(atomic => (IImmutableList<IPersistentRepresentation>)atomic.Payload)];

    private sealed record Commit(WriteMessages Write) : INoSerializationVerificationNeeded;

    private sealed record Confirm(WriteMessages Write) : INoSerializationVerificationNeeded;

    private sealed record ReplayStep(ReplayMessages Replay, long Next) : INoSerializationVerificationNeeded;
}
