using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;
using Valori.Actors.Text;
using Valori.Host.Files;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Kernel.Content;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori search</c>: each vector of a file as a query; hits, or recall and latencies against ground truth.</summary>
internal static class SearchCommand
{
    private const int ReadRows = 64;

    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("No content is changed. Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.Config();
        Option<string> collection = CommandLine.Collection();
        Option<FileInfo> queries = new("--queries") { Description = "An .fvecs, .npy or .jsonl file of query vectors.", Required = true, HelpName = "FILE" };
        Option<int> k = new("--k")
        {
            Description = "The number of nearest records to find for each query.",
            DefaultValueFactory = _ => 10,
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "K",
        };
        Option<ulong?> tag = new("--tag") { Description = "Only records with this tag.", CustomParser = ParseTag, HelpName = "T" };
        Option<Filter?> filter = new("--filter") { Description = "Only records that match it, as in \"user = 'ada' and n > 5\".", CustomParser = ParseFilter, HelpName = "TEXT" };
        Option<RecordParts> with = new("--with")
        {
            Description = $"A part of each hit's record to print with it: {RecordPartNames.All}; may be given several times.",
            CustomParser = ParseParts,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            HelpName = "PART",
        };
        Option<SearchModeKind?> mode = new("--mode")
        {
            Description = $"{FieldType.SearchModes}. All but exact may miss some of the nearest records. Waits for the proximity graph. Default: exact.",
            CustomParser = ParseMode,
            HelpName = "MODE",
        };
        Option<int?> beam = new("--beam")
        {
            Description = $"With --mode: how many candidates an approximate search keeps, 1 to {SearchMode.MaximumBeam}. Default: {SearchMode.DefaultBeam}.",
            CustomParser = result => CommandLine.WholeNumber(result, 1, SearchMode.MaximumBeam),
            HelpName = "B",
        };
        Option<FileInfo?> truth = new("--truth")
        {
            Description = "An .ivecs file with at least K true nearest ids of each query. Prints recall and latencies instead of the hits.",
            HelpName = "FILE.ivecs",
        };
        Option<FileInfo?> source = new("--base")
        {
            Description = "With --truth: the file that the collection was imported from. By its distances, a hit exactly as far away as the K-th true one counts too.",
            HelpName = "FILE",
        };
        Command command = new("search", "Search with every vector of a file. Prints the hits of each as one line of JSON.")
        {
            data, config, collection, queries, k, tag, filter, with, mode, beam, truth, source,
        };
        AuditedStore.Require(command, data, config);
        command.Validators.Add(result =>
        {
            if (result.GetValue(source) is not null && result.GetValue(truth) is null) result.AddError("--base needs --truth, which is missing");
            // By their tokens: what cannot be parsed has no value.
            if (result.GetResult(with) is { Tokens.Count: > 0 } && result.GetValue(truth) is not null) result.AddError("--with and --truth: leave one of the two out, as --truth prints no hits");
            if (result.GetResult(beam) is { Tokens.Count: > 0 } && result.GetResult(mode) is not { Tokens: [{ Value: not "exact" }] })
                result.AddError($"--beam is for the modes approximate and auto, and --mode is {(result.GetResult(mode) is { Tokens.Count: > 0 } ? "exact" : "missing")}");
        });
        command.OnRun(async (parsed, cancellationToken) =>
        {
            Wanted wanted = new(
                parsed.GetRequiredValue(k), SearchOperations.FilterOf(parsed.GetValue(filter), parsed.GetValue(tag)), parsed.GetValue(with),
                SearchOperations.ModeOf(parsed.GetValue(mode), parsed.GetValue(beam), recall: null));
            using VectorFile file = VectorFile.Open(parsed.GetRequiredValue(queries).FullName);
            Recall? recall = parsed.GetValue(truth) is { } truthFile
                ? Recall.Open(truthFile.FullName, parsed.GetValue(source)?.FullName, file.Dimension, parsed.GetRequiredValue(k))
                : null;
            await using CollectionReader engine = await CollectionReader.OpenAsync(
                AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config)), parsed.GetRequiredValue(collection), cancellationToken);
            await RunAsync(engine, file, wanted, recall, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static ulong? ParseTag(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (WholeNumbers.TryParse(text, out ulong tag)) return tag;
        result.AddError($"--tag is '{text}'; it must be a whole number from 0 to {ulong.MaxValue}");
        return null;
    }

    private static Filter? ParseFilter(ArgumentResult result)
    {
        if (Filter.Parse(result.Tokens[0].Value).TryGet(out Filter? filter, out Refusal? refusal)) return filter;
        result.AddError($"--filter: {refusal.Message}");
        return null;
    }

    private static RecordParts ParseParts(ArgumentResult result)
    {
        RecordParts parts = RecordParts.None;
        foreach (string name in result.Tokens.Select(token => token.Value))
        {
            if (RecordPartNames.Find(name) is not { } part) result.AddError($"--with is '{name}'; it must be {RecordPartNames.All}");
            else if ((parts & part) != 0) result.AddError($"--with is '{name}' twice; once is enough");
            else parts |= part;
        }
        return parts;
    }

    private static SearchModeKind? ParseMode(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (FieldType.FindMode(text) is { } mode) return mode;
        result.AddError($"--mode is '{text}'; it must be {FieldType.SearchModes}");
        return null;
    }

    private static async Task RunAsync(CollectionReader engine, VectorFile queries, Wanted wanted, Recall? recall, CancellationToken cancellationToken)
    {
        if (wanted.Mode.Kind != SearchModeKind.Exact) await engine.WaitForIndexAsync(cancellationToken);
        List<double> milliseconds = [];
        PrecisionLoss loss = new(queries, engine.Schema);
        if (recall is not null) recall.Metric = engine.Schema.Metric;
        while (queries.ReadBatch(ReadRows) is { } rows)
        {
            if (rows.FirstRefused(queries.Path, engine.Schema) is { } refused) throw refused;
            loss.Add(rows);
            for (int row = 0; row < rows.Count; row++)
            {
                long query = rows.FirstRow + row, start = Stopwatch.GetTimestamp();
                SearchHits found = await engine.SearchAsync(
                    engine.QueryOf(rows.Row(row), wanted.K) with { Filter = wanted.Filter, With = wanted.With, Mode = wanted.Mode }, cancellationToken);
                milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (recall is not null)
                {
                    recall.Add(query, rows.Row(row), found.Hits);
                    continue;
                }
                Console.Out.WriteLine(AnswerJson.Line(new QueryAnswer(
                    query, SearchAnswer.HitsOf(found.Hits, wanted.With, engine.Schema), AnsweredAnswer.Of(found.Answered))));
            }
        }
        if (recall is not null) PrintSummary(recall, milliseconds);
        loss.Report();
    }

    private static void PrintSummary(Recall recall, List<double> milliseconds)
    {
        if (milliseconds.Count == 0)
        {
            Console.Out.WriteLine("no queries");
            return;
        }
        milliseconds.Sort();
        double At(double fraction) => milliseconds[(int)Math.Min(milliseconds.Count - 1, Math.Floor(fraction * milliseconds.Count))];
        recall.Print();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"latency of {milliseconds.Count:N0} queries: p50 {At(0.50):F3} ms, p90 {At(0.90):F3} ms, p99 {At(0.99):F3} ms, max {milliseconds[^1]:F3} ms"));
    }

    /// <summary>A line of the output.</summary>
    /// <param name="Query">The row of the query in its file.</param>
    /// <param name="Answered">If the search may be approximate.</param>
    private sealed record QueryAnswer(
        long Query, IEnumerable<HitAnswer> Hits, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AnsweredAnswer? Answered);

    /// <summary>What every query of the file asks for.</summary>
    private sealed record Wanted(int K, Filter Filter, RecordParts With, SearchMode Mode);
}
