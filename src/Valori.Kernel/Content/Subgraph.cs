using Valori.Kernel;

namespace Valori;

/// <summary>What to return of the graph around some nodes.</summary>
/// <param name="Starts">Where to start, 1 to <see cref="Limits.MaximumListed"/> nodes.</param>
/// <param name="Depth">How many edges away a node may be, at least 0.</param>
public sealed record SubgraphQuery(IReadOnlyList<NodeId> Starts, int Depth)
{
    /// <summary>Which edges and nodes belong to it.</summary>
    public Traversal Traversal { get; init; } = Traversal.Around;

    /// <summary>The maximum number of nodes, 1 to <see cref="Limits.MaximumSubgraphNodes"/>. What is nearest comes first.</summary>
    public int Limit { get; init; } = 1_000;
}

/// <summary>A part of the graph: some nodes, and the edges between them.</summary>
/// <param name="Nodes">Each once, breadth first, as <see cref="View.Expand(NodeId, int)"/> orders them.</param>
/// <param name="Edges">
/// Each once, by id: those with both ends among the nodes that match the traversal, whichever way it goes.
/// </param>
/// <param name="IsComplete">False if there are more nodes or edges than the limits allow.</param>
public sealed record Subgraph(IReadOnlyList<NodeContent> Nodes, IReadOnlyList<EdgeContent> Edges, bool IsComplete);
