namespace Valori;

/// <summary>One answer of a search: a record and its exact score.</summary>
/// <param name="Score">
/// An exact integer: the squared Euclidean distance of the raw values, or with <see cref="Metric.Dot"/> their inner product.
/// </param>
public readonly record struct SearchHit(RecordId Id, long Score)
{
    /// <summary>What the score means; the default is that of a collection that has nothing but a dimension.</summary>
    public ScoreUnit Unit { get; init; }

    /// <summary>The parts of the record that the query asked for (<see cref="SearchQuery.With"/>); null if it asked for none.</summary>
    public RecordContent? Record { get; init; }

    /// <summary>The Euclidean distance, human-readable: the square root of the score, in the vectors' own unit. NaN with <see cref="Metric.Dot"/>.</summary>
    public double Distance => Unit.Distance(Score);

    /// <summary>The cosine or the inner product, human-readable, in the vectors' own unit. NaN with <see cref="Metric.L2"/>.</summary>
    public double Similarity => Unit.Similarity(Score);
}

/// <summary>A hit together with the graph around it.</summary>
/// <param name="Nodes">The nodes that stand for the record and those within the asked depth of them, breadth first.</param>
public sealed record ExpandedHit(SearchHit Hit, IReadOnlyList<NodeId> Nodes);
