using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Valori.Actors.Entries;
using Valori.Actors.Journal;
using Valori.Actors.Rows;
using Valori.Actors.Settings;

namespace Valori.Simulation;

/// <summary>
/// A journal plugin on the simulated disk. A write is received, committed and confirmed in steps of its own, so that the process
/// can die between them; it may fail on either side of its commit, be rejected, or take long. So may each step of a drop.
/// </summary>
public sealed class SimulatedJournal : UntypedActor, IWithTimers, IDropsEngines
{
    // Rows that one step of a drop deletes at most.
    private const int MostRowsOfAStep = 20;

    private readonly SimulatedDisk _disk = Context.System.Settings.Setup.Get<SimulationSetup>().Value.Disk;

    // Writes that may still be committed, and who waits for the end of them.
    private readonly HashSet<WriteMessages> _writing = [];
    private readonly List<(EraseEvents Erase, IActorRef Client)> _erasing = [];

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
            case FindDrops when _disk.Happens(Faults.Reads, 0.02): Sender.Tell(new DropStepFailed(new IOException("the journal cannot be read"))); break;
            case FindDrops: Sender.Tell(new DropsFound(_disk.IsBeingDropped ? [SimulatedDisk.PersistenceId] : [])); break;
            case BeginDrop(_, var isKnownElsewhere): OnBeginDrop(isKnownElsewhere); break;
            case CommitIntent: _disk.IsBeingDropped = true; break;
            case EraseEvents erase: OnErase(erase, Sender); break;
            case DeleteRows: TakeStep(() => new RowsDeleted(DeleteSomeRows())); break;
            case EndDrop: TakeStep(RemoveIntent); break;
            default: Unhandled(message); break;
        }
    }

    private void OnWrite(WriteMessages write)
    {
        _writing.Add(write);
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
            EndWrite(write);
            Self.Tell(new Confirm(write));
            return;
        }
        foreach (IPersistentRepresentation e in events) _disk.Committed.Add(e.SequenceNr, [.. ((JournalRecord)e.Payload).Payload]);
        EndWrite(write);
        if (_disk.Happens(Faults.Writes, 0.01)) Fail(write, "the write failed after its commit");
        else Self.Tell(new Confirm(write));
    }

    private static void OnConfirm(WriteMessages write)
    {
        write.PersistentActor.Tell(WriteMessagesSuccessful.Instance);
        foreach (IPersistentRepresentation e in EventsOf(write)) write.PersistentActor.Tell(new WriteMessageSuccess(e, write.ActorInstanceId), e.Sender);
    }

    private void Fail(WriteMessages write, string why)
    {
        EndWrite(write);
        IOException cause = new(why);
        write.PersistentActor.Tell(new WriteMessagesFailed(cause, write.Messages.Count()));
        foreach (IPersistentRepresentation e in EventsOf(write)) write.PersistentActor.Tell(new WriteMessageFailure(e, cause, write.ActorInstanceId), e.Sender);
    }

    private void Reject(WriteMessages write)
    {
        EndWrite(write);
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
        // The reader of a collection that is being dropped may be at a row that is gone.
        if (_disk.Committed.TryGetValue(next, out byte[]? row))
            replay.PersistentActor.Tell(new ReplayedMessage(new Persistent(new JournalRecord(_disk.Read(row)), next, replay.PersistenceId)));
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

    private void OnBeginDrop(bool isKnownElsewhere)
    {
        if (_disk.Happens(Faults.Writes, 0.05))
        {
            // A server that lost its client commits later, or never.
            Sender.Tell(new DropStepFailed(new DropUndecidedException(new IOException("the commit was not answered"))));
            if (_disk.Choose(2) == 0 && (isKnownElsewhere || _disk.Committed.Count > 0)) Self.Tell(new CommitIntent());
            return;
        }
        TakeStep(() =>
        {
            if (!isKnownElsewhere && _disk.Committed.Count == 0) return new DropBegun(false);
            _disk.IsBeingDropped = true;
            return new DropBegun(true);
        });
    }

    /// <summary>What an engine wrote before it was stopped may still be on its way, and must not come after the deletion.</summary>
    private void OnErase(EraseEvents erase, IActorRef client)
    {
        if (_writing.Count > 0) _erasing.Add((erase, client));
        else TakeStep(() => new EventsErased(erase.After == 0 && _disk.Committed.Count > 0 ? _disk.HighestSequenceNr : null), client);
    }

    private void EndWrite(WriteMessages write)
    {
        _writing.Remove(write);
        if (_writing.Count > 0) return;
        foreach ((EraseEvents erase, IActorRef client) in _erasing) Self.Tell(erase, client);
        _erasing.Clear();
    }

    /// <summary>Returns whether some are left.</summary>
    private bool DeleteSomeRows()
    {
        foreach (long sequenceNr in _disk.Committed.Keys.Take(_disk.Choose(MostRowsOfAStep) + 1).ToArray()) _disk.Committed.Remove(sequenceNr);
        if (_disk.Committed.Count > 0) return true;
        _disk.DroppedTo = 0;
        return false;
    }

    private object RemoveIntent()
    {
        _disk.IsBeingDropped = false;
        return new DropEnded();
    }

    /// <summary>A step of a drop, which may fail before or after its commit.</summary>
    private void TakeStep(Func<object> step) => TakeStep(step, Sender);

    private void TakeStep(Func<object> step, IActorRef client)
    {
        if (_disk.IsFull || _disk.Happens(Faults.Writes, 0.03))
        {
            client.Tell(new DropStepFailed(new IOException("the step failed before its commit")));
            return;
        }
        object answer = step();
        client.Tell(_disk.Happens(Faults.Writes, 0.03) ? new DropStepFailed(new IOException("the step failed after its commit")) : answer);
    }

    private static IPersistentRepresentation[] EventsOf(WriteMessages write) =>
        [.. write.Messages.OfType<AtomicWrite>().SelectMany(atomic => (IImmutableList<IPersistentRepresentation>)atomic.Payload)];

    private sealed record CommitIntent : INoSerializationVerificationNeeded;

    private sealed record Commit(WriteMessages Write) : INoSerializationVerificationNeeded;

    private sealed record Confirm(WriteMessages Write) : INoSerializationVerificationNeeded;

    private sealed record ReplayStep(ReplayMessages Replay, long Next) : INoSerializationVerificationNeeded;
}
