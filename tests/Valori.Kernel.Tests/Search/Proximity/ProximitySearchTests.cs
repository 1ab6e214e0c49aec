using Valori.Kernel.Proximity;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>A search through a graph returns exact scores of live records, finds nearly all of the nearest, and never fewer than there are.</summary>
public sealed class ProximitySearchTests
{
    private const int Dimension = 32;

    public static TheoryData<string, Metric> Cases
    {
        get
        {
            TheoryData<string, Metric> cases = [];
            foreach (string kind in NearRows.Kinds)
            {
                cases.Add(kind, Metric.L2);
                cases.Add(kind, Metric.Dot);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Most_of_the_nearest_are_found_with_exact_scores(string kind, Metric metric)
    {
        NearRows rows = new(kind, Dimension, seed: 1);
        View view = rows.Kernel(3_000, metric: metric).TakeView();
        ProximityIndex index = view.IndexWith(view.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(2)))!;
        int found = 0;
        VectorBlock queries = rows.Rows(50, 2);
        SearchHit[][] all = view.SearchBatch(queries, 3_000, tag: null).Value!;
        SearchHit[][] near = view.SearchNear(index, new SearchQuery(queries, 10), beam: 64).Value!.Hits;
        for (int query = 0; query < queries.Count; query++)
        {
            Assert.Equal(10, near[query].Length);
            AssertExact(all[query], near[query]);
            found += near[query].Intersect(all[query].Take(10)).Count();
        }
        // With the inner product, queries are unlike the rows: without clusters more are missed.
        Assert.True(found >= (metric == Metric.Dot && kind != "clustered" ? 430 : 490), $"found {found} of 500");
    }

    [Fact]
    public void Deleted_records_never_come_back_and_later_ones_are_found()
    {
        NearRows rows = new("clustered", Dimension, seed: 2);
        ValoriKernel kernel = rows.Kernel(2_000);
        View before = kernel.TakeView();
        ProximityIndex index = before.IndexWith(before.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(1)))!;
        NearRows.Delete(kernel, Enumerable.Range(0, 1_500));
        NearRows.Insert(kernel, rows.Rows(40, 3));
        View after = kernel.TakeView();
        VectorBlock queries = rows.Rows(30, 3); // the later ones themselves
        SearchHit[][] all = after.SearchBatch(queries, 2_000, tag: null).Value!;
        ProximityAnswer answer = after.SearchNear(index, new SearchQuery(queries, 10), beam: 32).Value!;
        for (int query = 0; query < queries.Count; query++)
        {
            Assert.Equal(new RecordId(2_000 + (ulong)query), answer.Hits[query][0].Id);
            AssertExact(all[query], answer.Hits[query]);
        }
        // As of before, the deleted ones are there, and the later ones are not.
        AssertExact(before.Search(NearRows.Part(queries, 0, 1), 2_000, tag: null).Value!, before.SearchNear(index, new SearchQuery(NearRows.Part(queries, 0, 1), 10), 32).Value!.Hits[0]);
    }

    [Fact]
    public void Records_with_the_same_vector_are_found()
    {
        NearRows rows = new("clustered", Dimension, seed: 6);
        ValoriKernel kernel = new(Dimension);
        VectorBlock different = rows.Rows(50, 1);
        for (int copy = 0; copy < 30; copy++) NearRows.Insert(kernel, different);
        View view = kernel.TakeView();
        ProximityIndex index = view.IndexWith(view.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(1)))!;
        int found = view.SearchNear(index, new SearchQuery(different, 20), beam: 40).Value!.Hits.Sum(hits => hits.Count(hit => hit.Score == 0));
        Assert.True(found >= 950, $"found {found} of 1000");
    }

    [Fact]
    public void As_of_before_the_graph_what_was_deleted_meanwhile_is_found()
    {
        NearRows rows = new("clustered", Dimension, seed: 3);
        ValoriKernel kernel = rows.Kernel(1_000);
        View before = kernel.TakeView();
        NearRows.Delete(kernel, Enumerable.Range(0, 1_000).Where(id => id % 2 == 0));
        View after = kernel.TakeView();
        ProximityIndex index = after.IndexWith(after.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(1)))!;
        VectorBlock queries = rows.Rows(20, 1); // records 0 to 19
        SearchHit[][] hits = before.SearchNear(index, new SearchQuery(queries, 5), beam: 64).Value!.Hits;
        for (int query = 0; query < queries.Count; query++) Assert.Equal(new RecordId((ulong)query), hits[query][0].Id);
        Assert.Null(before.IndexWith(index.Graph)); // which does not cover it

