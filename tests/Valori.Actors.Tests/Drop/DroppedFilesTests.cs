using System.Text;
using Akka.Actor;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Drop;

/// <summary>What a drop does to the files of a data directory, with a journal on SQLite.</summary>
[Trait("Category", "Slow")]
public sealed class DroppedFilesTests : IDisposable
{
    private readonly SqliteBackend _backend = new(DroppedCollection.Directory);
    private readonly DroppedCollection _dropped;

    public DroppedFilesTests() => _dropped = new DroppedCollection(_backend);

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task Content_of_a_dropped_collection_is_in_no_byte_of_any_file()
    {
        await _dropped.WriteAsync();
        Assert.True(Holds("journal.db", DroppedCollection.Secret));
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name);
        // In the log alone, until it is folded.
        await notes.SetMetadataAsync(new RecordId(7), Encoding.UTF8.GetBytes($"{DroppedCollection.Secret}, in the log"));
        await notes.DropAsync();
        await DroppedCollection.StopAsync(system);
        foreach (string path in Directory.GetFiles(_dropped.DirectoryPath, "*", SearchOption.AllDirectories))
            Assert.False(Holds(Path.GetRelativePath(_dropped.DirectoryPath, path), DroppedCollection.Secret), path);
        Assert.True(Holds("journal.db", "what stays"));
    }

    [Fact]
    public async Task The_space_is_used_again_and_the_file_shrinks_if_events_are_dropped_from_it()
    {
        const string drops = "valori.journal-retention = snapshots";
        await _dropped.WriteAsync(drops);
        ActorSystem system = _dropped.Start(drops);
        ValoriExtension valori = ValoriExtension.Get(system);
        long before = await GrowAsync(valori), grown = Length();
        Assert.InRange(grown, before + (10 << 20), long.MaxValue);
        await valori.DropAsync("large");
        Assert.InRange(Length(), 1, before + (1 << 20));
        Assert.Equal([DroppedCollection.Name, DroppedCollection.Other], await valori.ListAsync());
        await DroppedCollection.StopAsync(system);

        async Task<long> GrowAsync(ValoriExtension on)
        {
            long at = Length();
            ValoriEngine large = await on.OpenAsync("large", schema: 1024);
            for (int i = 0; i < 4; i++) await large.InsertBatchAsync(new float[2_000 * 1024], new ulong[2_000]);
            await on.OpenAsync(DroppedCollection.Other);
            return at;
        }

        // The file with its log: how much of it is folded by now does not matter.
        long Length() => Directory.GetFiles(_dropped.DirectoryPath, "journal.db*").Where(path => !path.EndsWith("-shm", StringComparison.Ordinal)).Sum(path => new FileInfo(path).Length);
    }

    /// <summary>A save of a snapshot that is still being written when its collection is dropped must not leave one for the next collection.</summary>
    [Fact]
    public async Task A_snapshot_that_is_still_being_written_does_not_outlive_its_collection()
    {
        await _dropped.WriteAsync();
        ActorSystem system = _dropped.Start($"valori.snapshot-store.class = \"{typeof(FaultyFileStore).AssemblyQualifiedName}\"");
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine notes = await valori.OpenAsync(DroppedCollection.Name);
        await notes.InsertAsync(new float[DroppedCollection.Dimension]);
        using ManualResetEventSlim written = new(), reached = new();
        FaultyFiles.Of(system).BeforeCreate = () =>
        {
            reached.Set();
            written.Wait();
        };
        Task<Exception?> save = Record.ExceptionAsync(() => notes.SaveAsync());
        Assert.True(await Task.Run(() => reached.Wait(TimeSpan.FromSeconds(60))));
        Task drop = notes.DropAsync();
        RefusedException refused = Assert.IsType<RefusedException>(await save.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("collection 'notes' was dropped", refused.Message);
        Assert.False(drop.IsCompleted);
        written.Set();
        await drop.WaitAsync(TimeSpan.FromSeconds(60));
        await _dropped.AssertGoneAsync(valori);
        await DroppedCollection.AssertNameIsFreeAsync(valori);
        await DroppedCollection.StopAsync(system);
    }

    [Fact]
    public async Task Other_collections_are_written_while_a_large_one_goes()
    {
        ActorSystem system = _dropped.Start();
        ValoriExtension valori = ValoriExtension.Get(system);
        ValoriEngine large = await valori.OpenAsync("large", schema: 1024), other = await valori.OpenAsync(DroppedCollection.Other, DroppedCollection.Dimension);
        for (int i = 0; i < 12; i++) await large.InsertBatchAsync(new float[2_000 * 1024], new ulong[2_000]);
        Task drop = valori.DropAsync("large");
        int meanwhile = 0;
        while (!drop.IsCompleted)
        {
            await other.InsertAsync(new float[DroppedCollection.Dimension]);
            meanwhile++;
        }
        await drop;
        Assert.True(meanwhile > 3, $"{meanwhile} commands were carried out while 50 MB were dropped");
        EngineStatus status = await other.StatusAsync();
        await DroppedCollection.StopAsync(system);
        ActorSystem again = _dropped.Start();
        Assert.Equal(status, await (await ValoriExtension.Get(again).OpenAsync(DroppedCollection.Other, create: false)).StatusAsync());
        await DroppedCollection.StopAsync(again);
    }

    [Fact]
    public async Task A_directory_is_enough_to_drop_and_what_is_not_there_leaves_no_trace()
    {
        await _dropped.WriteAsync();
        await ValoriEngine.DropAsync(_dropped.DirectoryPath, DroppedCollection.Name, _backend.Configuration);
        RefusedException missing = await Assert.ThrowsAsync<RefusedException>(() => ValoriEngine.DropAsync(_dropped.DirectoryPath, DroppedCollection.Name, _backend.Configuration));
        Assert.Equal((RefusalKind.NotFound, "collection 'notes' does not exist"), (missing.Refusal.Kind, missing.Message));
        string nowhere = _backend.DirectoryOf("nowhere");
        missing = await Assert.ThrowsAsync<RefusedException>(() => ValoriEngine.DropAsync(nowhere, "default", _backend.Configuration));
        Assert.Equal($"collection 'default' does not exist: the directory {nowhere} does not exist", missing.Message);
        Assert.False(Directory.Exists(nowhere));
        await Assert.ThrowsAsync<RefusedException>(() => ValoriEngine.DropAsync(nowhere, "No Name", _backend.Configuration));
        ActorSystem system = _dropped.Start();
        await _dropped.AssertGoneAsync(ValoriExtension.Get(system));
        await DroppedCollection.StopAsync(system);
    }

    private bool Holds(string file, string text)
    {
        using FileStream stream = new(Path.Combine(_dropped.DirectoryPath, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }
}
