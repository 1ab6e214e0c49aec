using Valori.Kernel.Vectors;

namespace Valori;

/// <summary>
/// What to search for: the nearest records of each vector of a block, among those that match a filter. An exact answer is a
/// function of the state and this alone; an approximate one also of the graph that answered it (<see cref="SearchAnswered"/>).
/// </summary>
/// <param name="Vectors">One vector, or several that share what follows: searched together they cost a fraction of as many searches.</param>
/// <param name="K">Hits of each vector, at least 1. There are fewer if fewer records match.</param>
public sealed record SearchQuery(VectorBlock Vectors, int K)
{
    /// <summary>Which records may be hits; all of them unless it is set.</summary>
    public Filter Filter { get; init; } = Filter.All;

    /// <summary>
    /// The worst score that a hit may have, or null for any: the largest of a distance, the smallest of an inner product
    /// (<see cref="WithLimits"/>).
    /// </summary>
    public long? ScoreLimit { get; init; }

    /// <summary>How many of the best hits of each vector are left out: the hits are those after them.</summary>
    public int Offset { get; init; }

    /// <summary>Which parts of its record come with each hit, from the same state (<see cref="SearchHit.Record"/>).</summary>
    public RecordParts With { get; init; }

    /// <summary>Whether hits may be missing in return for speed; exact unless it is set.</summary>
    public SearchMode Mode { get; init; } = SearchMode.Exact;

    /// <summary>
    /// The same search, for hits that are near enough: those whose <see cref="SearchHit.Distance"/> is at most the one, and those whose
    /// <see cref="SearchHit.Similarity"/> is at least the other.
    /// </summary>
    /// <param name="schema">Of the collection that is searched.</param>
    /// <param name="maximumDistance">With <see cref="Metric.L2"/> only; null for any.</param>
    /// <param name="minimumSimilarity">With <see cref="Metric.Cosine"/> and <see cref="Metric.Dot"/> only; null for any.</param>
    public Outcome<SearchQuery> WithLimits(EngineSchema schema, double? maximumDistance, double? minimumSimilarity)
    {
        bool hasDistances = schema.Metric == Metric.L2;
        if (maximumDistance is not null && !hasDistances) return Invalid($"a maximum distance is given, but the metric of the collection is {schema.Metric.Name()}: give a minimum similarity instead");
        if (minimumSimilarity is not null && hasDistances) return Invalid("a minimum similarity is given, but the metric of the collection is l2: give a maximum distance instead");
        if (maximumDistance is { } distance)
        {
            return distance >= 0 && double.IsFinite(distance)
                ? this with { ScoreLimit = schema.ScoreUnit.LargestWithin(distance) }
                : Invalid(FormattableString.Invariant($"the maximum distance is {distance}; it must be a finite number that is not negative"));
        }
        if (minimumSimilarity is not { } similarity) return this with { ScoreLimit = null };
        if (!double.IsFinite(similarity)) return Invalid(FormattableString.Invariant($"the minimum similarity is {similarity}; it must be a finite number"));
        return schema.Metric == Metric.Cosine && (similarity is < -1 or > 1)
            ? Invalid(FormattableString.Invariant($"the minimum similarity is {similarity}; with the metric cosine it must be in -1..1"))
            : this with { ScoreLimit = schema.ScoreUnit.WorstReaching(similarity) };
    }

    /// <summary>The <see cref="ScoreLimit"/> as what no hit may cost more than: a score is a cost, or its opposite if the largest is the best.</summary>
    internal long CostLimit(EngineSchema schema) => ScoreLimit switch
    {
        null => long.MaxValue,
        { } limit when !schema.ScoreUnit.LargestFirst => limit,
        // No score is as small as the number that has no opposite, so as a limit it and its neighbour keep out the same: nothing.
        long.MinValue => long.MaxValue,
        { } limit => -limit,
    };

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);

    /// <summary>Why this is not a search of one vector, or null.</summary>
    internal Refusal? CheckSingle() => Vectors.Count == 1
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"expected one query vector, got {Vectors.Count}");
}
