using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;

namespace Valori.Benchmarks.Scenarios;

/// <summary>One query at a time over all rows, shared by all threads; a query is one sample.</summary>
internal static class ScanScenario
{
    public static void Run(BenchmarkOptions options, Report report) => Run(options, report, scale: 1);

    public static void Run(BenchmarkOptions options, Report report, float scale)
    {
        DataSet data = new(options);
        View view = data.BuildKernel(scale).TakeView();
        VectorBlock[] queries = data.Queries(scale);

        SearchHit[][] answers = new SearchHit[queries.Length][];
        double[] seconds = Stopwatches.Measure(queries.Length, run =>
            answers[run] = SearchCalls.Together(view, queries[run], options.K, options.Threads)[0]);

        report.Add("a query", "ms", seconds.Select(s => 1e3 * s));
        if (options.Ids is not null) IvecsFile.Write(options.Ids.FullName, answers);
    }
}
