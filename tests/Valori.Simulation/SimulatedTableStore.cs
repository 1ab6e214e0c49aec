using Akka.Actor;
using Akka.Persistence;
using Valori.Actors.State;
using Valori.Kernel;

namespace Valori.Simulation;

/// <summary>
/// A snapshot store that is not Valori's own, such as a table of a database: the engine itself deletes and reads back. It holds the
/// real bytes, written and read by the kernel. One may end early although it was confirmed, or be read with a flipped bit; then an
/// older one takes its place.
/// </summary>
public sealed class SimulatedTableStore : UntypedActor
{
    private readonly SimulatedDisk _disk = Context.System.Settings.Setup.Get<SimulationSetup>().Value.Disk;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SaveSnapshot save: OnSave(save); break;
            case Store(var save, var bytes, var client): OnStore(save, bytes, client); break;
            case LoadSnapshot load: Sender.Tell(new LoadSnapshotResult(Load(load.Criteria), load.ToSequenceNr)); break;
            case DeleteSnapshots delete: OnDelete(delete); break;
            default: Unhandled(message); break;
        }
    }

    private void OnSave(SaveSnapshot save)
    {
        DurableView view = (DurableView)save.Snapshot;
        MemoryStream bytes = new();
        SnapshotWriter.Write(bytes, view.View, view.ToSnapshotHeader());
        // A step between the beginning and the end of a save, where the process may die.
        Self.Tell(new Store(save, bytes.ToArray(), Sender));
    }

    private void OnStore(SaveSnapshot save, byte[] bytes, IActorRef client)
    {
        if (_disk.IsFull || _disk.Happens(Faults.Writes, 0.05))
        {
            client.Tell(new SaveSnapshotFailure(save.Metadata, new IOException("no space left on device")));
            return;
        }
        // Where events are dropped for it, a snapshot is read back first (the engine asks for it): then it is not lied about.
        bool isTorn = _disk.Happens(Faults.TornSnapshots, 0.1);
        _disk.Snapshots[save.Metadata.SequenceNr] = isTorn ? bytes[.._disk.Choose(bytes.Length)] : bytes;
        client.Tell(new SaveSnapshotSuccess(save.Metadata));
    }

    private SelectedSnapshot? Load(SnapshotSelectionCriteria criteria)
    {
        foreach ((long sequenceNr, byte[] bytes) in _disk.Snapshots.Reverse())
        {
            if (sequenceNr > criteria.MaxSequenceNr || sequenceNr < criteria.MinSequenceNr || bytes.Length == 0) continue;
            try
            {
                SnapshotContent content = SnapshotReader.Read(new MemoryStream(_disk.Read(bytes)), $"snapshot {sequenceNr}");
                return new SelectedSnapshot(new SnapshotMetadata(SimulatedDisk.PersistenceId, sequenceNr, DateTime.UnixEpoch), content);
            }
            catch (CorruptionException)
            {
                // An older one takes its place.
            }
        }
        return null;
    }

    private void OnDelete(DeleteSnapshots delete)
    {
        foreach (long sequenceNr in _disk.Snapshots.Keys.Where(nr => nr <= delete.Criteria.MaxSequenceNr).ToArray()) _disk.Snapshots.Remove(sequenceNr);
        Sender.Tell(new DeleteSnapshotsSuccess(delete.Criteria));
    }

    private sealed record Store(SaveSnapshot Save, byte[] Bytes, IActorRef Client) : INoSerializationVerificationNeeded;
}
