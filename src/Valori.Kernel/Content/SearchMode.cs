using System.Globalization;

namespace Valori;

/// <summary>Whether a search may miss some of the nearest records in return for speed.</summary>
/// <param name="Kind">What may answer it.</param>
/// <param name="Beam">
/// How many candidates a walk through the proximity graph keeps, 1 to 4,096: more of them find more of the nearest records, and take longer.
/// 0 with <see cref="SearchModeKind.Exact"/>, and if <see cref="Recall"/> is given.
/// </param>
public sealed record SearchMode(SearchModeKind Kind, int Beam)
{
    /// <summary>The beam of a search that does not name one.</summary>
    public const int DefaultBeam = 64;

    /// <summary>The widest beam. A wider one often takes longer than an exact search.</summary>
    public const int MaximumBeam = 4_096;

    /// <summary>
    /// The part of the nearest records that is to be found, above 0 and up to 1, in place of a beam: the graph has measured, by walks of its own, which
    /// beam found that part. It is an estimate: without clusters, 0.9 asked for was 0.84 to 0.89. With 1, and if no beam found so many, the search is
    /// exact. Null if a beam is given.
    /// </summary>
    public double? Recall { get; init; }

    /// <summary>The exact nearest records. What a search does unless it says otherwise.</summary>
    public static SearchMode Exact { get; } = new(SearchModeKind.Exact, 0);

    /// <summary>Mostly the nearest records, found through the proximity graph of the collection; exact as long as there is none.</summary>
    public static SearchMode Approximate(int beam = DefaultBeam) => new(SearchModeKind.Approximate, beam);

    /// <summary>As <see cref="Approximate"/>, with the beam that is expected to find such a part of the nearest records (<see cref="Recall"/>).</summary>
    /// <param name="recall">Above 0 and up to 1.</param>
    public static SearchMode ApproximateWithRecall(double recall) => new(SearchModeKind.Approximate, 0) { Recall = recall };

    /// <summary>Approximate if that is expected to be faster, and exact otherwise.</summary>
    public static SearchMode Auto(int beam = DefaultBeam) => new(SearchModeKind.Auto, beam);

    /// <summary>As <see cref="Auto"/>, with the beam that is expected to find such a part of the nearest records (<see cref="Recall"/>).</summary>
    /// <param name="recall">Above 0 and up to 1.</param>
    public static SearchMode AutoWithRecall(double recall) => new(SearchModeKind.Auto, 0) { Recall = recall };

    /// <summary>Why there is no such mode, or null.</summary>
    internal Refusal? Check() => Kind switch
    {
        SearchModeKind.Exact when Recall is { } recall => new Refusal(RefusalKind.InvalidArgument, string.Create(CultureInfo.InvariantCulture,
            $"the recall is {recall}, and the mode of the search is exact, which finds all: leave the recall out, or make the mode approximate or auto")),
        SearchModeKind.Exact when Beam == 0 => null,
        SearchModeKind.Exact => new Refusal(RefusalKind.InvalidArgument, $"the beam is {Beam}, and the mode of the search is exact, which has none: "
            + "leave the beam out, or make the mode approximate or auto"),
        SearchModeKind.Approximate or SearchModeKind.Auto when Recall is { } recall => CheckRecall(recall),
        SearchModeKind.Approximate or SearchModeKind.Auto when Beam is >= 1 and <= MaximumBeam => null,
        SearchModeKind.Approximate or SearchModeKind.Auto => new Refusal(RefusalKind.InvalidArgument, $"the beam is {Beam}; it must be in 1..{MaximumBeam}"),
        _ => new Refusal(RefusalKind.InvalidArgument, $"the mode of the search is {(int)Kind}; it must be exact (0), approximate (1) or auto (2)"),
    };

    private Refusal? CheckRecall(double recall)
    {
        if (Beam != 0) return new Refusal(RefusalKind.InvalidArgument, string.Create(CultureInfo.InvariantCulture, $"the recall is {recall}, and the beam is {Beam}: leave one of the two out"));
        return recall is > 0 and <= 1 ? null : new Refusal(RefusalKind.InvalidArgument, string.Create(CultureInfo.InvariantCulture, $"the recall is {recall}; it must be above 0 and at most 1"));
    }
}

/// <summary>What may answer a search.</summary>
public enum SearchModeKind
{
    /// <summary>A scan, or the rows that an index of fields lists.</summary>
    Exact = 0,

    /// <summary>The proximity graph, if there is one.</summary>
    Approximate = 1,

    /// <summary>What is expected to be faster.</summary>
    Auto = 2,
}
