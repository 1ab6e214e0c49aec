using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;

namespace Valori.Actors.Engine;

internal sealed partial class EngineActor
{
    private readonly List<long> _saveWaiters = [];
    private readonly List<long> _savingWaiters = [];
    private DurableView? _saving;
    private long _bytesSinceSnapshot;
    private long _bytesAtSave;
    private long _latestSnapshot;
    private bool _isForgetting;

    private void RequestSnapshot(long ticket)
    {
        _saveWaiters.Add(ticket);
        SaveIfPossible();
    }

    private void SnapshotIfDue()
    {
        if (_saveWaiters.Count > 0 || _bytesSinceSnapshot >= _settings.SnapshotAfterJournalBytes) SaveIfPossible();
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

    // Not Eventsourced.SaveSnapshot: that labels with LastSequenceNr, which counts events still on their way.
    private void HandToSnapshotStore(DurableView view) =>
        SnapshotStore.Tell(new Akka.Persistence.SaveSnapshot(new SnapshotMetadata(PersistenceId, view.SequenceNr, view.Time.UtcDateTime), view), Self);

    private void OnSnapshotSaved(SnapshotMetadata metadata)
    {
        if (_saving is not { } saved || metadata.SequenceNr != saved.SequenceNr) return;
        _bytesSinceSnapshot -= _bytesAtSave;
        SnapshotSaved reply = new(_settings.SnapshotPath(PersistenceId, saved.SequenceNr), saved.SequenceNr, saved.View.StateHash);
        _log.Info("{0}: saved {1}", PersistenceId, reply.Path);
        ForgetOlderSnapshots(saved.SequenceNr);
        EndSave(reply);
    }

    /// <summary>Valori's own store keeps as many as it is told to. In another one the newest two are kept.</summary>
    private void ForgetOlderSnapshots(long newest)
    {
        if (!_settings.UsesSnapshotFiles && _latestSnapshot is > 1 and var previous && previous < newest)
        {
            DeleteSnapshots(new SnapshotSelectionCriteria(previous - 1));
            _isForgetting = true;
        }
        _latestSnapshot = newest;
    }

    private void OnOlderSnapshotsForgotten(Exception? fault)
    {
        if (fault is not null) _log.Warning("{0}: older snapshots could not be deleted: {1}", PersistenceId, Describe.Fault(fault));
        _isForgetting = false;
        StopWhenIdle();
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
}
