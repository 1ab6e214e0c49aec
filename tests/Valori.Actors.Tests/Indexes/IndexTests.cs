using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Tests.Indexes;

/// <summary>The graph of a collection is built beside it, and answers searches that may be approximate.</summary>
public sealed class IndexTests : IDisposable
{
    private readonly IndexedCollection _collection = new();

    public void Dispose() => _collection.Dispose();

    [Fact]
    public async Task After_a_wait_searches_are_answered_through_a_graph_of_all_records_and_say_which()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(1_000, 1));
        IndexStatus status = await IndexedCollection.ReadyAsync(engine);
        Assert.Equal((1_000UL, 1_000UL, 0UL, await engine.GetStateHashAsync()), (status.Graph!.Boundary, status.Graph.Records, status.Graph.Uncovered, status.Graph.StateHash));
        Random random = new(2);
        int found = 0;
        for (int i = 0; i < 20; i++)
        {
            float[] vector = IndexedCollection.Vector(random, 4);
            SearchHits near = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, vector, 10), withReceipt: true);
            Assert.Equal(new SearchAnswered(new GraphUse(status.Graph.Digest, status.Graph.StateHash, 1_000, 64), null), near.Answered);
            Assert.Equal(SearchDigest.Compute(near.Receipt!.StateHash, IndexedCollection.Near(engine, vector, 10), near.Hits, near.Answered!.Graph), near.Receipt.Digest);
            Assert.Equal("proximity graph", near.Plan!.Index);
            IReadOnlyList<SearchHit> all = await engine.SearchAsync(vector, 1_000);
            Assert.Equal(10, near.Hits.Count);
            Assert.Subset(all.ToHashSet(), near.Hits.ToHashSet());
            found += all.Take(10).Intersect(near.Hits).Count();
        }
        Assert.InRange(found, 180, 200);
        SearchHitsBatch batch = await engine.ExplainSearchBatchAsync(engine.QueryOf([IndexedCollection.Vector(random, 4), IndexedCollection.Vector(random, 4)], 3) with { Mode = SearchMode.Approximate() });
        Assert.NotNull(batch.Answered!.Graph);
        Assert.Equal("proximity graph", batch.Plan!.Index);
        Assert.All(batch.Hits, hits => Assert.Equal(3, hits.Count));
        Assert.NotNull((await engine.SearchSubgraphAsync(IndexedCollection.Near(engine, new float[8], 3))).Answered!.Graph);
        Assert.NotNull((await engine.ExplainSearchExpandAsync(IndexedCollection.Near(engine, new float[8], 3), 1)).Answered!.Graph);
        Assert.Null((await engine.SearchWithReceiptAsync(new float[8], 3)).Answered);
    }

    [Fact]
    public async Task Records_that_came_after_the_graph_are_found_and_deleted_ones_never_come_back()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(500, 1));
        await IndexedCollection.ReadyAsync(engine);
        float[] place = [9, 9, 9, 9, 9, 9, 9, 9];
        RecordId late = await engine.InsertAsync(place);
        Assert.Equal(late, (await engine.SearchAsync(IndexedCollection.Near(engine, place, 1)))[0].Id);
        long before = (await engine.StatusAsync()).SequenceNr;

        RecordId[] gone = [.. (await engine.SearchAsync(IndexedCollection.Near(engine, new float[8], 50))).Select(hit => hit.Id)];
        foreach (RecordId id in gone) await engine.SoftDeleteAsync(id);
        SearchHits after = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 50));
        Assert.NotNull(after.Answered!.Graph);
        Assert.Equal(50, after.Hits.Count);
        Assert.Empty(after.Hits.Select(hit => hit.Id).Intersect(gone));
        SearchHits past = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 50), asOf: AsOf.SequenceNr(before));
        Assert.NotNull(past.Answered!.Graph);
        Assert.Equal(gone, past.Hits.Select(hit => hit.Id));
        // Before the graph's own state too: a later record is no hit.
        SearchHits first = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, place, 1), asOf: AsOf.SequenceNr(2));
        Assert.NotEqual(late, first.Hits[0].Id);
    }

    [Fact]
    public async Task With_any_filter_there_are_as_many_hits_as_an_exact_search_has_and_all_of_them_match()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        const int records = 2_000;
        await engine.InsertBatchAsync(IndexedCollection.Rows(records, 1));
        await IndexedCollection.ReadyAsync(engine);
        // From half of the records to one; on what the place depends on and on what it does not; with an index and without one.
        Filter[] filters =
        [
            Filter.Ge("n", records / 2), Filter.Lt("n", records / 10), Filter.Lt("n", 20), Filter.Eq("n", 3), Filter.Lt("n", 0), Filter.Eq("cluster", 4),
            Filter.In("cluster", 0, 1, 2, 3, 4), !Filter.Eq("cluster", 4), Filter.Eq("cluster", 4) & Filter.Lt("n", 100),
        ];
        Random random = new(3);
        HashSet<bool> ways = [];
        foreach (Filter filter in filters)
        {
            for (int i = 0; i < 8; i++)
            {
                float[] vector = IndexedCollection.Vector(random, 4);
                SearchQuery exact = engine.QueryOf(vector, 10) with { Filter = filter };
                IReadOnlyList<SearchHit> all = await engine.SearchAsync(exact with { K = records });
                SearchHits near = await engine.ExplainSearchAsync(exact with { Mode = i % 2 == 0 ? SearchMode.Approximate(16) : SearchMode.Auto(16) });
                Assert.Equal(Math.Min(10, all.Count), near.Hits.Count);
                Assert.Subset(all.ToHashSet(), near.Hits.ToHashSet());
                ways.Add(near.Answered!.Graph is not null);
                if (near.Answered.Graph is null) Assert.Equal(all.Take(10), near.Hits);
            }
        }
        Assert.Equal(2, ways.Count);
    }

    [Fact]
    public async Task With_a_limit_of_the_distance_no_hit_within_it_is_missing()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(500, 1));
        await IndexedCollection.ReadyAsync(engine);
        double limit = (await engine.SearchAsync(new float[8], 40))[39].Distance;
        SearchQuery exact = engine.QueryOf(new float[8], 400, maximumDistance: limit);
        IReadOnlyList<SearchHit> all = await engine.SearchAsync(exact);
        Assert.InRange(all.Count, 40, 60);
        Assert.Equal(all, await engine.SearchAsync(exact with { Mode = SearchMode.Approximate(8) }));
    }

    [Fact]
    public async Task More_hits_than_a_walk_keeps_are_searched_for_exactly()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(SearchMode.MaximumBeam + 1, 1));
        await IndexedCollection.ReadyAsync(engine);
        SearchHits most = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], SearchMode.MaximumBeam));
        Assert.Equal((SearchMode.MaximumBeam, true), (most.Hits.Count, most.Answered!.Graph is not null || most.Answered.ExactBecause!.StartsWith("fewer records", StringComparison.Ordinal)));
        SearchHits more = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], SearchMode.MaximumBeam) with { Offset = 1 });
        Assert.Equal((SearchMode.MaximumBeam, "a walk keeps at most 4096 candidates, and 4097 hits are asked for"), (more.Hits.Count, more.Answered!.ExactBecause));
    }

    [Fact]
    public async Task The_first_search_that_could_use_a_graph_has_it_built_and_others_do_not()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(300, 1));
        await engine.SearchAsync(new float[8], 3);
        IndexStatus status = await engine.IndexStatusAsync();
        Assert.Equal((false, null, "the proximity graph was not asked for before"), (status.IsReady, status.Graph, status.Reason));
        SearchHits first = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 3));
        Assert.Equal(("the proximity graph was not asked for before", 3), (first.Answered!.ExactBecause, first.Hits.Count));
        await IndexUntilAsync(engine, found => found.Graph is not null);
        Assert.NotNull((await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 3))).Answered!.Graph);
    }

    [Fact]
    public async Task Few_records_are_searched_exactly_and_a_wait_for_their_graph_ends_at_once()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        await engine.InsertBatchAsync(IndexedCollection.Rows(10, 1));
        IndexStatus status = await engine.WaitForIndexAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(new IndexStatus(true, null, null, "the collection has fewer than 200 records (valori.index.min-records)"), status);
        Assert.Equal(status.Reason, (await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 3))).Answered!.ExactBecause);
    }

    [Fact]
    public async Task Without_an_index_by_setting_nothing_is_built_and_a_wait_says_so_at_once()
    {
        await using ValoriEngine engine = await _collection.OpenAsync("valori.index.build = never");
        await engine.InsertBatchAsync(IndexedCollection.Rows(300, 1));
        IndexStatus status = await engine.WaitForIndexAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(new IndexStatus(false, null, null, "valori.index.build is \"never\""), status);
        Assert.Equal(status.Reason, (await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 3))).Answered!.ExactBecause);
        Assert.False(Directory.Exists(Path.GetDirectoryName(_collection.GraphPath)));
    }

    [Fact]
    public async Task Without_memory_for_a_graph_searches_are_exact_and_a_wait_says_why_at_once()
    {
        await using ValoriEngine engine = await _collection.OpenAsync("valori.max-memory-bytes = 1200000");
        await engine.InsertBatchAsync(IndexedCollection.Rows(3_000, 1));
        IndexStatus status = await engine.WaitForIndexAsync(TimeSpan.FromSeconds(60));
        Assert.False(status.IsReady);
        Assert.StartsWith("there is no room for the proximity graph: the collections use ", status.Reason);
        SearchHits hits = await engine.ExplainSearchAsync(IndexedCollection.Near(engine, new float[8], 3));
        Assert.Equal((3, status.Reason), (hits.Hits.Count, hits.Answered!.ExactBecause));
    }

    [Fact]
    public async Task A_graph_that_was_built_as_soon_as_it_was_due_is_of_the_first_state_with_so_many_records()
    {
        await using ValoriEngine engine = await _collection.OpenAsync("valori.index.build = always");
        List<Digest> states = [];
        foreach (NewRecord[] part in IndexedCollection.Rows(460, 1).Chunk(30))
        {
            await engine.InsertBatchAsync(part);
            states.Add(await engine.GetStateHashAsync());
        }
        // Due at 200, 300 and 450 records: the events that reach these are the 7th, the 10th and the 15th.
        IndexStatus status = await IndexUntilAsync(engine, found => found.Graph is { Boundary: 450 });
        Assert.Equal(states[14], status.Graph!.StateHash);
        Assert.Equal(10UL, status.Graph.Uncovered);
    }

    [Fact]
    public async Task A_wait_that_no_message_can_have_is_refused()
    {
        await using ValoriEngine engine = await _collection.OpenAsync();
        foreach (int wait in new[] { -1, 60_001, int.MinValue })
        {
            object answer = await engine.Gateway.Ask<object>(new WaitForIndex(wait), TimeSpan.FromSeconds(60));
            Assert.Equal(new Refusal(RefusalKind.InvalidArgument, $"the wait is {wait} ms; it must be in 0..60000: ask again for more"), answer);
        }
        Assert.True(Assert.IsType<IndexStatus>(await engine.Gateway.Ask<object>(new WaitForIndex(0), TimeSpan.FromSeconds(60))).IsReady);
    }

    private static async Task<IndexStatus> IndexUntilAsync(ValoriEngine engine, Func<IndexStatus, bool> isReached)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            IndexStatus status = await engine.IndexStatusAsync(limit.Token);
            if (isReached(status)) return status;
            await Task.Delay(5, limit.Token);
        }
    }
}
