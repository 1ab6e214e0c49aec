using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Entries;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Engine;

internal sealed partial class EngineActor
{
    private readonly List<long> _saveWaiters = [];
    private readonly List<long> _savingWaiters = [];
    private DurableView? _saving;
    private long _bytesSinceSnapshot;
    private long _bytesAtSave;

    // The newest snapshot that was saved, or loaded at the start; 0 for none. Where events are dropped, it was read back too.
    private long _latestSnapshot;

    // Clean-ups after a snapshot that are not finished.
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
    /// chunks, nor while their end is on its way: it is done when that is durable. What a restore forgot was carried out before the View. The
    /// requests that are remembered go into the journal first, after the View, so that a recovery from the snapshot finds them.
    /// </summary>
    private void SaveIfPossible()
    {
        if (MustWaitToSave()) return;
        if (_saving is not null || _published.Latest is not { IsInsideRestore: false } view || view.SequenceNr < _state.LastRestored) return;
        _saving = view;
        _bytesAtSave = _bytesSinceSnapshot;
        _savingWaiters.AddRange(_saveWaiters);
        _saveWaiters.Clear();
        if (_state.Requests.Count == 0)
        {
            HandToSnapshotStore(view);
            return;
        }
        // What is decided and not recorded yet has no receipt to be listed with.
        CloseChanges();
        Record(new RequestsKept(_state.Requests.ToList()));
        _next.SaveThen = view;
        Flush();
    }

    // The list of requests comes with every snapshot: if it counted, and were longer than the interval, each would call for
    // the next.
    private static bool CountsForSnapshots(JournalEvent happened) => happened is not RequestsKept;

    private void HandToSnapshotStore(DurableView view)
    {
        // Events were dropped for that one, and a store that writes over it may leave less.
        if (ReadsSnapshotsBack && view.SequenceNr == _latestSnapshot) ReadBack(view);
        // Not Eventsourced.SaveSnapshot: that labels with LastSequenceNr, which counts events still on their way.
        else SnapshotStore.Tell(new Akka.Persistence.SaveSnapshot(new SnapshotMetadata(PersistenceId, view.SequenceNr, view.Time.UtcDateTime), view), Self);
    }

    // Valori's own store does so before it says that a snapshot is saved.
    private bool ReadsSnapshotsBack => _settings.DropsJournal && !_settings.UsesSnapshotFiles;

    private void ReadBack(DurableView saved) =>
        SnapshotStore.Tell(new LoadSnapshot(PersistenceId, new SnapshotSelectionCriteria(saved.SequenceNr), saved.SequenceNr), Self);

    private void OnSnapshotWritten(SnapshotMetadata metadata)
    {
        if (_saving is not { } saved || metadata.SequenceNr != saved.SequenceNr) return;
        if (ReadsSnapshotsBack) ReadBack(saved);
        else OnSnapshotSaved(saved);
    }

    /// <summary>Reading a snapshot verifies all of it. If the newest is missing or damaged, the store returns an older one, or none.</summary>
    private void OnSnapshotReadBack(SelectedSnapshot? snapshot, Exception? fault)
    {
        if (_saving is not { } saved) return;
        if (snapshot is { Snapshot: SnapshotContent content } && content.Header.SequenceNr == saved.SequenceNr) OnSnapshotSaved(saved);
        else OnSnapshotFailed(saved.SequenceNr, fault ?? new InvalidDataException("what was written cannot be read back"));
    }

    private void OnSnapshotSaved(DurableView saved)
    {
        WriteEnd();
        _bytesSinceSnapshot -= _bytesAtSave;
        (_published.Gauges.BytesSinceSnapshot, _published.Gauges.SnapshotUnixMicroseconds) = (_bytesSinceSnapshot, saved.UnixMicroseconds);
        SnapshotSaved reply = new(_settings.SnapshotPath(PersistenceId, saved.SequenceNr), saved.SequenceNr, saved.View.StateHash);
        _log.Info("{0}: saved {1}", PersistenceId, reply.Path);
        CleanUpBehind(saved);
        EndSave(reply);
    }

    private void OnSnapshotFailed(long sequenceNr, Exception cause)
    {
        if (sequenceNr != _saving?.SequenceNr) return;
        _log.Error(cause, "{0}: the snapshot at sequence number {1} could not be written; what no snapshot has is in the journal", PersistenceId, sequenceNr);
        // Try again only after as many journal bytes again: a full disk is not helped by writing at every commit.
        _bytesSinceSnapshot -= _bytesAtSave;
        EndSave(new EngineFailure(EngineFailureKind.SnapshotFailed, $"the snapshot could not be written: {cause.Message}; no data is lost, what no snapshot has is in the journal"));
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
    /// Two snapshots and the journal after the older one stay, so that either may be damaged. Of Valori's own files the store
    /// keeps as many as it is told to; of another store the older ones are deleted from here.
    /// </summary>
    private void CleanUpBehind(DurableView saved)
    {
        long covered = _latestSnapshot;
        if (saved.SequenceNr <= covered) return;
        _latestSnapshot = saved.SequenceNr;
        if (!_settings.UsesSnapshotFiles && covered > 1)
        {
            DeleteSnapshots(new SnapshotSelectionCriteria(covered - 1));
            _cleaning++;
        }
        if (_settings.DropsJournal && covered > 0)
        {
            DeleteMessages(covered);
            _cleaning++;
        }
    }

    private void OnJournalDropped(long toSequenceNr)
    {
        _log.Info("{0}: dropped the events up to {1}, which snapshots cover", PersistenceId, toSequenceNr);
        if (_settings.UsesSqliteFile)
        {
            string journal = ReferenceConfig.SqliteConnectionString(_settings.DataDirectory!);
            Task.Run(() => JournalSpace.GiveBack(journal)).PipeTo(Self, success: () => new SpaceGivenBack(null), failure: e => new SpaceGivenBack(Describe.Fault(e)));
            _cleaning++;
        }
        OnCleaned("dropping events", fault: null);
    }

    private void OnCleaned(string what, string? fault)
    {
        if (fault is not null) _log.Warning("{0}: {1} failed: {2}; nothing is lost; it is retried with the next snapshot", PersistenceId, what, fault);
        _cleaning--;
        StopWhenIdle();
    }
}
