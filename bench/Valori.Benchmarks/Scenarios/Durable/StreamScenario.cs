using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// The same records through the sink for streams, and in batches of the same size with <c>InsertBatchAsync</c>: one after another, and four at once
/// as the sink does. In turns, each into a collection of its own.
/// </summary>
internal static class StreamScenario
{
    private const int Batches = 16, Warmup = 3;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriEngine streamed = await BenchEngine.OpenAsync(directory.File("streamed"), options);
        await using ValoriEngine batched = await BenchEngine.OpenAsync(directory.File("batched"), options);
        await using ValoriEngine atOnce = await BenchEngine.OpenAsync(directory.File("at-once"), options);
        using ActorSystem system = ActorSystem.Create("bench", "akka.loglevel = OFF");
        using ActorMaterializer materializer = system.Materializer();
        FloatRows rows = new(options, stream: 6);
        List<double>[] rates = [[], [], []];
        List<double> sizes = [];
        for (int round = 0; round < Warmup + 5 * options.Rounds; round++)
        {
            NewRecord[] records = [.. Enumerable.Range(0, Batches).SelectMany(_ => Records(rows.Next(BenchEngine.BatchRows), options.Dimension))];
            ReadOnlyMemory<float>[][] batches = [.. records.Chunk(BenchEngine.BatchRows).Select(batch => batch.Select(record => record.Vector).ToArray())];
            // Who comes first changes, as what one leaves behind is there for the next.
            Func<Task<double>>[] ways =
            [
                () => RateAsync(records.Length, async () => sizes.Add(records.Length / (double)await Source.From(records).Via(ValoriStreams.IngestFlow(streamed, Options(options)))
                    .RunWith(Sink.Aggregate<CreatedRecords, int>(0, (batches, _) => batches + 1), materializer))),
                () => RateAsync(records.Length, () => OneByOneAsync(batched, batches)),
                () => RateAsync(records.Length, () => FourAtOnceAsync(atOnce, batches)),
            ];
            for (int i = 0; i < ways.Length; i++)
            {
                int way = (round + i) % ways.Length;
                rates[way].Add(await ways[way]());
            }
        }
        report.Add("records of a batch of the sink", "records", sizes.Skip(Warmup));
        report.Add("IngestSink", "records/s", rates[0].Skip(Warmup));
        report.Add("InsertBatchAsync, one after another", "records/s", rates[1].Skip(Warmup));
        report.Add("InsertBatchAsync, four at once", "records/s", rates[2].Skip(Warmup));
        report.Add("IngestSink / InsertBatchAsync one after another", "times", rates[0].Zip(rates[1], (sink, batch) => sink / batch).Skip(Warmup));
        report.Add("IngestSink / InsertBatchAsync four at once", "times", rates[0].Zip(rates[2], (sink, batch) => sink / batch).Skip(Warmup));
    }

    private static IngestOptions Options(BenchmarkOptions options) => new() { BatchRecords = BenchEngine.BatchRows, BatchBytes = 2 * BenchEngine.BatchRows * options.Dimension * sizeof(float) + (1 << 20) };

    private static IEnumerable<NewRecord> Records(float[] components, int dimension)
    {
        for (int i = 0; i < components.Length; i += dimension) yield return new NewRecord(components.AsMemory(i, dimension));
    }

    private static async Task OneByOneAsync(ValoriEngine engine, ReadOnlyMemory<float>[][] batches)
    {
        foreach (ReadOnlyMemory<float>[] batch in batches) await engine.InsertBatchAsync(batch);
    }

    private static async Task FourAtOnceAsync(ValoriEngine engine, ReadOnlyMemory<float>[][] batches)
    {
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int mine; (mine = Interlocked.Increment(ref next) - 1) < batches.Length;) await engine.InsertBatchAsync(batches[mine]);
        })));
    }

    private static async Task<double> RateAsync(int records, Func<Task> ingest)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        await ingest();
        return records / System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
