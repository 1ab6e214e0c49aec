using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;

namespace Valori.Benchmarks.Scenarios;

/// <summary>64 queries handed in together; a batch is one sample.</summary>
internal static class BatchScenario
{
    private const int BatchQueries = 64;

    public static void Run(BenchmarkOptions options, Report report)
    {
        options = options with { Queries = Math.Max(options.Queries, BatchQueries) };
        DataSet data = new(options);
        View view = data.BuildKernel().TakeView();
        VectorBlock[] batches = data.QueryBatches(BatchQueries);

        SearchHit[][][] answers = new SearchHit[batches.Length][][];
        double[] seconds = Stopwatches.Measure(Math.Max(options.Rounds, batches.Length), run =>
        {
            int batch = run % batches.Length;
            answers[batch] = SearchCalls.Together(view, batches[batch], options.K, options.Threads);
        });

        report.Add("a query of a batch", "ms", seconds.Select(s => 1e3 * s / BatchQueries));
        report.Add("a batch of 64", "ms", seconds.Select(s => 1e3 * s));
        if (options.Ids is not null) IvecsFile.Write(options.Ids.FullName, answers.SelectMany(batch => batch));
    }
}
