using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;
using Valori.Kernel.Proofs;
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
            Description = "A data directory. Give it twice, once for each of the two to compare. Only one process at a time can use it.",
            Required = true,
            HelpName = "DIR",
            Arity = new ArgumentArity(1, 100),
        };
        data.Validators.Add(result =>
        {
            if (result.Tokens.Count != 2) result.AddError($"--data names {(result.Tokens.Count == 1 ? "one directory" : $"{result.Tokens.Count} directories")}; it must be given twice, for the two that are compared");
        });
        Option<string> collection = CommandLine.Collection();
        Option<int> limit = new("--limit")
        {
            Description = "How many differences to find at most.",
            DefaultValueFactory = _ => DefaultLimit,
            CustomParser = result => CommandLine.WholeNumber(result, 1, int.MaxValue),
            HelpName = "N",
        };
        Option<bool> asJson = CommandLine.Json("Print one JSON object.");
        Command command = new("diff", "Compare a collection in two directories by their Merkle trees. Exit code 0 if they are equal, 1 if not.")
        {
            data, collection, limit, asJson,
        };
        command.OnRun((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(data), parsed.GetRequiredValue(collection), parsed.GetRequiredValue(limit), parsed.GetValue(asJson), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(DirectoryInfo[] data, string collection, int limit, bool asJson, CancellationToken cancellationToken)
    {
        if (data is not [var first, var second]) throw new InvalidOperationException("the parser let another number of directories pass");
        if (RealPath(first) == RealPath(second))
            throw new RequestException($"both --data are {first.FullName}: there is nothing to compare. Give two different directories");

        await using ValoriEngine engine = await CommandLine.OpenAsync(first, collection, dimension: null, create: false, cancellationToken);
        await using ValoriEngine other = await CommandLine.OpenAsync(second, collection, dimension: null, create: false, cancellationToken);
        if (engine.Dimension != other.Dimension)
            throw new RequestException($"the collections cannot be compared: vectors have {engine.Dimension} components in {first.FullName}, {other.Dimension} in {second.FullName}");

        Comparison comparison = await engine.CompareAsync(other, limit, cancellationToken);
        Console.Out.WriteLine(asJson
            ? JsonSerializer.Serialize(Answers.Comparison(comparison), Answers.Options)
            : ToText(comparison, first.FullName, second.FullName));
        return comparison.This.StateHash == comparison.Other.StateHash ? ExitCode.Done : ExitCode.Failed;
    }

    private static string ToText(Comparison comparison, string first, string second)
    {
        List<string> lines = [Place(first, comparison.This), Place(second, comparison.Other)];
        lines.AddRange(comparison.Differences.Select(difference => string.Create(CultureInfo.InvariantCulture,
            $"{Answers.Word(difference.Kind)} {difference.Id} {How(difference.How, first, second)}")));
        lines.Add(comparison.This.StateHash == comparison.Other.StateHash
            ? "equal"
            : string.Create(CultureInfo.InvariantCulture,
                $"{comparison.Differences.Count:N0} {(comparison.Differences.Count == 1 ? "difference" : "differences")}{(comparison.IsComplete ? "" : " and more (--limit)")}; {comparison.DigestsRead:N0} digests read"));
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

    private static string RealPath(DirectoryInfo directory) =>
        Path.TrimEndingDirectorySeparator((directory.Exists ? directory.ResolveLinkTarget(returnFinalTarget: true) ?? directory : directory).FullName);
}
