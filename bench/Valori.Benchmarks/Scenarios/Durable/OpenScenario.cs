using System.Diagnostics;
using Akka.Configuration;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// How long an engine takes to be there again, everything proven: from a snapshot, from a journal of batches, and from a
/// journal of single inserts. An opening is one sample; the first of each kind warms up.
/// </summary>
internal static class OpenScenario
{
    private const int Clients = 64;

    // A journal without a snapshot makes one due, which would follow the opening at once and shorten the next one.
    private static readonly Config NoSnapshotsOfItsOwn =
        ConfigurationFactory.ParseString($"valori.snapshots.after-journal-bytes = {long.MaxValue}");

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        List<Opening> empty = await OpenRepeatedlyAsync(directory.File("empty"), options, _ => Task.CompletedTask);
        report.Add("open, no records", "s", empty.Select(opening => opening.Seconds));

        string batches = directory.File("batches");
        List<Opening> snapshot = await OpenRepeatedlyAsync(batches, options, async engine =>
        {
            await BenchEngine.FillAsync(engine, options);
            await engine.SaveAsync();
        });
        report.Add("open, snapshot", "s", snapshot.Select(opening => opening.Seconds));

        Directory.Delete(Path.Combine(batches, "snapshots"), recursive: true);
        AddReplay(report, $"replay, batches of {BenchEngine.BatchRows}", await OpenRepeatedlyAsync(batches, options, _ => Task.CompletedTask));

        int each = Math.Max(1, options.Rows / 4 / Clients);
        AddReplay(report, $"replay, inserts of {Clients} clients", await OpenRepeatedlyAsync(directory.File("singles"), options,
            engine => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => InsertAsync(engine, options, client, each))))));
        report.Notes.Add($"the journal of the {Clients} clients holds {Clients * each} records");
        report.Notes.Add("rates are of whole openings, the start of the actor system included");
        report.Notes.Add("warm page cache: every file was written or read just before");
    }

    private static void AddReplay(Report report, string name, List<Opening> openings)
    {
        report.Add(name, "records/s", openings.Select(opening => opening.Records / opening.Seconds));
        report.Add($"{name}, peak", "MiB over final", openings.Select(opening => opening.ExtraBytes / (double)(1 << 20)));
    }

    private static async Task InsertAsync(ValoriEngine engine, BenchmarkOptions options, int client, int count)
    {
        FloatRows rows = new(options, stream: 100 + (ulong)client);
        for (int i = 0; i < count; i++) await engine.InsertAsync(rows.Next());
    }

    /// <summary>Opens the engine to prepare it and closes it; then opens it again and again.</summary>
    private static async Task<List<Opening>> OpenRepeatedlyAsync(string path, BenchmarkOptions options, Func<ValoriEngine, Task> prepareAsync)
    {
        Digest expected;
        await using (ValoriEngine engine = await BenchEngine.OpenAsync(path, options, NoSnapshotsOfItsOwn))
        {
            await prepareAsync(engine);
            expected = await engine.GetStateHashAsync();
        }
        List<Opening> openings = [];
        for (int round = 0; round < options.Rounds + 1; round++) openings.Add(await OpenAsync(path, options, expected));
        return openings[1..];
    }

    private static async Task<Opening> OpenAsync(string path, BenchmarkOptions options, Digest expected)
    {
        Stopwatches.Collect();
        ResidentPeak resident = new();
        long start = Stopwatch.GetTimestamp();
        await using ValoriEngine engine = await BenchEngine.OpenAsync(path, options, NoSnapshotsOfItsOwn);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long peak = resident.Stop();
        // What the engine keeps, without the garbage of its recovery.
        Stopwatches.Collect();
        long extra = peak - Environment.WorkingSet;

        EngineStatus status = await engine.StatusAsync();
        if (status.StateHash != expected) throw new InvalidDataException($"expected the state hash {expected}, found {status.StateHash}");
        return new Opening(seconds, status.RecordCount, extra);
    }

    /// <param name="ExtraBytes">How far the process's peak lay above the resident memory that it ended with.</param>
    private sealed record Opening(double Seconds, ulong Records, long ExtraBytes);
}
