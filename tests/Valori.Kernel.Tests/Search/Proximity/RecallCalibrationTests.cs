using Valori.Kernel.Proximity;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>A graph knows which beam finds which part of the nearest records, and everybody who has it knows the same.</summary>
public sealed class RecallCalibrationTests
{
    private const int Dimension = 16;

    [Theory]
    [InlineData(Metric.L2)]
    [InlineData(Metric.Dot)]
    public void It_is_the_same_for_every_number_of_threads_and_in_the_file(Metric metric)
    {
        ValoriKernel kernel = new(new EngineSchema(Dimension, metric));
        kernel.Apply(new InsertRecords(new NearRows("power law", Dimension, seed: 1).Rows(3_000, 1), new ulong[3_000]));
        View view = kernel.TakeView();
        ProximityGraph one = view.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(1));
        ProximityGraph three = view.BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(3));
        ProximityGraph read = ProximityFile.Read(new MemoryStream(ProximityGraphTests.Bytes(three)), "test");
        Assert.Equal(RecallCalibration.Queries * RecallCalibration.Hits, one.Calibration.Wanted);
        Assert.True(one.Calibration.Found[^1] > one.Calibration.Found[0], "a wide beam finds no more than a narrow one");
        foreach (ProximityGraph other in new[] { three, read })
            Assert.Equal((one.Calibration.Wanted, string.Join(' ', one.Calibration.Found)), (other.Calibration.Wanted, string.Join(' ', other.Calibration.Found)));
    }

    [Fact]
    public void The_narrowest_beam_that_found_enough_stands_for_a_recall_and_more_hits_take_a_wider_one()
    {
        int[] found = [.. Enumerable.Range(1, RecallCalibration.Beams.Length).Select(i => 50 * i)];
        RecallCalibration calibration = new(1_000, found);
        Assert.Equal(10, calibration.BeamFor(0.05, 10));
        Assert.Equal(12, calibration.BeamFor(0.0501, 10));
        Assert.Equal(12, calibration.BeamFor(0.1, 1));
        Assert.Equal(30, calibration.BeamFor(0.1, 25));
        Assert.Equal(1_024, calibration.BeamFor(0.95, 10));
        Assert.Null(calibration.BeamFor(0.951, 10));
        Assert.Equal(4_096, calibration.BeamFor(0.95, 40));
        Assert.Null(calibration.BeamFor(0.95, 41));
    }

    [Theory]
    [InlineData("clustered", 0.9)]
    [InlineData("power law", 0.9)]
    [InlineData("power law", 0.99)]
    public void Searches_find_about_what_they_ask_for(string kind, double recall)
    {
        const int seed = 5, queries = 100, k = 10;
        NearRows rows = new(kind, Dimension, seed);
        View view = rows.Kernel(5_000).TakeView();
        ProximityIndex index = view.IndexWith(ProximityGraphTests.Build(view))!;
        VectorBlock vectors = rows.Rows(queries, 99);
        int found = 0;
        for (int i = 0; i < queries; i++)
        {
            SearchQuery query = new(NearRows.Part(vectors, i, 1), k) { Mode = SearchMode.ApproximateWithRecall(recall) };
            NearAnswer answer = view.SearchAsAsked(index, query).Value!;
            Assert.Null(answer.ExactBecause);
            Assert.Equal(index.Graph.Calibration.BeamFor(recall, k), answer.Beam);
            NearAnswer byBeam = view.SearchAsAsked(index, query with { Mode = SearchMode.Approximate(answer.Beam) }).Value!;
            Assert.Equal(byBeam.Hits![0], answer.Hits![0]);
            HashSet<RecordId> nearest = [.. view.Search(query).Value!.Select(hit => hit.Id)];
            found += answer.Hits[0].Count(hit => nearest.Contains(hit.Id));
        }
        Assert.True(found >= (recall - 0.05) * queries * k, $"{kind}, seed {seed}: {found} of {queries * k} at a recall of {recall}");
    }

    [Fact]
    public void A_recall_that_no_beam_reaches_is_reached_by_an_exact_search()
    {
        NearRows rows = new("power law", Dimension, seed: 6);
        View view = rows.Kernel(2_000).TakeView();
        ProximityGraph graph = ProximityGraphTests.Build(view);
        ProximityIndex index = view.IndexWith(graph)!;
        SearchQuery query = new(rows.Rows(1, 99), 10);
        Assert.Equal("a recall of 1 is asked for", view.SearchAsAsked(index, query with { Mode = SearchMode.ApproximateWithRecall(1) }).Value!.ExactBecause);
        graph.Calibration = new RecallCalibration(1_000, new int[RecallCalibration.Beams.Length]);
        Assert.Equal("no beam of the graph finds a recall of 0.5 with 10 hits", view.SearchAsAsked(index, query with { Mode = SearchMode.AutoWithRecall(0.5) }).Value!.ExactBecause);
    }
}
