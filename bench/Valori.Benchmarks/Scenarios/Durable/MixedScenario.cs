using System.Diagnostics;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// What a bulk import does to the searches beside it: one client searches, one query at a time, on the idle engine and while
/// batches come in one after another. A search is one sample. Snapshots that fall due during the import are part of it.
/// </summary>
internal static class MixedScenario
{
    private const int Searches = 2_000;
    private static readonly TimeSpan LongestPhase = TimeSpan.FromSeconds(10);

    // Made before, because making vectors takes as much processor as a part of inserting them; then over again.
    private const int Batches = 100;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriEngine engine = await BenchEngine.OpenAsync(directory.File("valori"), options);
        await BenchEngine.FillAsync(engine, options);
        float[][] queries = [.. FvecsFile.ReadBatches(new DataSet(options).QueriesPath, options.Dimension, 1).Select(query => query.ToArray())];
        FloatRows rows = new(options, stream: 3);
        float[][] batches = [.. Enumerable.Range(0, Batches).Select(_ => rows.Next(BenchEngine.BatchRows))];

        await SearchAsync(engine, queries, options.K); // warms up
        Latencies idle = await IdleAsync(engine, queries, options.K);
        (Latencies busy, double rate) = await BusyAsync(engine, queries, options.K, batches);
        ulong records = await engine.RecordCountAsync();
        Latencies idleAfter = await IdleAsync(engine, queries, options.K);

        idle.AddTo(report, "search, idle");
        busy.AddTo(report, "search, import going on");
        idleAfter.AddTo(report, "search, idle after the import");
        report.Add("p99, import / idle", "times", [busy.P99 / idle.P99]);
        report.Add("p99, import / idle after it", "times", [busy.P99 / idleAfter.P99]);
        report.Add($"import, batches of {BenchEngine.BatchRows}", "records/s", [rate]);
        report.Notes.Add($"the import took the engine from {options.Rows} to {records} records, and searches grow with them");
    }

    private static async Task<Latencies> IdleAsync(ValoriEngine engine, float[][] queries, int k)
    {
        // A snapshot that is due or under way would be no idleness.
        await engine.SaveAsync();
        Stopwatches.Collect();
        return await SearchAsync(engine, queries, k);
    }

    private static async Task<(Latencies Searches, double RecordsPerSecond)> BusyAsync(
        ValoriEngine engine, float[][] queries, int k, float[][] batches)
    {
        using CancellationTokenSource stop = new();
        Task<double> import = Task.Run(() => ImportAsync(engine, batches, stop.Token));
        Latencies searches = await SearchAsync(engine, queries, k);
        await stop.CancelAsync();
        return (searches, await import);
    }

    private static async Task<Latencies> SearchAsync(ValoriEngine engine, float[][] queries, int k)
    {
        List<double> milliseconds = [];
        long begin = Stopwatch.GetTimestamp();
        while (milliseconds.Count < Searches && Stopwatch.GetElapsedTime(begin) < LongestPhase)
        {
            long start = Stopwatch.GetTimestamp();
            await engine.SearchAsync(queries[milliseconds.Count % queries.Length], k);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return new Latencies(milliseconds);
    }

    private static async Task<double> ImportAsync(ValoriEngine engine, float[][] batches, CancellationToken stop)
    {
        ulong[] tags = new ulong[BenchEngine.BatchRows];
        int inserted = 0;
        long start = Stopwatch.GetTimestamp();
        for (; !stop.IsCancellationRequested; inserted++) await engine.InsertBatchAsync(batches[inserted % batches.Length], tags, CancellationToken.None);
        return inserted * BenchEngine.BatchRows / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
