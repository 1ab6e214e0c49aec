using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Benchmarks.Scenarios;

/// <summary>One query at a time over all rows; a query is one sample.</summary>
internal static class ScanScenario
{
    public static void Run(BenchmarkOptions options, Report report) => Run(options, report, scale: 1);

    public static void Run(BenchmarkOptions options, Report report, float scale)
    {
        DataSet data = new(options);
        View view = data.BuildKernel(scale).TakeView();
        VectorBlock[] queries = data.Queries(scale);

        int step = Math.Min(SearchCalls.QueriesPerScan(options.Threads), queries.Length);
        SearchHit[][] answers = new SearchHit[queries.Length / step * step][];
        double[] seconds = Stopwatches.Measure(answers.Length / step, run =>
            SearchCalls.Scan(view, queries.AsMemory(run * step, step), options.K, options.Threads).CopyTo(answers, run * step));

        report.Add("a query", "ms", seconds.Select(s => 1e3 * s / step));
        if (step > 1) report.Notes.Add($"{step} queries at a time, one a thread: the time of all divided by {step}");
        if (options.Ids is not null) IvecsFile.Write(options.Ids.FullName, answers);
    }
}
