using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// Records with a key and three fields, 60 bytes together, beside the same records without: memory, get by key beside get by id,
/// snapshots, durable batches. The two are measured in alternation, and their ratio is that of the pairs.
/// </summary>
internal static class AttributesScenario
{
    private const int Batch = 1_000;
    private const int LookUps = 1_000;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        MemoryAndReads(options, report);
        await BatchesAsync(options, report);
    }

    private static void MemoryAndReads(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        new DataSet(options).RowBlocks().First();
        long empty = Heap();
        ValoriKernel plain = Build(data, options, hasAttributes: false);
        long withPlain = Heap();
        ValoriKernel attributed = Build(data, options, hasAttributes: true);
        long withBoth = Heap();
        double more = (withBoth - withPlain - (withPlain - empty)) / (double)options.Rows;
        report.Add("attributes, their own bytes", "bytes/record", [AttributesOf(0).Key!.Utf8.Length + AttributesOf(0).Fields.Canonical.Length]);
        report.Add("attributes, memory", "bytes/record", [more]);
        report.Add("the kernel's own estimate", "bytes/record", [(attributed.ApproximateMemoryBytes - plain.ApproximateMemoryBytes) / (double)options.Rows]);

        View view = attributed.TakeView();
        Xoshiro256 random = new(options.Seed);
        List<double> byId = [], byKey = [];
        Stopwatches.WarmUp(_ => LookUp(isByKey: false));
        Stopwatches.WarmUp(_ => LookUp(isByKey: true));
        for (int round = 0; round < 200; round++)
        {
            byId.Add(LookUp(isByKey: false));
            byKey.Add(LookUp(isByKey: true));
        }
        report.Add("get by id", "us", byId);
        report.Add("get by key", "us", byKey);
        report.Add("get by key / by id", "times", byKey.Zip(byId, (key, id) => key / id));
        Snapshots(options, report, plain.TakeView(), view);

        double LookUp(bool isByKey)
        {
            RecordRef[] records = [.. Enumerable.Range(0, LookUps).Select(_ =>
            {
                int row = (int)random.Next(options.Rows);
                return isByKey ? (RecordRef)AttributesOf(row).Key! : new RecordId((ulong)row);
            })];
            return Stopwatches.Seconds(() =>
            {
                foreach (RecordRef record in records) view.GetRecord(record).OrThrow();
            }) * 1e6 / LookUps;
        }
    }

    private static void Snapshots(BenchmarkOptions options, Report report, View plain, View attributed)
    {
        MemoryStream[] snapshots = [.. new[] { plain, attributed }.Select(Write)];
        List<double>[] seconds = [[], []], processor = [[], []];
        for (int round = 0; round < options.Rounds + 1; round++)
        {
            for (int i = 0; i < 2; i++)
            {
                Stopwatches.Collect();
                snapshots[i].Position = 0;
                TimeSpan before = Environment.CpuUsage.TotalTime;
                seconds[i].Add(Stopwatches.Seconds(() => SnapshotReader.Read(snapshots[i], "memory")));
                processor[i].Add((Environment.CpuUsage.TotalTime - before).TotalSeconds);
            }
        }
        report.Add("decode and verify, plain", "s", seconds[0].Skip(1));
        report.Add("decode and verify, with", "s", seconds[1].Skip(1));
        report.Add("decode and verify, with / plain", "times", seconds[1].Zip(seconds[0], (with, without) => with / without).Skip(1));
        // What other processes on the machine take does not show in it.
        report.Add("the same, processor time", "times", processor[1].Zip(processor[0], (with, without) => with / without).Skip(1));
    }

    private static MemoryStream Write(View view)
    {
        History history = new();
        history.Extend(0, view.StateHash, view.Version);
        MemoryStream stream = new();
        SnapshotWriter.Write(stream, view, new SnapshotHeader(1, 0, history.Chain, view.StateHash, history.FrontierAt(1)));
        return stream;
    }

    private static async Task BatchesAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriEngine plain = await ValoriEngine.OpenAsync(directory.File("plain"), new ValoriOptions { Dimension = options.Dimension });
        await using ValoriEngine attributed = await ValoriEngine.OpenAsync(directory.File("attributed"), new ValoriOptions { Dimension = options.Dimension });
        FloatRows rows = new(options, stream: 3);
        List<double> without = [], with = [];
        ulong[] tags = new ulong[Batch];
        for (int round = 0; round < Math.Max(10, options.Rows / Batch); round++)
        {
            VectorBlock block = VectorBlock.FromComponents(options.Dimension, rows.Next(Batch)).OrThrow();
            RecordAttributes[] attributes = [.. Enumerable.Range(round * Batch, Batch).Select(AttributesOf)];
            without.Add(await RateAsync(plain, new InsertRecords(block, tags)));
            with.Add(await RateAsync(attributed, new PutRecords(block, tags, attributes)));
        }
        await LookUpsAsync(options, report, attributed, Math.Max(10, options.Rows / Batch) * Batch);
        report.Add($"batches of {Batch}, plain", "records/s", without.Skip(5));
        report.Add($"batches of {Batch}, with", "records/s", with.Skip(5));
        report.Add($"batches of {Batch}, with / plain", "times", with.Zip(without, (a, b) => a / b).Skip(5));
    }

    private static async Task LookUpsAsync(BenchmarkOptions options, Report report, ValoriEngine engine, int rows)
    {
        Xoshiro256 random = new(options.Seed);
        List<double> byId = [], byKey = [];
        for (int i = 0; i < 20 * LookUps; i++)
        {
            int row = (int)random.Next(rows);
            byId.Add(await LookUpAsync(engine, new RecordId((ulong)row)));
            byKey.Add(await LookUpAsync(engine, AttributesOf((int)random.Next(rows)).Key!));
        }
        report.Add("get by id, asked of the engine", "us", byId.Skip(10 * LookUps));
        report.Add("get by key, asked of the engine", "us", byKey.Skip(10 * LookUps));
    }

    private static async Task<double> LookUpAsync(ValoriEngine engine, RecordRef record)
    {
        long start = Stopwatch.GetTimestamp();
        await engine.Gateway.Ask<RecordContent>(new GetRecord(record));
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static async Task<double> RateAsync(ValoriEngine engine, Command command)
    {
        long start = Stopwatch.GetTimestamp();
        await engine.Gateway.Ask<Receipt>(command);
        return Batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static ValoriKernel Build(DataSet data, BenchmarkOptions options, bool hasAttributes)
    {
        ValoriKernel kernel = new(options.Dimension);
        int row = 0;
        foreach (VectorBlock block in data.RowBlocks())
        {
            ulong[] tags = new ulong[block.Count];
            kernel.Apply(kernel.Decide(
                hasAttributes ? new PutRecords(block, tags, [.. Enumerable.Range(row, block.Count).Select(AttributesOf)]) : new InsertRecords(block, tags)).OrThrow());
            row += block.Count;
        }
        return kernel;
    }

    /// <summary>A key of 12 bytes and fields of 48; users share values, as users do.</summary>
    private static RecordAttributes AttributesOf(int row) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"m-{row:D10}"),
        Fields = new FieldsBuilder
        {
            ["user"] = string.Create(CultureInfo.InvariantCulture, $"user-{row % 1000:D5}"),
            ["at"] = DateTimeOffset.UnixEpoch.AddSeconds(row),
            ["n"] = row,
        }.Build(),
    };

    private static long Heap()
    {
        Stopwatches.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
