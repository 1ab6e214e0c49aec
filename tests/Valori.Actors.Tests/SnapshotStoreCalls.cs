using Akka.Actor;
using Akka.Persistence;
using Valori.Actors.Engine;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Tests;

/// <summary>What an engine asks of a snapshot store, for an empty engine at event 1.</summary>
internal static class SnapshotStoreCalls
{
    public const string PersistenceId = "valori-test";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task<object> SaveAsync(IActorRef store)
    {
        ValoriKernel kernel = new(2);
        History history = new();
        history.Extend(1, kernel.StateHash, kernel.Mark());
        DurableView view = new(kernel.TakeView(), history, 1, 1, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false);
        return store.Ask(new SaveSnapshot(new SnapshotMetadata(PersistenceId, 1, DateTime.UnixEpoch), view), Patience);
    }

    /// <summary>The event of the newest snapshot that is there, or null where none is.</summary>
    public static async Task<long?> NewestAsync(IActorRef store)
    {
        object answer = await store.Ask(new LoadSnapshot(PersistenceId, SnapshotSelectionCriteria.Latest, long.MaxValue), Patience);
        return Assert.IsType<LoadSnapshotResult>(answer).Snapshot is { } found ? Assert.IsType<SnapshotContent>(found.Snapshot).Header.SequenceNr : null;
    }
}
