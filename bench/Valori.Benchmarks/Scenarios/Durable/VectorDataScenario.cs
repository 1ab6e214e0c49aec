using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.VectorData;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>
/// What a collection of VectorData adds to the facade: searches that return records, with a filter and without one, look-ups by key and batches. Each call is
/// measured beside the same one of the facade, and the ratio is that of the pairs.
/// </summary>
internal static class VectorDataScenario
{
    private const int Batch = BenchEngine.BatchRows;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        using BenchDirectory directory = new(options);
        await using ValoriVectorStore store = new(directory.File("store"));
        ValoriCollection<string, Row> collection = store.GetCollection<string, Row>("rows", Definition(options.Dimension));
        await collection.EnsureCollectionExistsAsync();
        ValoriEngine engine = await collection.GetEngineAsync();
        int row = 0;
        foreach (float[] components in FvecsFile.ReadBatches(new DataSet(options).RowsPath, options.Dimension, Batch))
            await collection.UpsertAsync(Enumerable.Range(0, components.Length / options.Dimension).Select(i => RowOf(row++, components.AsMemory(i * options.Dimension, options.Dimension))));
        float[][] queries = [.. FvecsFile.ReadBatches(new DataSet(options).QueriesPath, options.Dimension, 1)];

        await SearchesAsync("search", user: null);
        await SearchesAsync("search of 0.1% of the rows", user: "user-00007");
        await PairsAsync("get by key", options.Rounds * 400,
            async i => Consume((await engine.GetManyAsync([(RecordKey)KeyOf(i % row)!], RecordParts.Key | RecordParts.Fields))[0]!.Fields.Count),
            async i => Consume((await collection.GetAsync(KeyOf(i % row)))!.Number));
        await PairsAsync($"upsert of {Batch}", options.Rounds * 4,
            async i => Consume((await engine.UpsertBatchAsync([.. Enumerable.Range(0, Batch).Select(j => RecordOf(RowOf(j, queries[i % queries.Length])))])).Count),
            async i => await collection.UpsertAsync(Enumerable.Range(0, Batch).Select(j => RowOf(j, queries[i % queries.Length]))));

        Task SearchesAsync(string name, string? user) => PairsAsync(name, options.Rounds * 200,
            async i =>
            {
                SearchQuery query = engine.QueryOf(queries[i % queries.Length], options.K) with { With = RecordParts.Key | RecordParts.Fields, Filter = user is null ? Filter.All : Filter.Eq("User", user) };
                foreach (SearchHit hit in await engine.SearchAsync(query)) Consume(hit.Record!.Fields.Count);
            },
            async i =>
            {
                VectorSearchOptions<Row> found = new() { Filter = user is null ? null : r => r.User == user };
                await foreach (VectorSearchResult<Row> hit in collection.SearchAsync(queries[i % queries.Length], options.K, found)) Consume(hit.Record.Number);
            });

        async Task PairsAsync(string name, int pairs, Func<int, Task> facade, Func<int, Task> vectorData)
        {
            List<double> of = [], by = [];
            for (int i = 0; i < pairs + pairs / 4; i++)
            {
                // Each goes first in every other pair, so that neither always finds the other's caches.
                double first = await MicrosecondsAsync(i % 2 == 0 ? facade : vectorData, i), second = await MicrosecondsAsync(i % 2 == 0 ? vectorData : facade, i);
                // The first ones are compiled while they run.
                if (i < pairs / 4) continue;
                of.Add(i % 2 == 0 ? first : second);
                by.Add(i % 2 == 0 ? second : first);
            }
            report.Add($"{name}, facade", "us", of);
            report.Add($"{name}, VectorData", "us", by);
            report.Add($"{name}, VectorData / facade", "times", by.Zip(of, (a, b) => a / b));
        }
    }

    private static async Task<double> MicrosecondsAsync(Func<int, Task> call, int number)
    {
        long start = Stopwatch.GetTimestamp();
        await call(number);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    private static void Consume(int number) => GC.KeepAlive(number);

    private static VectorStoreCollectionDefinition Definition(int dimension) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty(nameof(Row.Key), typeof(string)),
            new VectorStoreDataProperty(nameof(Row.User), typeof(string)),
            new VectorStoreDataProperty(nameof(Row.Text), typeof(string)),
            new VectorStoreDataProperty(nameof(Row.Number), typeof(int)),
            new VectorStoreDataProperty(nameof(Row.At), typeof(DateTimeOffset)),
            new VectorStoreVectorProperty(nameof(Row.Vector), typeof(ReadOnlyMemory<float>), dimension) { DistanceFunction = DistanceFunction.EuclideanDistance },
        ],
    };

    private static string KeyOf(int row) => string.Create(CultureInfo.InvariantCulture, $"m-{row:D10}");

    private static Row RowOf(int row, ReadOnlyMemory<float> vector) => new()
    {
        Key = KeyOf(row),
        User = string.Create(CultureInfo.InvariantCulture, $"user-{row % 1000:D5}"),
        Text = "a sentence of some words that an agent remembers",
        Number = row,
        At = DateTimeOffset.UnixEpoch.AddSeconds(row),
        Vector = vector,
    };

    // The same fields, made by hand.
    private static NewRecord RecordOf(Row row) => new(row.Vector)
    {
        Key = row.Key,
        Fields = new FieldsBuilder { ["User"] = row.User!, ["Text"] = row.Text!, ["Number"] = row.Number, ["At"] = row.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture) }.Build(),
    };

    private sealed class Row
    {
        public string Key { get; set; } = "";

        public string? User { get; set; }

        public string? Text { get; set; }

        public int Number { get; set; }

        public DateTimeOffset At { get; set; }

        public ReadOnlyMemory<float> Vector { get; set; }
    }
}
