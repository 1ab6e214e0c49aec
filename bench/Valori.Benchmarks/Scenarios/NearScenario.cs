using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Kernel.Proximity;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// Builds a proximity graph with as many threads as are given, and searches one query at a time on one thread: for each beam recall and
/// queries a second, each the best of as many passes as there are rounds.
/// </summary>
internal static class NearScenario
{
    private static readonly int[] Beams = [10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 320, 384, 512, 768, 1_024];

    private const double EnoughRecall = 0.9985;

    private static readonly double[] RecallsAskedFor = [0.9, 0.95, 0.99];

    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        View view = data.BuildKernel().TakeView();
        VectorBlock[] queries = data.Queries();
        SearchHit[][] exact = [.. queries.Select(query => SearchCalls.Together(view, query, options.K, threads: 2)[0])];
        HashSet<ulong>[] nearest = Array.ConvertAll(exact, hits => hits.Select(hit => hit.Id.Value).ToHashSet());
        Stopwatches.Collect();

        if (options.Ids is not null) IvecsFile.Write(options.Ids.FullName, exact);

        ProximityGraph? graph = null;
        double processor = 0, seconds = Stopwatches.Seconds(() => processor = Stopwatches.ProcessorSeconds(() => graph = view.BuildProximityGraph(
            new ProximityParameters(options.Degree, options.BuildBeam, options.Alpha), new ProximityBuildOptions(options.Threads))));
        report.Add("build", "s", [seconds]);
        report.Add("build, of a processor", "s", [processor]);
        report.Add("memory", "bytes/record", [(double)graph!.Bytes / options.Rows]);
        report.Notes.Add($"graph {graph.Digest}, degree {Degree(graph):F1}");
        ProximityIndex index = view.IndexWith(graph)!;
        foreach (double asked in RecallsAskedFor)
        {
            if (graph.Calibration.BeamFor(asked, options.K) is not { } beam) continue;
            report.Add($"recall {asked} asked for: beam", "candidates", [beam]);
            report.Add($"recall {asked} asked for: recall", "share", [Found(beam) / nearest.Sum(ids => ids.Count)]);
        }
        foreach (int beam in Beams)
        {
            if (beam < options.K) continue;
            double found = 0;
            void Pass() => found = Found(beam);
            Pass();
            double[] rates = [.. Enumerable.Range(0, options.Rounds).Select(_ => queries.Length / Stopwatches.ProcessorSeconds(Pass))];
            double recall = found / nearest.Sum(ids => ids.Count);
            report.Add($"beam {beam}: recall", "share", [recall]);
            report.Add($"beam {beam}: rate", "queries/s", rates);
            if (recall > EnoughRecall) break;
        }

        double Found(int beam)
        {
            double found = 0;
            for (int i = 0; i < queries.Length; i++)
            {
                foreach (SearchHit hit in SearchCalls.Near(view, index, queries[i], options.K, beam))
                    found += nearest[i].Contains(hit.Id.Value) ? 1 : 0;
            }
            return found;
        }
    }

    private static double Degree(ProximityGraph graph)
    {
        long neighbours = 0;
        for (int vertex = 0; vertex < graph.Count; vertex++)
        {
            foreach (uint neighbour in graph.Neighbours(vertex)) neighbours += neighbour == ProximityGraph.NoVertex ? 0 : 1;
        }
        return (double)neighbours / graph.Count;
    }
}
