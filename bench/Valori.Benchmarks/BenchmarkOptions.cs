using System.CommandLine;
using Valori.Benchmarks.Data;

namespace Valori.Benchmarks;

/// <summary>What the command line says about a run. Every scenario takes all of it and uses what it needs.</summary>
/// <param name="Rounds">Repetitions of work that is measured as a whole.</param>
/// <param name="Ids">Where the ids that a search found are written, for a comparison with a peer's.</param>
internal sealed record BenchmarkOptions(
    int Rows, int Dimension, int Threads, int Queries, int K, int Rounds, ulong Seed, DataKind Kind, int Degree, int BuildBeam, int Alpha, DirectoryInfo Data, FileInfo? Ids, bool Json)
{
    private static readonly Option<int> RowsOption = Number("--rows", "Records in the kernel.", 100_000);
    private static readonly Option<int> DimensionOption = Number("--dim", "Components of a vector.", Limits.DefaultDimension);
    private static readonly Option<int> ThreadsOption = Number("--threads", "Threads of a search.", 1);
    private static readonly Option<int> QueriesOption = Number("--queries", "Different queries, at least 15.", 128, least: 15);
    private static readonly Option<int> KOption = Number("--k", "Hits of a search.", 10);
    private static readonly Option<int> RoundsOption = Number("--rounds", "Repetitions of work that is measured as a whole.", 5);
    private static readonly Option<int> SeedOption = Number("--seed", "Of the data.", 1);
    private static readonly Option<int> DegreeOption = Number("--degree", "Neighbours of a vertex of the proximity graph.", 32);
    private static readonly Option<int> BuildBeamOption = Number("--build-beam", "Width of the searches that build it.", 100);
    private static readonly Option<int> AlphaOption = Number("--alpha", "Percent: what a neighbour must be nearer by to leave out another.", 107);

    private static readonly Option<DataKind> KindOption = new("--kind")
    {
        Description = "What the vectors are like: Clustered, PowerLaw or Gaussian.",
        HelpName = "KIND",
        DefaultValueFactory = _ => DataKind.Clustered,
    };

    private static readonly Option<bool> JsonOption = new("--json") { Description = "Print one line of JSON." };

    private static readonly Option<DirectoryInfo> DataOption = new("--data")
    {
        Description = "Where the .fvecs files are kept from run to run.",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(Path.GetTempPath(), "valori-bench")),
    };

    private static readonly Option<FileInfo?> IdsOption = new("--ids")
    {
        Description = "Write the ids found by scan, batch and wide as .ivecs.",
        HelpName = "FILE",
    };

    /// <summary>Adds every option to the command.</summary>
    public static void AddTo(System.CommandLine.Command command)
    {
        foreach (Option option in (Option[])
            [RowsOption, DimensionOption, ThreadsOption, QueriesOption, KOption, RoundsOption, SeedOption, KindOption, DegreeOption, BuildBeamOption, AlphaOption, DataOption, IdsOption, JsonOption])
        {
            command.Options.Add(option);
        }
    }

    public static BenchmarkOptions From(ParseResult parsed) => new(
        parsed.GetRequiredValue(RowsOption), parsed.GetRequiredValue(DimensionOption), parsed.GetRequiredValue(ThreadsOption),
        parsed.GetRequiredValue(QueriesOption), parsed.GetRequiredValue(KOption), parsed.GetRequiredValue(RoundsOption),
        (ulong)parsed.GetRequiredValue(SeedOption), parsed.GetRequiredValue(KindOption),
        parsed.GetRequiredValue(DegreeOption), parsed.GetRequiredValue(BuildBeamOption), parsed.GetRequiredValue(AlphaOption), parsed.GetRequiredValue(DataOption), parsed.GetValue(IdsOption), parsed.GetValue(JsonOption));

    private static Option<int> Number(string name, string description, int standard, int least = 1)
    {
        Option<int> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name} must be at least {least}");
        });
        return option;
    }
}
