using System.Diagnostics;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// What the facade and the actors add to a search of a View: the same records in an idle engine and in a kernel alone, each query to both in
/// turn. Few rows show it; of many, query actors search parts side by side, and the facade is the faster one. And how long a program takes from its
/// start to its first answer, in processes of their own.
/// </summary>
internal static class FacadeScenario
{
    /// <summary>The argument with which this program is the one that is started.</summary>
    public const string FirstSearch = "first-search";

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        DataSet data = new(options);
        ValoriKernel kernel = new(options.Dimension);
        await using (ValoriEngine engine = await BenchEngine.OpenAsync(directory.File("engine"), options))
        {
            await BenchEngine.FillAsync(engine, options);
            foreach (VectorBlock block in data.RowBlocks()) kernel.Apply(kernel.Decide(new InsertRecords(block, new ulong[block.Count])).OrThrow());
            View view = kernel.TakeView();
            float[][] queries = [.. FvecsFile.ReadBatches(data.QueriesPath, options.Dimension, 1)];
            int pairs = options.Rounds * 1_000;
            List<double> own = [], facade = [];
            for (int i = -pairs / 2; i < pairs; i++)
            {
                SearchQuery query = engine.QueryOf(queries[(i + pairs) % queries.Length], options.K);
                // Each goes first in every other pair. The first ones are compiled while they run.
                double first = await MicrosecondsAsync(i % 2 == 0), second = await MicrosecondsAsync(i % 2 != 0);
                if (i < 0) continue;
                own.Add(i % 2 == 0 ? first : second);
                facade.Add(i % 2 == 0 ? second : first);

                async Task<double> MicrosecondsAsync(bool isOwn)
                {
                    long start = Stopwatch.GetTimestamp();
                    if (isOwn) GC.KeepAlive(view.Search(query));
                    else GC.KeepAlive(await engine.SearchAsync(query));
                    return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                }
            }
            report.Add("search of the View", "us", own);
            report.Add("search of the facade", "us", facade);
            report.Add("the facade adds", "us", facade.Zip(own, (with, without) => with - without));
        }
        List<double> starts = [];
        for (int round = 0; round <= options.Rounds; round++)
        {
            double seconds = await StartAsync(directory.File($"start-{round}"));
            if (round > 0) starts.Add(seconds);
        }
        report.Add("process start to first answer, new directory", "s", starts);
    }

    /// <summary>A first program: opens a directory, inserts, searches.</summary>
    public static async Task RunFirstSearchAsync(string path)
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(path, new ValoriOptions { Dimension = 3 });
        await engine.InsertBatchAsync([new float[] { 1, 0, 0 }, new float[] { 0, 1, 0 }]);
        Console.WriteLine((await engine.SearchAsync(new float[] { 1, 0, 0 }, k: 1))[0].Id);
    }

    private static async Task<double> StartAsync(string path)
    {
        ProcessStartInfo start = new("dotnet", [typeof(FacadeScenario).Assembly.Location, FirstSearch, path]) { RedirectStandardOutput = true };
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string? answer = await process.StandardOutput.ReadLineAsync();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await process.WaitForExitAsync();
        return answer == "0" ? seconds : throw new InvalidOperationException($"the program answered '{answer}'");
    }
}