        // Freed meanwhile: the earlier View reads the old tables, and knows fewer records than a later graph.
        kernel.BeginFreeing(long.MaxValue);
        while (!kernel.FreeStep()) { }
        kernel.FinishFreeing();
        NearRows.Insert(kernel, rows.Rows(5_000, 4));
        View later = kernel.TakeView();
        ProximityIndex newer = later.IndexWith(later.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(1)))!;
        foreach (View view in (View[])[before, later, after, before])
        {
            hits = view.SearchNear(newer, new SearchQuery(queries, 5), beam: 64).Value!.Hits;
            Assert.Equal(view.SearchBatch(queries, 1, tag: null).Value!.Select(nearest => nearest[0].Score), hits.Select(found => found[0].Score));
        }
    }

    /// <summary>One in so many records matches: anywhere, near the query, or far from it.</summary>
    [Theory]
    [InlineData(2, "anywhere")]
    [InlineData(10, "anywhere")]
    [InlineData(100, "anywhere")]
    [InlineData(10, "near")]
    [InlineData(10, "far")]
    [InlineData(100, "far")]
    public void Most_of_the_nearest_that_match_a_filter_are_found(int fraction, string where)
    {
        const int count = 4_000;
        NearRows rows = new("clustered", Dimension, seed: 5);
        VectorBlock queries = rows.Rows(20, 2);
        View all = rows.Kernel(count).TakeView();
        int found = 0;
        for (int query = 0; query < queries.Count; query++)
        {
            VectorBlock one = NearRows.Part(queries, query, 1);
            ulong[] order = [.. all.Search(one, count, tag: null).Value!.Select(hit => hit.Id.Value)];
            ulong[] matches = [.. where switch
            {
                "near" => order.Take(count / fraction),
                "far" => order.TakeLast(count / fraction),
                _ => order.Where(id => id % (ulong)fraction == 1),
            }];
            ValoriKernel kernel = new(Dimension);
            ulong[] tags = new ulong[count];
            RecordBitmap matching = new(count);
            foreach (ulong id in matches)
            {
                tags[id] = 1;
                matching.Add((uint)id);
            }
            kernel.Apply(new InsertRecords(rows.Rows(count, 1), tags));
            View view = kernel.TakeView();
            ProximityIndex index = view.IndexWith(_graphOfFilters.Value)!;
            SearchQuery search = new(one, 10) { Filter = Filter.TagOrAll(1) };
            ProximityAnswer answer = view.SearchNear(index, search, beam: 64, matching).Value!;
            SearchHit[] exact = view.Search(search).Value!;
            Assert.True(answer.AreComplete);
            Assert.Equal(10, answer.Hits[0].Length);
            Assert.All(answer.Hits[0], hit => Assert.True(matching[(uint)hit.Id.Value]));
            found += answer.Hits[0].Intersect(exact).Count();
        }
        Assert.True(found >= (where == "far" ? 150 : 190), $"found {found} of 200");
    }

    private static readonly Lazy<ProximityGraph> _graphOfFilters = new(() =>
        new NearRows("clustered", Dimension, seed: 5).Kernel(4_000).TakeView().BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(2)));

    [Fact]
    public void All_records_that_match_a_filter_are_found_or_it_is_said_that_they_were_not()
    {
        NearRows rows = new("clustered", Dimension, seed: 4);
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(new InsertRecords(rows.Rows(2_000, 1), Enumerable.Range(0, 2_000).Select(id => id % 400 == 7 ? 1UL : 0).ToArray()));
        View view = kernel.TakeView();
        ProximityIndex index = view.IndexWith(view.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(1)))!;
        RecordBitmap matching = new(2_000);
        for (uint id = 7; id < 2_000; id += 400) matching.Add(id);
        SearchQuery query = new(rows.Rows(10, 2), 5) { Filter = Filter.TagOrAll(1) };
        ProximityAnswer answer = view.SearchNear(index, query, beam: 16, matching).Value!;
        if (answer.AreComplete) Assert.Equal(view.SearchBatch(query).Value!, answer.Hits);
        Assert.False(view.SearchNear(index, query with { K = 6 }, beam: 16, matching).Value!.AreComplete);
    }

    private static void AssertExact(SearchHit[] all, SearchHit[] hits)
    {
        Dictionary<RecordId, int> places = all.Select((hit, place) => (hit.Id, place)).ToDictionary(hit => hit.Id, hit => hit.place);
        foreach (SearchHit hit in hits) Assert.Equal(all[places[hit.Id]], hit);
        int[] order = [.. hits.Select(hit => places[hit.Id])];
        Assert.Equal(order.Order().Distinct(), order);
    }
}
