using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Engine;

internal sealed partial class EngineActor
{
    private readonly List<long> _saveWaiters = [];
    private readonly List<long> _savingWaiters = [];
    private DurableView? _saving;
    private long _bytesSinceSnapshot;
    private long _bytesAtSave;

    // The newest snapshot that was read back or loaded, 0 for none.
    private long _latestSnapshot;

    // Clean-ups behind a snapshot that are not finished.
    private int _cleaning;

    private void RequestSnapshot(long ticket)
    {
        _saveWaiters.Add(ticket);
        SaveIfPossible();
    }

    private void SnapshotIfDue()
    {
        if (_saveWaiters.Count > 0 || (_published.Latest is { } view && _settings.SnapshotPolicy.IsDue(_bytesSinceSnapshot, view.View)))
            SaveIfPossible();
    }

    private void SnapshotIfWorthwhileAtStop()
    {
        if (_published.Latest is { } view && _settings.SnapshotPolicy.IsWorthwhileAtStop(_bytesSinceSnapshot, view.View)) SaveIfPossible();
    }

    /// <summary>
    /// Begins a snapshot of the latest durable View, which the store writes while the engine goes on. Not between a restore's
    /// chunks: it is done when their end is durable. The requests that are remembered go into the journal first, behind the
    /// View, so that a recovery from the snapshot finds them.
    /// </summary>
    private void SaveIfPossible()
    {
        if (_saving is not null || _published.Latest is not { IsInsideRestore: false } view) return;
        _saving = view;
        _bytesAtSave = _bytesSinceSnapshot;
        _savingWaiters.AddRange(_saveWaiters);
        _saveWaiters.Clear();
        if (_state.Requests.Count == 0)
        {
            HandToSnapshotStore(view);
            return;
        }
        Record(new RequestsKept(_state.Requests.ToList()));
        _next.SaveThen = view;
        Flush();
    }

    // The list of requests comes with every snapshot: if it counted, and were longer than the interval, each would call for
    // the next.
    private static bool CountsForSnapshots(JournalEvent happened) => happened is not RequestsKept;

    // Not Eventsourced.SaveSnapshot: that labels with LastSequenceNr, which counts events still on their way.
    private void HandToSnapshotStore(DurableView view) =>
        SnapshotStore.Tell(new Akka.Persistence.SaveSnapshot(new SnapshotMetadata(PersistenceId, view.SequenceNr, view.Time.UtcDateTime), view), Self);

    private void OnSnapshotSaved(SnapshotMetadata metadata)
    {
        if (_saving is not { } saved || metadata.SequenceNr != saved.SequenceNr) return;
        _bytesSinceSnapshot -= _bytesAtSave;
        SnapshotSaved reply = new(_settings.SnapshotPath(PersistenceId, saved.SequenceNr), saved.SequenceNr, saved.View.StateHash);
        _log.Info("{0}: saved {1}", PersistenceId, reply.Path);
        CleanUpBehind(saved);
        EndSave(reply);
    }

    private void OnSnapshotFailed(SnapshotMetadata metadata, Exception cause)
    {
        if (metadata.SequenceNr != _saving?.SequenceNr) return;
        _log.Error(cause, "{0}: the snapshot at sequence number {1} could not be written; the journal has everything", PersistenceId, metadata.SequenceNr);
        // Try again only after as many journal bytes again: a full disk is not helped by writing at every commit.
        _bytesSinceSnapshot -= _bytesAtSave;
        EndSave(new EngineFailure(EngineFailureKind.SnapshotFailed, $"the snapshot could not be written: {cause.Message}; no data is lost, the journal has everything"));
    }

    private void EndSave(object reply)
    {
        foreach (long ticket in _savingWaiters) _gateway.Tell(new Answer(ticket, reply));
        _savingWaiters.Clear();
        _saving = null;
        SnapshotIfDue();
        StopWhenIdle();
    }

    /// <summary>
    /// Valori's own store keeps as many snapshots as it is told to, and reads a new one back where the journal may be dropped.
    /// In another store the newest two are kept, and it is read back from here.
    /// </summary>
    private void CleanUpBehind(DurableView saved)
    {
        if (saved.SequenceNr <= _latestSnapshot) return;
        if (_settings.UsesSnapshotFiles)
        {
            OnSnapshotVerified(saved.SequenceNr);
            return;
        }
        if (_latestSnapshot > 1)
        {
            DeleteSnapshots(new SnapshotSelectionCriteria(_latestSnapshot - 1));
            _cleaning++;
        }
        if (!_settings.DropsJournal)
        {
            _latestSnapshot = saved.SequenceNr;
            return;
        }
        SnapshotStore.Tell(new LoadSnapshot(PersistenceId, new SnapshotSelectionCriteria(saved.SequenceNr), saved.SequenceNr), Self);
        _cleaning++;
    }

    private void OnSnapshotReadBack(SelectedSnapshot? snapshot)
    {
        // Reading one verifies all of it; what is missing or damaged covers nothing.
        if (snapshot is { Snapshot: SnapshotContent content } && content.Header.SequenceNr > _latestSnapshot) OnSnapshotVerified(content.Header.SequenceNr);
        else _log.Warning("{0}: the snapshot that was just written cannot be read back; the journal is kept", PersistenceId);
        OnCleaned("reading a snapshot back", fault: null);
    }

    /// <summary>
    /// Drops the events that the snapshot before this one covers: two snapshots and the journal behind the older one stay, so
    /// that either may be damaged.
    /// </summary>
    private void OnSnapshotVerified(long sequenceNr)
    {
        long covered = _latestSnapshot;
        _latestSnapshot = sequenceNr;
        if (!_settings.DropsJournal || covered == 0) return;
        DeleteMessages(covered);
        _cleaning++;
    }

    private void OnJournalDropped(long toSequenceNr)
    {
        _log.Info("{0}: dropped the events up to {1}, which snapshots cover", PersistenceId, toSequenceNr);
        if (_settings.UsesSqliteFile)
        {
            string directory = _settings.DataDirectory!;
            Task.Run(() => JournalSpace.GiveBack(directory)).PipeTo(Self, success: () => new SpaceGivenBack(null), failure: e => new SpaceGivenBack(Describe.Fault(e)));
            _cleaning++;
        }
        OnCleaned("dropping events", fault: null);
    }

    private void OnCleaned(string what, string? fault)
    {
        if (fault is not null) _log.Warning("{0}: {1} failed: {2}; nothing is lost, it is done with the next snapshot", PersistenceId, what, fault);
        _cleaning--;
        StopWhenIdle();
    }
}
