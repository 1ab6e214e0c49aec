using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Files;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Protocol;
using SaveSnapshot = Akka.Persistence.SaveSnapshot;

namespace Valori.Actors.Tests.Snapshots;

/// <summary>Takes the memory and the disk for itself while it runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>A snapshot of more bytes than an array can have: the store streams it in both directions.</summary>
[Collection(AloneCollection.Name)]
[Trait("Category", "Slow")]
public sealed class LargeSnapshotTests
{
    private const int Records = 33_000;
    private const long NeededMemoryBytes = 8L << 30, NeededDiskBytes = 6L << 30;

    // Buffers and what Akka allocates by the way: far from the snapshot's 2 GiB.
    private const long MostAllocatedBytes = 64L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [SkippableFact]
    public async Task A_snapshot_of_more_than_2_GiB_is_saved_and_loaded_by_the_file_store_as_a_stream()
    {
        using TemporaryDirectory directory = new();
        SkipWhereTooSmall(directory.Path);
        const string persistenceId = "valori-large";
        Config config = ConfigurationFactory.ParseString($$"""
            akka.loglevel = WARNING
            valori.data-directory = {{ReferenceConfig.Quote(directory.Path)}}
            """);
        using ActorSystem system = ActorSystem.Create("large", config);
        system.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(system.Settings.Config));
        IActorRef store = Persistence.Instance.Apply(system).SnapshotStoreFor("valori.snapshot-store");

        Digest written = await SaveAsync(store, persistenceId);
        string path = SnapshotFiles.PathOf(SnapshotFiles.DirectoryIn(directory.Path), persistenceId, Records);
        Assert.InRange(new FileInfo(path).Length, (1L << 31) + 1, long.MaxValue);

        GC.Collect(); // the state that was saved, before another one of its size is read
        object answer = await store.Ask(new LoadSnapshot(persistenceId, SnapshotSelectionCriteria.Latest, long.MaxValue), Patience);
        SnapshotContent loaded = Assert.IsType<SnapshotContent>(Assert.IsType<LoadSnapshotResult>(answer).Snapshot.Snapshot);
        // The reader has computed the state hash anew from the content.
        Assert.Equal((written, Records), (loaded.Kernel.StateHash, loaded.Header.SequenceNr));
        Assert.Equal(Metadata(Records - 1), loaded.Kernel.TakeView().GetMetadata(new RecordId(Records - 1)).Value!.Bytes!.Value.ToArray());
        await system.Terminate();
    }

    /// <summary>What another snapshot store does first.</summary>
    [SkippableFact]
    public void A_snapshot_of_more_bytes_than_an_array_can_have_is_refused_where_it_must_become_one()
    {
        using TemporaryDirectory directory = new();
        SkipWhereTooSmall(directory.Path);
        using ActorSystem system = ActorSystem.Create("large");
        ValoriSerializer serializer = new((ExtendedActorSystem)system);
        SerializationException refused = Assert.Throws<SerializationException>(() => serializer.ToBinary(DurableViewOf(BuildView())));
        Assert.Contains("does not fit into the 2147483591 bytes of an array", refused.Message);
    }

    private static DurableView DurableViewOf(View built)
    {
        History history = new();
        while (history.SequenceNr < Records) history.Extend(unixMicroseconds: 1, built.StateHash, built.Version);
        return new DurableView(built, history, Records, UnixMicroseconds: 1, history.Chain, ReachSequenceNr: 1, MemoryBytes: 0, IsInsideRestore: false);
    }

    /// <summary>A method of its own, so that nothing holds the state afterwards.</summary>
    private static async Task<Digest> SaveAsync(IActorRef store, string persistenceId)
    {
        DurableView view = DurableViewOf(BuildView());
        long before = GC.GetTotalAllocatedBytes(precise: true);
        object answer = await store.Ask(new SaveSnapshot(new SnapshotMetadata(persistenceId, Records, DateTime.UnixEpoch), view), Patience);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.IsType<SaveSnapshotSuccess>(answer);
        Assert.True(allocated < MostAllocatedBytes, $"saving allocated {allocated} bytes");
        return view.View.StateHash;
    }

    private static View BuildView()
    {
        ValoriKernel kernel = new(dimension: 1);
        Apply(kernel, new InsertRecords(VectorBlock.FromComponents(1, new float[Records]).Value!, new ulong[Records]));
        for (int record = 0; record < Records; record++) Apply(kernel, new SetMetadata(new RecordId((ulong)record), Metadata(record)));
        return kernel.TakeView();
    }

    private static byte[] Metadata(int record)
    {
        byte[] metadata = new byte[Limits.MaximumMetadataBytes];
        BitConverter.TryWriteBytes(metadata, record);
        return metadata;
    }

    private static void Apply(ValoriKernel kernel, Command command)
    {
        Outcome<Event> outcome = kernel.Decide(command);
        kernel.Apply(outcome.Value ?? throw new InvalidOperationException(outcome.Refusal!.Message));
    }

    private static void SkipWhereTooSmall(string path)
    {
        GC.Collect(); // what is known of the memory dates from the last collection
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        long freeMemory = memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes;
        Skip.If(freeMemory < NeededMemoryBytes, $"{freeMemory >> 20} MiB of memory are free; the test needs {NeededMemoryBytes >> 20}");
        long freeDisk = new DriveInfo(path).AvailableFreeSpace;
        Skip.If(freeDisk < NeededDiskBytes, $"{freeDisk >> 20} MiB of disk are free; the test needs {NeededDiskBytes >> 20}");
    }
}
