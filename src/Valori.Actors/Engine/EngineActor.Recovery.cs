using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;

namespace Valori.Actors.Engine;

internal sealed partial class EngineActor
{
    private const long ProgressBytes = 4 << 20;

    private ReplayWindow? _replaying;
    private long _replayedBytes;
    private long _reportProgressAt;

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: SnapshotContent snapshot } offer:
                if (snapshot.Header.SequenceNr != offer.Metadata.SequenceNr)
                    throw new CorruptionException($"snapshot of {PersistenceId}", offer.Metadata.SequenceNr, $"sequence number {offer.Metadata.SequenceNr}", $"{snapshot.Header.SequenceNr}");
                _state.Load(snapshot);
                _loaded = snapshot.Header;
                _latestSnapshot = offer.Metadata.SequenceNr;
                _published.Gauges.SnapshotUnixMicroseconds = snapshot.Header.UnixMicroseconds;
                CountMemory();
                ReportProgress(offer.Metadata.SequenceNr);
                _log.Info("{0}: loaded the snapshot at sequence number {1}", PersistenceId, offer.Metadata.SequenceNr);
                break;
            case SnapshotOffer offer:
                throw new CorruptionException($"snapshot of {PersistenceId}", offer.Metadata.SequenceNr, "a Valori snapshot", offer.Snapshot?.GetType().Name ?? "nothing");
            case JournalRecord record:
                _replaying = record.Window;
                JournalEvent happened = Replay(record);
                FreeWhileReplaying();
                if (CountsForSnapshots(happened)) _bytesSinceSnapshot += record.Payload.Length;
                _replayedBytes += record.Payload.Length;
                ReportProgress(LastSequenceNr);
                record.Window?.Taken(record.Payload.Length);
                break;
            case RecoveryCompleted:
                OnRecovered();
                break;
            default:
                throw new CorruptionException($"journal of {PersistenceId}", LastSequenceNr, "a Valori journal record", message.GetType().Name);
        }
    }

    private JournalEvent Replay(JournalRecord record)
    {
        try
        {
            return _state.Replay(LastSequenceNr, record);
        }
        catch (CorruptionException e) when (_loaded is { SequenceNr: var snapshot } && LastSequenceNr == snapshot + 1)
        {
            throw new CorruptionException(e.Place, e.Position, e.Expected,
                $"{e.Found}. This is the first event after the snapshot {_settings.SnapshotPath(PersistenceId, snapshot)}: if the event is intact, the two do not belong together; "
                + "then move the snapshot away and open the engine again", e);
        }
    }

    private void ReportProgress(long sequenceNr)
    {
        // The first report tells that there is something to recover; the others need not be many.
        if (_replayedBytes < _reportProgressAt) return;
        _reportProgressAt = _replayedBytes + ProgressBytes;
        CountMemory();
        _gateway.Tell(new RecoveryProgress(sequenceNr));
    }

    /// <summary>Others must not take what this one needs. What was published is held for queries until this is.</summary>
    private void CountMemory() => _memory.Set(_name, _state.MemoryBytes + (_published.Latest?.MemoryBytes ?? 0));

    private void OnRecovered()
    {
        _replaying = null;
        if (LastSequenceNr != _state.SequenceNr)
            throw new CorruptionException($"journal of {PersistenceId}", LastSequenceNr, $"events up to sequence number {LastSequenceNr}", $"events up to {_state.SequenceNr}");
        CheckAgainstPublished();
        // The engine that is followed may still go on with a restore that it has begun.
        if (!_follow.IsOn) _state.DiscardStagedChunks();
        BeginStartCheck();
    }

    /// <summary>The state is proven, and nothing beside the journal says that it had more.</summary>
    private void OnProven()
    {
        if (_state.Exists)
        {
            _log.Info("{0}: recovered up to sequence number {1}, state hash {2}", PersistenceId, _state.SequenceNr, _state.Kernel.StateHash);
            GoOnline();
        }
        else if (_createWith is not null || _follow is { IsOn: true, Beginning: not null })
        {
            if (_memory.RefusalOf(EngineState.BytesOfAnEngine) is { } full)
            {
                _gateway.Tell(new EngineMissing(full));
                return;
            }
            if (_follow is { IsOn: true, Beginning: { } first })
            {
                BeginAsFollowed(first);
                return;
            }
            JournalRecord created = JournalCodec.Encode(_state.Record(new EngineCreated(_createWith!), UnixMicroseconds()));
            Persist(created, _ => GoOnline());
        }
        else
        {
            _gateway.Tell(new EngineMissing(CannotBeCreated: null));
        }
    }

    /// <summary>
    /// The journal must have what this process has published: it was acknowledged. A database that went back to an older state,
    /// or became another one, is found here.
    /// </summary>
    private void CheckAgainstPublished()
    {
        if (_published.Latest is not { } published) return;
        if (_state.SequenceNr < published.SequenceNr)
            throw new CorruptionException($"journal of {PersistenceId}", _state.SequenceNr + 1, $"events up to {published.SequenceNr}, which were acknowledged", $"events up to {_state.SequenceNr}");
        if (_state.History.KnowsChainOf(published.SequenceNr) && _state.History.ChainOf(published.SequenceNr) != published.Chain)
            throw new CorruptionException(
                $"journal of {PersistenceId}", published.SequenceNr, $"history chain {published.Chain}, which was acknowledged", $"{_state.History.ChainOf(published.SequenceNr)}");
    }

    private void GoOnline()
    {
        bool isFirstRecovery = _published.Latest is null;
        _published.Gauges.BytesSinceSnapshot = _bytesSinceSnapshot;
        Publish(_state.TakeView());
        // A crash may have left the mark behind the journal, or there was none yet.
        if (_state.SequenceNr > _markedEnd) WriteEndSoon();
        _gateway.Tell(new EngineOnline(Self));
        SnapshotIfDue();
        AwaitFirstExpiry(isFirstRecovery);
        FreeIfDue();
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        // Bytes that are not what was written stay so: only a journal that could not be reached is worth another try.
        object failing = reason switch
        {
            InvariantException => new InvariantBroken(reason),
            CorruptionException => new EngineFailing(reason.Message, IsFinal: true),
            // The plugin could not make an event of the row after the last one, or found two writers in it.
            SerializationException or IllegalStateException =>
                new EngineFailing($"journal of {PersistenceId} after {LastSequenceNr}: {Describe.Fault(reason)}", IsFinal: true),
            _ => new EngineFailing($"recovery from the journal failed: {Describe.Fault(reason)}", IsFinal: false),
        };
        // The gateway logs what is final, once, with advice. The base class would log each failure again, with a stack trace.
        if (failing is EngineFailing { IsFinal: false })
            _log.Warning(reason, "{0}: recovery failed at sequence number {1}; it is retried", PersistenceId, LastSequenceNr);
        _gateway.Tell(failing);
    }
}
