using System.CommandLine;
using System.Globalization;
using Valori.Host.Files;
using Valori.Host.Operations;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori recall</c>: how many of the nearest records approximate searches find, and how fast they are, beside exact ones.</summary>
internal static class RecallCommand
{
    private const int ReadRows = 64, MaximumSample = 100_000;

    private static readonly int[] DefaultBeams = [16, 32, 64, 128, 256];

    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("No content is changed. Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.Config();
        Option<string> collection = CommandLine.Collection();
        Option<FileInfo?> queries = new("--queries") { Description = "An .fvecs, .npy or .jsonl file of query vectors. Without it, queries are made of stored records.", HelpName = "FILE" };
        Option<int> sample = Number("--sample", "The number of queries at most.", 1_000, MaximumSample, "N");
        Option<int> k = Number("--k", "The number of nearest records to find for each query.", 10, SearchMode.MaximumBeam, "K");
        Option<int[]> beam = new("--beam")
        {
            Description = $"A beam to search with, 1 to {SearchMode.MaximumBeam}; may be given several times. Default: {string.Join(", ", DefaultBeams)}.",
            CustomParser = result => [.. result.Tokens.Select(token => CommandLine.WholeNumber(result, token.Value, 1, SearchMode.MaximumBeam))],
            DefaultValueFactory = _ => DefaultBeams,
            AllowMultipleArgumentsPerToken = false,
            HelpName = "B",
        };
        Command command = new("recall", "Build the proximity graph of a collection if it has none, and compare searches through it with exact ones.")
        {
            data, config, collection, queries, sample, k, beam,
        };
        AuditedStore.Require(command, data, config);
        command.OnRun(async (parsed, cancellationToken) =>
        {
            AuditedStore store = AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config));
            using VectorFile? file = parsed.GetValue(queries) is { } path ? VectorFile.Open(path.FullName) : null;
            await using ValoriEngine engine = await store.OpenEngineAsync(parsed.GetRequiredValue(collection), WantedSchema.Any, cancellationToken);
            return await RunAsync(engine, file, parsed.GetRequiredValue(sample), parsed.GetRequiredValue(k), parsed.GetRequiredValue(beam), cancellationToken);
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int otherwise, int maximum, string helpName) => new(name)
    {
        Description = $"{description} Default: {otherwise}.",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => CommandLine.WholeNumber(result, 1, maximum),
        HelpName = helpName,
    };

    private static async Task<int> RunAsync(ValoriEngine engine, VectorFile? file, int sample, int k, int[] beams, CancellationToken cancellationToken)
    {
        IndexStatus status = await engine.WaitForIndexAsync(cancellationToken: cancellationToken);
        if (status.Graph is not { } graph)
        {
            Console.Error.WriteLine($"valori: there is no proximity graph, so every search is exact: {status.Reason}");
            return status.IsReady ? ExitCode.Done : ExitCode.Failed;
        }
        RecallMeasure measure = await RecallMeasure.BeginAsync(engine, file is null ? null : RowsAsync(file, engine.Schema), sample, k, cancellationToken);
        if (measure.Queries == 0)
        {
            Console.Out.WriteLine("no queries");
            return ExitCode.Done;
        }
        Console.Out.WriteLine(Text($"graph of {graph.Records:N0} records, digest {graph.Digest}"));
        Console.Out.WriteLine(Text($"{measure.Queries:N0} queries one after another; exact: {measure.ExactPerSecond:N0} queries/s"));
        foreach (int beam in beams)
        {
            RecallResult result = await measure.RunAsync(beam, cancellationToken);
            (double low, double high) = result.Interval;
            string exact = result.Answered?.ExactBecause is { } because ? $" ({because})" : "";
            Console.Out.WriteLine(Text($"beam {beam,4}: recall@{k} {result.Recall:F4} ({low:F4} to {high:F4}), {result.PerSecond:N0} queries/s{exact}"));
        }
        return ExitCode.Done;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static async IAsyncEnumerable<float[]> RowsAsync(VectorFile file, EngineSchema schema)
    {
        while (file.ReadBatch(ReadRows) is { } rows)
        {
            if (rows.FirstRefused(file.Path, schema) is { } refused) throw refused;
            for (int row = 0; row < rows.Count; row++) yield return rows.Row(row).ToArray();
        }
        await Task.CompletedTask;
    }
}
