using Valori.Kernel.Proximity;
using Valori.Kernel.Tests.Snapshots;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>A graph is a function of the live records and of its parameters, and of nothing else.</summary>
public sealed class ProximityGraphTests
{
    private static readonly ProximityParameters Small = new(12, 24, 107);

    public static TheoryData<string> Kinds => [.. NearRows.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Threads_do_not_change_a_byte(string kind)
    {
        View view = new NearRows(kind, 24, seed: 1).Kernel(1_500).TakeView();
        byte[] expected = Bytes(view);
        Assert.Equal(expected, Bytes(view, threads: 2));
        Assert.Equal(expected, Bytes(view, threads: 5));
    }

    /// <summary>Frozen: replicas of other versions compare these. Large enough for an upper level.</summary>
    [Theory]
    [InlineData("clustered", Metric.L2, "2265a0f4bd61c6328eca909aced3679210456c85")]
    [InlineData("power law", Metric.L2, "e002769f78c471d7194e2f415abdf708fc50bddf")]
    [InlineData("gaussian", Metric.Dot, "61e10588198ab489d36a34a74e1ac58647ee7769")]
    public void The_digest_of_a_golden_graph_never_changes(string kind, Metric metric, string firstDigits)
    {
        ProximityGraph graph = Build(new NearRows(kind, 20, seed: 7).Kernel(8_300, metric: metric).TakeView(), threads: 2);
        Assert.Equal(259, graph.UpperCount);
        Assert.Equal(firstDigits, graph.Digest.ToString()[..40]);
    }

    [Fact]
    public void Batches_of_events_and_Views_between_them_do_not_change_a_byte()
    {
        NearRows rows = new("clustered", 24, seed: 2);
        Digest expected = Build(rows.Kernel(1_100).TakeView()).Digest;
        foreach (int batch in new[] { 1, 37, 500 })
        {
            ValoriKernel kernel = new(24);
            Assert.Equal(0, Build(kernel.TakeView()).Count);
            int inserted = 0;
            foreach (int count in (int[])[1, 299, 800])
            {
                NearRows.Insert(kernel, NearRows.Part(rows.Rows(1_100, 1), inserted, count), batch);
                inserted += count;
                if (inserted < 1_100) Assert.NotEqual(expected, Build(kernel.TakeView()).Digest);
            }
            Assert.Equal(expected, Build(kernel.TakeView()).Digest);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_deleted_before_does_not_matter_whether_it_was_freed_or_not(string kind)
    {
        NearRows rows = new(kind, 24, seed: 3);
        ValoriKernel kernel = rows.Kernel(1_200, batch: 100);
        NearRows.Delete(kernel, Enumerable.Range(0, 1_200).Where(id => id % 3 == 0 || id < 500));
        View view = kernel.TakeView();
        byte[] expected = Bytes(view);

        // A restart: the vectors of the deleted records are gone.
        ValoriKernel restored = SnapshotReader.Read(new MemoryStream(SnapshotTests.Write(view, 9)), "test").Kernel;
        Assert.Equal(expected, Bytes(restored.TakeView()));

        Assert.True(kernel.BeginFreeing(long.MaxValue));
        while (!kernel.FreeStep()) { }
        kernel.FinishFreeing();
        Assert.Equal(expected, Bytes(kernel.TakeView()));
        Assert.Equal(expected, Bytes(view)); // the old storage
    }

    [Fact]
    public void Records_with_the_same_codes_all_have_neighbours()
    {
        ValoriKernel kernel = new(8);
        for (int i = 0; i < 300; i++) NearRows.Insert(kernel, new NearRows("clustered", 8, seed: (ulong)(i % 3)).Rows(1, 1));
        ProximityGraph graph = Build(kernel.TakeView());
        for (int vertex = 0; vertex < graph.Count; vertex++) Assert.NotEqual(ProximityGraph.NoVertex, graph.Neighbours(vertex)[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(65)]
    public void A_graph_of_few_records_is_one(int count)
    {
        NearRows rows = new("gaussian", 5, seed: 4);
        View view = rows.Kernel(count).TakeView();
        ProximityGraph graph = Build(view);
        Assert.Equal(count, graph.Count);
        SearchHit[] hits = view.SearchNear(view.IndexWith(graph)!, new SearchQuery(rows.Rows(1, 2), 100), beam: 100).Value!.Hits[0];
        Assert.Equal(view.Search(rows.Rows(1, 2), 100, tag: null).Value!, hits);
    }

    [Fact]
    public void A_build_that_is_cancelled_stops()
    {
        View view = new NearRows("gaussian", 8, seed: 5).Kernel(1_000).TakeView();
        using CancellationTokenSource stop = new();
        List<long> seen = [];
        ProximityBuildOptions options = new(2, new Seen(placed =>
        {
            seen.Add(placed);
            if (placed > 300) stop.Cancel();
        }));
        Assert.ThrowsAny<OperationCanceledException>(() => view.BuildProximityGraph(Small, options, stop.Token));
        Assert.True(seen.Count > 3 && seen[^1] < 1_000);
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public void Parameters_outside_their_limits_are_refused_by_name()
    {
        View view = new ValoriKernel(3).TakeView();
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => view.BuildProximityGraph(Small with { Degree = 3 }, new ProximityBuildOptions(1)));
        Assert.Contains("the degree of the proximity graph is 3; it must be in 4..128", e.Message);
    }

    internal static ProximityGraph Build(View view, int threads = 1) => view.BuildProximityGraph(Small, new ProximityBuildOptions(threads));

    internal static byte[] Bytes(View view, int threads = 1) => Bytes(Build(view, threads));

    internal static byte[] Bytes(ProximityGraph graph)
    {
        MemoryStream stream = new();
        ProximityFile.Write(graph, stream);
        return stream.ToArray();
    }

    private sealed class Seen(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
