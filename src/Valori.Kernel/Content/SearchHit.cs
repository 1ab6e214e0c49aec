using Valori.Kernel.Vectors;

namespace Valori.Kernel;

/// <summary>One answer of a search: a record and its exact distance from the query.</summary>
/// <param name="Score">The squared L2 distance in units of 2^-32: an exact integer.</param>
public readonly record struct SearchHit(RecordId Id, long Score)
{
    /// <summary>The L2 distance, human-readable: the square root of the score, in the vectors' own unit.</summary>
    public double Distance => Math.Sqrt(Score) / FixedPoint.UnitsPerOne;
}

/// <summary>A hit together with the graph around it.</summary>
/// <param name="Nodes">The nodes that stand for the record and those within the asked depth of them, breadth first.</param>
public sealed record ExpandedHit(SearchHit Hit, IReadOnlyList<NodeId> Nodes);
