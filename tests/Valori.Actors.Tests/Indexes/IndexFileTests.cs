namespace Valori.Actors.Tests.Indexes;

/// <summary>A graph outlives its process in a file, which is never trusted and never missed.</summary>
public sealed class IndexFileTests : IDisposable
{
    private readonly IndexedCollection _collection = new();

    public void Dispose() => _collection.Dispose();

    [Fact]
    public async Task After_a_restart_the_graph_comes_from_its_file_and_is_used_without_being_asked_for()
    {
        (IndexedGraph before, IReadOnlyList<SearchHit> hits) = await WriteAsync();
        DateTime written = File.GetLastWriteTimeUtc(_collection.GraphPath);
        await using ValoriEngine engine = await _collection.OpenAsync();
        Assert.Equal(before, (await IndexedCollection.ReadyAsync(engine)).Graph);
        SearchHits again = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 10));
        Assert.Equal((before.Digest, written), (again.Answered!.Graph!.Digest, File.GetLastWriteTimeUtc(_collection.GraphPath)));
        Assert.Equal(hits, again.Hits);
    }

    [Fact]
    public async Task A_file_that_is_missing_or_damaged_or_cut_off_is_replaced_by_the_same_graph()
    {
        (IndexedGraph before, _) = await WriteAsync();
        byte[] whole = File.ReadAllBytes(_collection.GraphPath);
        byte[] flipped = [.. whole];
        flipped[whole.Length / 2] ^= 1;
        foreach (byte[]? bytes in new[] { null, flipped, whole[..^1], [], [.. whole, 0] })
        {
            if (bytes is null) File.Delete(_collection.GraphPath);
            else File.WriteAllBytes(_collection.GraphPath, bytes);
            await using (ValoriEngine engine = await _collection.OpenAsync())
            {
                Assert.Equal(before with { Bytes = 0 }, (await IndexedCollection.ReadyAsync(engine)).Graph! with { Bytes = 0 });
                await SavedAsync(engine);
            }
            Assert.Equal(whole, File.ReadAllBytes(_collection.GraphPath));
        }
    }

    [Fact]
    public async Task The_file_of_another_content_is_not_used_and_goes()
    {
        (IndexedGraph before, _) = await WriteAsync();
        using IndexedCollection other = new();
        await using (ValoriEngine engine = await other.OpenAsync()) await engine.InsertBatchAsync(IndexedCollection.Rows(600, 99));
        Directory.CreateDirectory(Path.GetDirectoryName(other.GraphPath)!);
        File.Copy(_collection.GraphPath, other.GraphPath);
        await using ValoriEngine reopened = await other.OpenAsync();
        Assert.NotEqual(before.Digest, (await IndexedCollection.ReadyAsync(reopened)).Graph!.Digest);
    }

    [Fact]
    public async Task Two_engines_with_the_same_journal_have_the_same_graph()
    {
        IndexedGraph? asked;
        using TemporaryDirectory copy = new();
        await using (ValoriEngine engine = await _collection.OpenAsync()) await engine.InsertBatchAsync(IndexedCollection.Rows(600, 1));
        File.Copy(Path.Combine(_collection.Path, "journal.db"), copy.File("journal.db"));
        await using (ValoriEngine engine = await _collection.OpenAsync("valori.index.threads = 1")) asked = (await IndexedCollection.ReadyAsync(engine)).Graph;
        await using ValoriEngine second = await IndexedCollection.OpenAsync(copy.Path, "valori.index.threads = 5");
        Assert.Equal(asked, (await IndexedCollection.ReadyAsync(second)).Graph);
    }

    [Fact]
    public async Task A_restore_to_other_content_takes_the_graph_away_and_another_one_is_built()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        using IndexedCollection other = new();
        await using ValoriEngine source = await other.OpenAsync();
        await source.InsertBatchAsync(IndexedCollection.Rows(700, 5));
        string snapshot = await source.SaveAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(600, 1));
        IndexedGraph before = (await IndexedCollection.ReadyAsync(engine)).Graph!;

        await engine.RestoreAsync(File.OpenRead(snapshot));
        SearchHits hits = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 5));
        Assert.NotEqual(before.Digest, hits.Answered!.Graph?.Digest);
        IndexedGraph after = (await IndexedCollection.ReadyAsync(engine)).Graph!;
        Assert.Equal((700UL, await engine.GetStateHashAsync()), (after.Boundary, after.StateHash));
        Assert.Equal(after with { Bytes = 0 }, (await IndexedCollection.ReadyAsync(source)).Graph! with { Bytes = 0 });
    }

    [Fact]
    public async Task A_dropped_collection_leaves_no_file_and_the_next_of_its_name_starts_without_a_graph()
    {
        await WriteAsync();
        await ValoriEngine.DropAsync(_collection.Path, "notes");
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_collection.GraphPath)!));
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(300, 2));
        Assert.Null((await engine.IndexStatusAsync()).Graph);
    }

    [Fact]
    public async Task What_a_killed_process_left_half_written_is_deleted_at_the_next_start()
    {
        (IndexedGraph before, _) = await WriteAsync();
        string left = $"{_collection.GraphPath}.0123456789abcdef.tmp";
        File.WriteAllBytes(left, File.ReadAllBytes(_collection.GraphPath)[..1_000]);
        await using ValoriEngine engine = await _collection.OpenAsync();
        Assert.False(File.Exists(left));
        Assert.Equal(before.Digest, (await IndexedCollection.ReadyAsync(engine)).Graph!.Digest);
    }

    [Fact]
    public async Task With_other_parameters_another_graph_is_built()
    {
        (IndexedGraph before, _) = await WriteAsync();
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_collection.Path, new ValoriOptions
        {
            Name = "notes",
            Configuration = Akka.Configuration.ConfigurationFactory.ParseString("valori.index { min-records = 200, degree = 12 }"),
        });
        Assert.NotEqual(before.Digest, (await IndexedCollection.ReadyAsync(engine)).Graph!.Digest);
    }

    private async Task<(IndexedGraph Graph, IReadOnlyList<SearchHit> Hits)> WriteAsync()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(600, 1));
        IndexedGraph graph = (await IndexedCollection.ReadyAsync(engine)).Graph!;
        await SavedAsync(engine);
        return (graph, await engine.SearchAsync(IndexedCollection.Near(engine, new float[8], 10)));
    }

    /// <summary>Waits until the graph has its file, which is there whole as soon as it has its name.</summary>
    private async Task SavedAsync(ValoriEngine engine)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (!File.Exists(_collection.GraphPath) || Directory.GetFiles(Path.GetDirectoryName(_collection.GraphPath)!).Length > 1)
        {
            Assert.Null((await engine.IndexStatusAsync(limit.Token)).Reason);
            await Task.Delay(5, limit.Token);
        }
    }
}
