using Valori.Kernel.Vectors;

namespace Valori.Kernel;

/// <summary>
/// What to search for: the nearest records of each vector of a block, among those that a filter lets through. The answer is a
/// function of the state and this alone.
/// </summary>
/// <param name="Vectors">One vector, or several that share what follows: searched together they cost a fraction of as many searches.</param>
/// <param name="K">Hits of each vector, at least 1. There are fewer if fewer records match.</param>
public sealed record SearchQuery(VectorBlock Vectors, int K)
{
    /// <summary>Which records may be hits; all of them unless it is set.</summary>
    public RecordFilter Filter { get; init; } = RecordFilter.All;

    /// <summary>Why this is not a search of one vector, or null.</summary>
    internal Refusal? CheckSingle() => Vectors.Count == 1
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"expected one query vector, got {Vectors.Count}");
}
