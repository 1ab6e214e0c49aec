using System.Diagnostics;
using Akka.Configuration;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// An engine under constant upserts that forgets the past: as many keys as rows, and ten times as many upserts of random keys. What the
/// process grows by with the live records, at the most during the upserts, and after them; searches before, between and after. A batch or a
/// search is one sample.
/// </summary>
internal static class UpsertScenario
{
    private const int UpsertsPerKey = 10;
    private const int Searches = 200;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        Config config = ConfigurationFactory.ParseString("valori.past.forget-after = 0s");
        float[][] queries = [.. FvecsFile.ReadBatches(new DataSet(options).QueriesPath, options.Dimension, 1).Select(query => query.ToArray())];
        FloatRows rows = new(options, stream: 3);
        Xoshiro256 random = new(options.Seed);

        await using ValoriEngine engine = await BenchEngine.OpenAsync(directory.File("valori"), options, config);
        // Code, and buffers of the journal and of snapshots, are nobody's records.
        await UpsertAsync(Enumerable.Range(0, BenchEngine.BatchRows));
        await SearchAsync();
        double empty = Resident();

        for (int first = 0; first < options.Rows; first += BenchEngine.BatchRows) await UpsertAsync(Enumerable.Range(first, Math.Min(BenchEngine.BatchRows, options.Rows - first)));
        double live = Resident() - empty;
        report.Add("process, live records", "MB", [live / 1e6]);
        new Latencies(await SearchAsync()).AddTo(report, "search, before");
        double[] before = await SearchAsync();

        ResidentPeak peak = new();
        List<double> batches = [], between = [];
        int upserts = options.Rows * UpsertsPerKey;
        for (int done = 0; done < upserts; done += BenchEngine.BatchRows)
        {
            batches.Add(await UpsertAsync(Enumerable.Range(0, BenchEngine.BatchRows).Select(_ => random.Next(options.Rows)).Distinct()));
            if (done % (upserts / 100) < BenchEngine.BatchRows) between.Add((await SearchAsync(1))[0]);
        }
        double most = peak.Stop() - empty;
        new Latencies(batches).AddTo(report, $"upserts, batches of {BenchEngine.BatchRows}");
        report.Add("process, most during upserts", "MB", [most / 1e6]);
        report.Add("process, most / live records", "times", [most / live]);
        new Latencies(between).AddTo(report, "search, between upserts");
        double[] after = await SearchAsync();
        report.Add("search, after", "ms", after);
        report.Add("search, after / before", "times", [Median(after) / Median(before)]);
        report.Add("search, between / before", "times", [Median([.. between]) / Median(before)]);
        report.Add("process, after / live records", "times", [(Resident() - empty) / live]);

        async Task<double> UpsertAsync(IEnumerable<int> keys)
        {
            NewRecord[] records = [.. keys.Select(key => new NewRecord(rows.Next()) { Key = $"key {key}" })];
            long start = Stopwatch.GetTimestamp();
            await engine.UpsertBatchAsync(records);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        async Task<double[]> SearchAsync(int count = Searches)
        {
            double[] milliseconds = new double[count];
            for (int i = 0; i < count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await engine.SearchAsync(queries[i % queries.Length], options.K);
                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
            return milliseconds;
        }
    }

    private static double Median(double[] samples) => samples.Order().ElementAt(samples.Length / 2);

    private static double Resident()
    {
        Stopwatches.Collect();
        return Environment.WorkingSet;
    }
}
