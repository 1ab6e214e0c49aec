using Valori.Kernel.Search;

namespace Valori.Kernel;

internal sealed partial class View
{
    /// <summary>The nodes around some nodes, and the edges between them, all as of this version.</summary>
    /// <param name="cancellationToken">Looked at before each edge.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<Subgraph> Subgraph(SubgraphQuery query, CancellationToken cancellationToken = default) => Subgraph(query, cancellationToken, meter: null);

    internal Outcome<Subgraph> Subgraph(SubgraphQuery query, CancellationToken stop, ReadMeter? meter)
    {
        if (CheckSubgraph(query.Depth, query.Traversal, query.Limit) is { } refusal) return refusal;
        if (query.Starts.Count is < 1 or > Limits.MaximumListed)
            return new Refusal(RefusalKind.InvalidArgument, $"there are {query.Starts.Count} nodes to start from; it must be 1..{Limits.MaximumListed}");
        foreach (NodeId start in query.Starts)
        {
            if (Graph.Check(start) is { } missing) return missing;
        }
        return SubgraphAround(query.Starts, query.Depth, query.Traversal, query.Limit, Limits.MaximumSubgraphEdges, Limits.MaximumAnswerBytes, stop, meter);
    }

    /// <summary>The nodes that stand for the records of hits in this View and those around them, and the edges between them.</summary>
    /// <param name="hits">Refused if this View does not have their records.</param>
    /// <param name="query">Its starts are not looked at.</param>
    /// <param name="cancellationToken">Looked at before each hit and each edge.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<Subgraph> Subgraph(IReadOnlyList<SearchHit> hits, SubgraphQuery query, CancellationToken cancellationToken = default) =>
        Subgraph(hits, query, cancellationToken, meter: null);

    internal Outcome<Subgraph> Subgraph(IReadOnlyList<SearchHit> hits, SubgraphQuery query, CancellationToken stop, ReadMeter? meter)
    {
        if ((CheckSubgraph(query.Depth, query.Traversal, query.Limit) ?? CheckHits(hits, stop)) is { } refusal) return refusal;
        return SubgraphAround(
            hits.SelectMany(hit => NodesOf(hit.Id)), query.Depth, query.Traversal, query.Limit, Limits.MaximumSubgraphEdges, Limits.MaximumAnswerBytes, stop, meter);
    }

    /// <summary>Why hits are not those of this View, or null.</summary>
    private Refusal? CheckHits(IReadOnlyList<SearchHit> hits, CancellationToken stop)
    {
        foreach (SearchHit hit in hits)
        {
            stop.ThrowIfCancellationRequested();
            if (CheckRecord(hit.Id) is { } refusal) return refusal;
        }
        return null;
    }

    /// <summary>Why there can be no such subgraph, or null.</summary>
    internal static Refusal? CheckSubgraph(int depth, Traversal traversal, int limit) => CheckDepth(depth) ?? traversal.Fault()
        ?? (limit is < 1 or > Limits.MaximumSubgraphNodes ? new Refusal(RefusalKind.InvalidArgument, $"limit is {limit}; it must be in 1..{Limits.MaximumSubgraphNodes}") : null);

    internal Subgraph SubgraphAround(
        IEnumerable<NodeId> starts, int depth, Traversal traversal, int mostNodes, int mostEdges, long mostBytes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        ViewGraph graph = Graph;
        // More starts than nodes that are wanted make it incomplete, as other nodes do.
        List<NodeId> reached = graph.Reach(starts, depth, traversal, mostNodes, stop, meter);
        bool isComplete = reached.Count <= mostNodes;
        if (!isComplete) reached.RemoveRange(mostNodes, reached.Count - mostNodes);

        List<NodeContent> nodes = [];
        long bytes = 0;
        foreach (NodeId id in reached)
        {
            long more = graph.BytesOf(id);
            bytes += more;
            if (bytes > mostBytes && nodes.Count > 0)
            {
                isComplete = false;
                break;
            }
            meter?.Read(more);
            nodes.Add(graph.Read(id));
        }
        HashSet<NodeId> among = [.. nodes.Select(node => node.Id)];
        List<EdgeContent> edges = [];
        foreach (NodeContent node in nodes)
        {
            NodeEdgeWalk outgoing = graph.EdgesOf(node.Id, EdgeDirection.Out);
            while (outgoing.MoveNext())
            {
                stop.ThrowIfCancellationRequested();
                meter?.Step();
                if (!among.Contains(outgoing.Neighbour) || !graph.Takes(outgoing.Edge, traversal)) continue;
                long more = graph.BytesOf(outgoing.Edge);
                bytes += more;
                if (edges.Count == mostEdges || bytes > mostBytes) return new Subgraph(nodes, InOrder(edges), false);
                meter?.Read(more);
                edges.Add(graph.Read(outgoing.Edge));
            }
        }
        return new Subgraph(nodes, InOrder(edges), isComplete);
    }

    private static EdgeContent[] InOrder(List<EdgeContent> edges) => [.. edges.OrderBy(edge => edge.Id)];
}
