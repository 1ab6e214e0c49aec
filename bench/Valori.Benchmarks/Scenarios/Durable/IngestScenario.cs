using System.Diagnostics;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// Durable inserts through <see cref="ValoriEngine"/>, beside a plain SQLite table that gets the same bytes on the same disk
/// in the same run. One commit, one round of all clients, or one batch is a sample.
/// </summary>
internal static class IngestScenario
{
    private const int Singles = 2000;
    private const int Clients = 64;
    private const int InsertsOfAClient = 400;
    private const int LargeBatch = 10_000;
    private const int SmallBatch = 1_000;
    private const int InFlight = 4;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        using SqliteTable table = new(directory.File("baseline.db"));
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(directory.File("valori"), new ValoriOptions { Dimension = options.Dimension });
        FloatRows rows = new(options, stream: 3);

        await SinglesAsync(options, report, engine, table, rows);
        await ClientsAsync(options, report, engine);
        foreach (int batch in (int[])[SmallBatch, LargeBatch]) await BatchesAsync(options, report, engine, table, rows, batch);

        ulong records = await engine.RecordCountAsync();
        report.Add("journal, a record", "B", [JournalBytes(directory.File("valori")) / (double)records]);
        report.Notes.Add($"{records} records, state hash {await engine.GetStateHashAsync()}");
    }

    private static async Task SinglesAsync(BenchmarkOptions options, Report report, ValoriEngine engine, SqliteTable table, FloatRows rows)
    {
        List<double> ours = [], baseline = [];
        for (int i = 0; i < 2 * Singles; i++)
        {
            float[] vector = rows.Next();
            VectorBlock block = VectorBlock.FromVector(options.Dimension, vector).OrThrow();
            long start = Stopwatch.GetTimestamp();
            table.Insert(block);
            baseline.Add(Microseconds(start));
            start = Stopwatch.GetTimestamp();
            await engine.InsertAsync(vector);
            ours.Add(Microseconds(start));
        }
        // The first half warms up.
        report.Add("one client, an insert", "us", ours.Skip(Singles));
        report.Add("plain SQLite, a commit", "us", baseline.Skip(Singles));
    }

    private static async Task ClientsAsync(BenchmarkOptions options, Report report, ValoriEngine engine)
    {
        FloatRows[] rows = [.. Enumerable.Range(0, Clients).Select(client => new FloatRows(options, stream: 100 + (ulong)client))];
        List<double> rates = [];
        for (int round = 0; round < options.Rounds + 1; round++)
        {
            float[][][] vectors = [.. rows.Select(client => Enumerable.Range(0, InsertsOfAClient).Select(_ => client.Next()).ToArray())];
            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(vectors.Select(mine => Task.Run(async () =>
            {
                foreach (float[] vector in mine) await engine.InsertAsync(vector);
            })));
            rates.Add(Clients * InsertsOfAClient / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        report.Add($"{Clients} clients, one at a time each", "records/s", rates.Skip(1));
    }

    private static async Task BatchesAsync(
        BenchmarkOptions options, Report report, ValoriEngine engine, SqliteTable table, FloatRows rows, int batch)
    {
        List<double> ours = [], baseline = [];
        int rounds = Math.Max(4, options.Rows / batch);
        for (int round = 0; round < rounds; round++)
        {
            float[] components = rows.Next(batch);
            ulong[] tags = new ulong[batch];
            VectorBlock block = VectorBlock.FromComponents(options.Dimension, components).OrThrow();
            long start = Stopwatch.GetTimestamp();
            table.Insert(block);
            baseline.Add(batch / Stopwatch.GetElapsedTime(start).TotalSeconds);
            start = Stopwatch.GetTimestamp();
            await engine.InsertBatchAsync(components, tags);
            ours.Add(batch / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        report.Add($"batches of {batch}", "records/s", ours.Skip(2));
        List<double> one = [], several = [];
        for (int round = 0; round < options.Rounds; round++)
        {
            one.Add(await WholeRateAsync(engine, rows, batch, rounds, inFlight: 1));
            several.Add(await WholeRateAsync(engine, rows, batch, rounds, InFlight));
        }
        report.Add($"batches of {batch}, whole run, 1 in flight", "records/s", one);
        report.Add($"batches of {batch}, whole run, {InFlight} in flight", "records/s", several);
        report.Add($"plain SQLite, transactions of {batch}", "records/s", baseline.Skip(2));
    }

    /// <summary>
    /// As a bulk import does it: the next batches are on their way while one is written. The rate is that of all batches together,
    /// pauses for checkpoints and snapshots included, so it compares with no median of single batches.
    /// </summary>
    private static async Task<double> WholeRateAsync(ValoriEngine engine, FloatRows rows, int batch, int rounds, int inFlight)
    {
        float[][] batches = [.. Enumerable.Range(0, rounds).Select(_ => rows.Next(batch))];
        ulong[] tags = new ulong[batch];
        int next = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            for (int mine; (mine = Interlocked.Increment(ref next) - 1) < rounds;) await engine.InsertBatchAsync(batches[mine], tags);
        })));
        return rounds * batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static long JournalBytes(string directory) =>
        Directory.EnumerateFiles(directory, "journal.db*").Where(path => !path.EndsWith("-shm", StringComparison.Ordinal)).Sum(path => new FileInfo(path).Length);

    private static double Microseconds(long start) => Stopwatch.GetElapsedTime(start).TotalMicroseconds;
}
