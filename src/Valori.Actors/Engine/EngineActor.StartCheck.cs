using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Journal;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Engine;

/// <summary>
/// What a start compares after a recovery, before it serves anything: the snapshot that it began from with the journal's row
/// of that event, and the journal's end with what else knows of later events (the end mark, and snapshots). A replay alone
/// proves that events follow each other, and not that they are all there are.
/// </summary>
internal sealed partial class EngineActor
{
    // How late the end mark may be after the last write.
    private static readonly TimeSpan EndInterval = TimeSpan.FromSeconds(5);

    private SnapshotHeader? _loaded;
    private StartCheck? _startCheck;
    private long _markedEnd;

    private void BeginStartCheck()
    {
        CheckAgainstMark();
        _startCheck = new StartCheck(HasRow: false, IsEventProven: _loaded is null, IsEndProven: false);
        if (_loaded is { SequenceNr: var sequenceNr }) Journal.Tell(new ReplayMessages(sequenceNr, sequenceNr, 1, PersistenceId, Self), Self);
        // Of events that the journal does not have.
        SnapshotStore.Tell(new LoadSnapshot(PersistenceId, new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue, LastSequenceNr + 1), long.MaxValue), Self);
    }

    /// <summary>Takes the answers to the questions of the check.</summary>
    private bool OnStartCheck(object message)
    {
        StartCheck check = _startCheck!;
        switch (message)
        {
            case ReplayedMessage { Persistent: var row }:
                CompareWithSnapshot(row.SequenceNr, row.Payload);
                check = check with { HasRow = true };
                break;
            case RecoverySuccess:
                // If only its row was dropped, the event after it has proven the snapshot by its chain value.
                if (!check.HasRow && LastSequenceNr == _loaded!.SequenceNr) throw BeyondTheEnd(_loaded.SequenceNr, "no row of that event: the journal ends before it");
                check = check with { IsEventProven = true };
                break;
            case ReplayMessagesFailure { Cause: CorruptionException cause }: throw cause;
            case ReplayMessagesFailure { Cause: var cause }: throw new IOException($"the journal cannot be read: {cause.Message}", cause);
            case LoadSnapshotResult { Snapshot: { } newer }:
                throw BeyondTheEnd(newer.Metadata.SequenceNr, $"the end of the journal at {LastSequenceNr}");
            // A snapshot that cannot be read is left out, at a recovery too.
            case LoadSnapshotResult or LoadSnapshotFailed:
                check = check with { IsEndProven = true };
                break;
            default: return false;
        }
        _startCheck = check;
        if (check is not { IsEventProven: true, IsEndProven: true }) return true;
        _startCheck = null;
        OnProven();
        return true;
    }

    private void CompareWithSnapshot(long sequenceNr, object payload)
    {
        SnapshotHeader header = _loaded!;
        if (payload is not JournalRecord record || !EntryPlace.TryRead(record.Payload, out EntryPlace place))
            throw new CorruptionException($"journal of {PersistenceId}", sequenceNr, "a Valori journal record", payload.GetType().Name);
        Compare("history chain", $"{header.Chain}", $"{place.Chain}");
        Compare("state hash", $"{header.StateHash}", $"{place.StateHash}");
        Compare("time", Iso8601.Format(header.UnixMicroseconds), Iso8601.Format(place.UnixMicroseconds));

        void Compare(string what, string expected, string found)
        {
            if (expected == found) return;
            throw new CorruptionException($"journal of {PersistenceId}", sequenceNr, $"{what} {expected}, as in {_settings.SnapshotPath(PersistenceId, sequenceNr)}",
                $"{found}: the snapshot is another journal's, or the journal is another one. If the journal is the right one, move the snapshot away");
        }
    }

    private void CheckAgainstMark()
    {
        if (ReadMark() is not { } end) return;
        _markedEnd = end.SequenceNr;
        string path = _ends!.PathOf(PersistenceId);
        if (LastSequenceNr < end.SequenceNr)
        {
            throw new CorruptionException($"journal of {PersistenceId}", LastSequenceNr + 1,
                $"events up to {end.SequenceNr}, which were durable at {Iso8601.Format(end.UnixMicroseconds)} ({path})",
                $"events up to {LastSequenceNr}: the last {end.SequenceNr - LastSequenceNr} are lost, or an older journal was put here. {HowToAccept(path)}");
        }
        if (_state.History.KnowsChainOf(end.SequenceNr) && _state.History.ChainOf(end.SequenceNr) != end.Chain)
        {
            throw new CorruptionException($"journal of {PersistenceId}", end.SequenceNr, $"history chain {end.Chain} ({path})",
                $"{_state.History.ChainOf(end.SequenceNr)}: this is the journal of another engine, or of another history. {HowToAccept(path)}");
        }
    }

    /// <summary>The end mark; null if there is none, or it is damaged: as with a snapshot, the journal does without, and a new one takes its place.</summary>
    private JournalEnd? ReadMark()
    {
        try
        {
            return _ends?.Read(PersistenceId);
        }
        catch (Exception e) when (e is CorruptionException or IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}: the end mark is left out: {1}", PersistenceId, e.Message);
            return null;
        }
    }

    private CorruptionException BeyondTheEnd(long sequenceNr, string found) =>
        new($"journal of {PersistenceId}", sequenceNr, $"the event that {_settings.SnapshotPath(PersistenceId, sequenceNr)} includes",
            $"{found}. Events are lost, or an older journal was put here, or the snapshot is another journal's. {HowToAccept("the snapshot")}");

    private static string HowToAccept(string what) => $"If that is on purpose, move {what} away and open the engine again";

    private void WriteEndSoon()
    {
        if (_ends is not null && !Timers.IsTimerActive(nameof(MarkEnd))) Timers.StartSingleTimer(nameof(MarkEnd), new MarkEnd(), EndInterval);
    }

    /// <summary>
    /// Brings the end mark up to what was acknowledged. On the engine's own thread: a small file, seldom, which takes no longer than
    /// a write of the journal.
    /// </summary>
    private void WriteEnd()
    {
        if (_ends is null || _published.Latest is not { } view || view.SequenceNr <= _markedEnd) return;
        try
        {
            _ends.Write(PersistenceId, new JournalEnd(view.SequenceNr, view.UnixMicroseconds, view.View.StateHash, view.Chain));
            _markedEnd = view.SequenceNr;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}: the end mark {1} could not be written: {2}; it is tried again after the next write", PersistenceId, _ends.PathOf(PersistenceId), e.Message);
        }
    }

    /// <param name="HasRow">The journal has a row of the snapshot's event, and it is that event.</param>
    /// <param name="IsEventProven">The snapshot is of the journal's event of that number, or there is no snapshot.</param>
    /// <param name="IsEndProven">No snapshot is of a later event than the journal's last.</param>
    private sealed record StartCheck(bool HasRow, bool IsEventProven, bool IsEndProven);
}
