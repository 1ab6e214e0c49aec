using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Valori.Actors;
using Valori.Host.Json;
using Valori.Host.VectorFiles;
using Valori.Kernel;
using Valori.Kernel.Vectors;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori search</c>: each vector of a file as a query; hits, or recall and latencies against ground truth.</summary>
internal static class SearchCommand
{
    private const int ReadRows = 64;

    public static Command Create()
    {
        Option<DirectoryInfo> data = CommandLine.Data();
        Option<string> collection = CommandLine.Collection();
        Option<FileInfo> queries = new("--queries") { Description = "A .fvecs, .npy or .jsonl file of query vectors.", Required = true, HelpName = "FILE" };
        Option<int> k = new("--k")
        {
            Description = "Nearest records to find of each query.",
            DefaultValueFactory = _ => 10,
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "K",
        };
        Option<ulong?> tag = new("--tag") { Description = "Only records with this tag.", HelpName = "T" };
        Option<FileInfo?> truth = new("--truth")
        {
            Description = "An .ivecs file with at least K true nearest ids of each query: print recall and latencies in place of the hits.",
            HelpName = "FILE.ivecs",
        };
        Command command = new("search", "Search with every vector of a file. Prints one JSON object of hits a line.")
        {
            data, collection, queries, k, tag, truth,
        };
        command.OnRun(async (parsed, cancellationToken) =>
        {
            using VectorFile file = VectorFile.Open(parsed.GetRequiredValue(queries).FullName);
            int[][]? truthRows = parsed.GetValue(truth) is { } truthFile ? IvecsFile.ReadAll(truthFile.FullName) : null;
            await using ValoriEngine engine = await CommandLine.OpenAsync(
                parsed.GetRequiredValue(data), parsed.GetRequiredValue(collection), dimension: null, create: false, cancellationToken);
            await RunAsync(engine, file, parsed.GetRequiredValue(k), parsed.GetValue(tag), truthRows, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task RunAsync(ValoriEngine engine, VectorFile queries, int k, ulong? tag, int[][]? truth, CancellationToken cancellationToken)
    {
        List<double> milliseconds = [];
        long found = 0, wanted = 0;
        while (queries.ReadBatch(ReadRows) is { } rows)
        {
            for (int row = 0; row < rows.Count; row++)
            {
                long query = rows.FirstRow + row, start = Stopwatch.GetTimestamp();
                IReadOnlyList<SearchHit> hits = await engine.SearchAsync(rows.Row(row), k, tag, cancellationToken: cancellationToken);
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (truth is null)
                {
                    Console.Out.WriteLine(JsonSerializer.Serialize(
                        new { query, hits = hits.Select(hit => new { id = hit.Id.Value, score = hit.Score, distance = hit.Distance }) }, Answers.Options));
                    continue;
                }
                if (query >= truth.Length) throw new VectorFileException($"the ground truth has {truth.Length} rows, but there is a query {query}");
                if (truth[query].Length < k)
                    throw new VectorFileException($"--k is {k}, but the ground truth has only {truth[query].Length} ids of query {query}");
                int[] nearest = truth[query][..k];
                found += await CountTrueAsync(engine, rows.Row(row), hits, nearest, cancellationToken);
                wanted += nearest.Length;
            }
        }
        if (truth is not null) PrintSummary(milliseconds, found, wanted, k);
    }

    /// <summary>
    /// Hits that are among the true nearest, or exactly as near as the farthest of them: where distances tie, the ground
    /// truth's choice of ids is as good as ours. A hit that is nearer and not among them speaks against the ground truth.
    /// </summary>
    private static async Task<int> CountTrueAsync(
        ValoriEngine engine, ReadOnlyMemory<float> query, IReadOnlyList<SearchHit> hits, int[] nearest, CancellationToken cancellationToken)
    {
        HashSet<ulong> ids = [.. nearest.Select(id => (ulong)id)];
        int known = hits.Count(hit => ids.Contains(hit.Id.Value));
        if (known == nearest.Length) return known;

        RecordContent farthest = await engine.GetRecordAsync(new RecordId((ulong)nearest[^1]), cancellationToken: cancellationToken);
        int[] raw = new int[engine.Dimension];
        FixedPoint.Convert(query.Span, raw);
        long limit = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            long difference = (long)raw[i] - farthest.Vector.Span[i];
            limit += difference * difference;
        }
        return Math.Min(nearest.Length, hits.Count(hit => ids.Contains(hit.Id.Value) || hit.Score == limit));
    }

    private static void PrintSummary(List<double> milliseconds, long found, long wanted, int k)
    {
        if (milliseconds.Count == 0)
        {
            Console.Out.WriteLine("no queries");
            return;
        }
        milliseconds.Sort();
        double At(double fraction) => milliseconds[(int)Math.Min(milliseconds.Count - 1, Math.Floor(fraction * milliseconds.Count))];
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recall@{k} {(double)found / wanted:F6} ({found:N0} of {wanted:N0})"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"latency of {milliseconds.Count:N0} queries: p50 {At(0.50):F3} ms, p90 {At(0.90):F3} ms, p99 {At(0.99):F3} ms, max {milliseconds[^1]:F3} ms"));
    }
}
