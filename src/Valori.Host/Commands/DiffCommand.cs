using System.CommandLine;
using System.Globalization;
using Valori.Actors.Audit;
using Valori.Actors.Queries;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Host.Operations;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori diff</c>: the records, nodes and edges in which the collections of two directories differ.</summary>
internal static class DiffCommand
{
    private const int DefaultLimit = 100;

    public static Command Create()
    {
        Option<DirectoryInfo[]> data = new("--data")
        {
            Description = "A data directory. Give it twice, once for each of the two to compare, or once with --config. Only one process at a time can use it.",
            HelpName = "DIR",
            Arity = new ArgumentArity(0, 100),
            DefaultValueFactory = _ => [],
        };
        Option<FileInfo[]> config = new("--config")
        {
            Description = "The HOCON file of a service, instead of one --data: compares a journal in PostgreSQL, without a lock and beside the service.",
            HelpName = "FILE",
            Arity = new ArgumentArity(0, 100),
            DefaultValueFactory = _ => [],
        };
        Option<string> collection = CommandLine.Collection();
        Option<int> limit = new("--limit")
        {
            Description = "The maximum number of differences to find.",
            DefaultValueFactory = _ => DefaultLimit,
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
        Option<bool> asJson = CommandLine.Json("Print one JSON object.");
        Command command = new("diff", "Compare a collection in two directories by their Merkle trees. Exit code 0 if they are equal, 1 if not.")
        {
            data, config, collection, limit, asJson,
        };
        command.Validators.Add(result =>
        {
            int directories = result.GetResult(data)?.Tokens.Count ?? 0, files = result.GetResult(config)?.Tokens.Count ?? 0;
            if (directories + files == 2) return;
            if (files > 0) result.AddError($"--data and --config name {directories + files} places; together they must name the two to compare");
            else if (directories == 0) result.AddError("Option '--data' is required: give it twice, once for each of the two to compare");
            else result.AddError($"--data names {(directories == 1 ? "one directory" : $"{directories} directories")}; give it twice, once for each of the two to compare");
        });
        command.OnRun((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(data), parsed.GetRequiredValue(config), parsed.GetRequiredValue(collection), parsed.GetRequiredValue(limit), parsed.GetValue(asJson), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        DirectoryInfo[] data, FileInfo[] configs, string collection, int limit, bool asJson, CancellationToken cancellationToken)
    {
        AuditedStore[] stores = [.. data.Select(directory => AuditedStore.Of(directory, null)), .. configs.Select(file => AuditedStore.Of(null, file))];
        if (stores is not [var first, var second]) throw new InvalidOperationException("the parser let another number of places pass");
        if (Place(first) == Place(second))
            throw new RequestException($"both {(configs.Length == 0 ? "--data" : "places")} are {first.Name}: there is nothing to compare. "
                + $"Give two {(configs.Length == 0 ? "directories" : "places")}");

        // Before one is opened, which may take long.
        first.CheckThere();
        second.CheckThere();
        Comparison comparison = first.Database is null && second.Database is null
            ? await CompareEnginesAsync(first, second, collection, limit, cancellationToken)
            : await Task.Run(() => CompareProvenAsync(first, second, collection, limit, cancellationToken), cancellationToken);
        Console.Out.WriteLine(asJson
            ? AnswerJson.Line(ComparisonAnswer.Of(comparison))
            : ToText(comparison, first.Name, second.Name));
        return comparison.This.StateHash == comparison.Other.StateHash ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<Comparison> CompareEnginesAsync(AuditedStore first, AuditedStore second, string collection, int limit, CancellationToken cancellationToken)
    {
        await using ValoriEngine engine = await first.OpenEngineAsync(collection, WantedSchema.Any, cancellationToken);
        await using ValoriEngine other = await second.OpenEngineAsync(collection, WantedSchema.Any, cancellationToken);
        CheckSchemas(engine.Schema, other.Schema, first, second);
        return await engine.CompareAsync(other, limit, cancellationToken);
    }

    /// <summary>Both are proven from their rows first, without a lock.</summary>
    private static async Task<Comparison> CompareProvenAsync(AuditedStore first, AuditedStore second, string collection, int limit, CancellationToken cancellationToken)
    {
        using ReadOnlyCollection one = first.OpenReadOnly(collection, cancellationToken), other = second.OpenReadOnly(collection, cancellationToken);
        CheckSchemas(one.Status.Schema, other.Status.Schema, first, second);
        return await new EngineComparison(new ComparedView(one.Status, one.View), new ComparedView(other.Status, other.View), limit).RunAsync();
    }

    private static void CheckSchemas(EngineSchema schema, EngineSchema other, AuditedStore first, AuditedStore second)
    {
        if (schema.DifferenceFrom(other) is var (mine, others))
            throw new RequestException($"the collections cannot be compared: {mine} in {first.Name}, {others} in {second.Name}");
    }

    private static string ToText(Comparison comparison, string first, string second)
    {
        List<string> lines = [Place(first, comparison.This), Place(second, comparison.Other)];
        lines.AddRange(comparison.Differences.Select(difference => string.Create(CultureInfo.InvariantCulture,
            $"{AnswerJson.Word(difference.Kind)} {difference.Id} {How(difference.How, first, second)}")));
        lines.Add(comparison.This.StateHash == comparison.Other.StateHash
            ? "equal"
            : string.Create(CultureInfo.InvariantCulture,
                $"{comparison.Differences.Count:N0} "
                    + $"{(comparison.Differences.Count == 1 ? "difference" : "differences")}{(comparison.IsComplete ? "" : " and more (--limit)")}; {comparison.DigestsRead:N0} digests read"));
        return string.Join('\n', lines);
    }

    private static string Place(string directory, HistoryPlace place) => string.Create(CultureInfo.InvariantCulture,
        $"{directory}: event {place.SequenceNr} of {Iso8601.Format(place.UnixMicroseconds)}, state hash {place.StateHash}");

    private static string How(DifferenceKind how, string first, string second) => how switch
    {
        DifferenceKind.Content => "differs",
        DifferenceKind.OnlyInThis => $"only in {first}",
        _ => $"only in {second}",
    };

    private static string Place(AuditedStore store) => store.Database is null ? RealPath(new DirectoryInfo(store.Directory!)) : store.Name;

    private static string RealPath(DirectoryInfo directory) =>
        Path.TrimEndingDirectorySeparator((directory.Exists ? directory.ResolveLinkTarget(returnFinalTarget: true) ?? directory : directory).FullName);
}
