using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Queries;

/// <summary>Two engines find where they differ by their Merkle trees.</summary>
public sealed class ComparisonTests : IDisposable
{
    private readonly SqliteBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task Engines_with_the_same_content_are_equal_whatever_the_way_to_it()
    {
        await using ValoriEngine a = await OpenAsync("a"), b = await OpenAsync("b");
        await a.InsertBatchAsync([new float[] { 1, 1 }, new float[] { 2, 2 }]);
        await b.InsertAsync(new float[] { 1, 1 });
        await b.InsertAsync(new float[] { 2, 2 });
        Comparison comparison = await a.CompareAsync(b);
        Assert.Empty(comparison.Differences);
        Assert.Equal((true, 0L), (comparison.IsComplete, comparison.DigestsRead));
        Assert.Equal(((await a.StatusAsync()).Place, (await b.StatusAsync()).Place), (comparison.This, comparison.Other));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_difference_is_found_for_a_few_digests_each(int seed)
    {
        const int records = 5_000;
        Random random = new(seed);
        await using ValoriEngine a = await OpenAsync("a"), b = await OpenAsync("b");
        foreach (ValoriEngine engine in new[] { a, b })
        {
            await engine.InsertBatchAsync(new float[2 * records], new ulong[records]);
            for (int i = 0; i < 40; i++) await engine.CreateNodeAsync(NodeKind.Chunk, new RecordId((ulong)i));
            for (int i = 0; i < 30; i++) await engine.CreateEdgeAsync(new NodeId((ulong)i), new NodeId((ulong)i + 1), EdgeKind.RefersTo);
        }
        SortedSet<ulong> changed = [];
        while (changed.Count < 9) changed.Add((ulong)random.Next(records));
        foreach (ulong id in changed)
        {
            ValoriEngine one = random.Next(2) == 0 ? a : b;
            if (random.Next(2) == 0) await one.SoftDeleteAsync(new RecordId(id));
            else await one.SetMetadataAsync(new RecordId(id), new byte[] { 1 });
        }
        await b.DeleteNodeAsync(new NodeId(7)); // and the edges 6 and 7
        await a.InsertBatchAsync(new float[2 * 3], new ulong[3]);
        await b.CreateNodeAsync(NodeKind.Document);

        List<Difference> expected =
        [
            .. changed.Select(id => new Difference(ContentKind.Record, id, DifferenceKind.Content)),
            .. Enumerable.Range(records, 3).Select(id => new Difference(ContentKind.Record, (ulong)id, DifferenceKind.OnlyInThis)),
            new Difference(ContentKind.Node, 7, DifferenceKind.Content), new Difference(ContentKind.Node, 40, DifferenceKind.OnlyInOther),
            new Difference(ContentKind.Edge, 6, DifferenceKind.Content), new Difference(ContentKind.Edge, 7, DifferenceKind.Content),
        ];
        Comparison comparison = await a.CompareAsync(b);
        Assert.True(expected.SequenceEqual(comparison.Differences), $"seed {seed}: {string.Join(", ", comparison.Differences)}");
        Assert.True(comparison.IsComplete);
        // Two digests in each engine for every level above every difference, and one round over the largest subtrees.
        Assert.InRange(comparison.DigestsRead, 1, 4 * 13 * (changed.Count + 3) + 2 * 3 * 13);

        for (int limit = 1; limit < expected.Count; limit++)
        {
            Comparison part = await a.CompareAsync(b, limit);
            Assert.False(part.IsComplete, $"seed {seed}, limit {limit}");
            Assert.Equal(limit, part.Differences.Count);
            Assert.Subset(expected.ToHashSet(), part.Differences.ToHashSet());
        }
        Assert.True((await a.CompareAsync(b, expected.Count)).IsComplete);
        Assert.Equal(RefusalKind.InvalidArgument, (await Assert.ThrowsAsync<RefusedException>(() => a.CompareAsync(b, 0))).Refusal.Kind);
    }

    [Fact]
    public async Task Writes_meanwhile_do_not_show()
    {
        await using ValoriEngine a = await OpenAsync("a"), b = await OpenAsync("b");
        await a.InsertBatchAsync(new float[2 * 3_000], new ulong[3_000]);
        await b.InsertBatchAsync(new float[2 * 3_000], new ulong[3_000]);
        await b.SoftDeleteAsync(new RecordId(77));
        using CancellationTokenSource enough = new();
        Task writer = Task.Run(async () =>
        {
            for (ulong id = 1_000; !enough.IsCancellationRequested && id < 3_000; id++) await a.SoftDeleteAsync(new RecordId(id));
        });
        for (int i = 0; i < 10; i++)
        {
            Comparison comparison = await a.CompareAsync(b, limit: 5_000);
            ulong deleted = 3_000 - await a.RecordCountAsync(AsOf.SequenceNr(comparison.This.SequenceNr));
            Assert.Equal([77UL, .. Enumerable.Range(1_000, (int)deleted).Select(id => (ulong)id)], comparison.Differences.Select(difference => difference.Id));
        }
        await enough.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task An_engine_that_cannot_answer_is_an_answer()
    {
        await using ValoriEngine a = await OpenAsync("a");
        ValoriEngine b = await OpenAsync("b");
        await b.DisposeAsync();
        EngineException failed = await Assert.ThrowsAsync<EngineException>(() => a.CompareAsync(b));
        Assert.Equal(EngineFailureKind.Stopped, failed.Kind);
        Assert.Equal(0UL, await a.RecordCountAsync());
    }

    private Task<ValoriEngine> OpenAsync(string name) => _backend.OpenAsync(dimension: 2, name: name, more: "valori.request-timeout = 5s");
}
