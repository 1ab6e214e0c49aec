using Valori.Kernel.Search;
using Valori.Kernel.Storage;

namespace Valori.Kernel;

internal sealed partial class View
{
    private ViewGraph Graph => new(_graph, NodeSlots, EdgeSlots, Version);

    /// <summary>The node, or a refusal if it does not exist or was deleted.</summary>
    public Outcome<NodeContent> GetNode(NodeId id) => Graph.Check(id) is { } refusal ? refusal : Graph.Read(id);

    /// <summary>The node with an id, or with the key of a document, or a refusal if there is none.</summary>
    public Outcome<NodeContent> GetNode(NodeRef node) => node.Key is not { } key ? node.Id is { } id ? GetNode(id) : node.Missing : Graph.Find(key) is { } found ? GetNode(found) : node.Missing;

    /// <summary>The edge, or a refusal if it does not exist or was deleted.</summary>
    public Outcome<EdgeContent> GetEdge(EdgeId id)
    {
        if (id.Value >= EdgeSlots) return Refusal.Edge(id.Value, deleted: false);
        return Graph.IsLive(id) ? Graph.Read(id) : Refusal.Edge(id.Value, deleted: true);
    }

    /// <summary>
    /// All live edges of a node, or a refusal if it does not exist or was deleted, or has more than
    /// <see cref="Limits.MaximumGraphAnswer"/>, or their fields are larger than an answer may be.
    /// </summary>
    /// <param name="cancellationToken">Looked at before each edge.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<NodeEdges> GetEdges(NodeId id, CancellationToken cancellationToken = default) => GetEdges(id, Limits.MaximumGraphAnswer, stop: cancellationToken);

    internal Outcome<NodeEdges> GetEdges(NodeId id, int mostEdges, long mostBytes = Limits.MaximumAnswerBytes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        ViewGraph graph = Graph;
        if (graph.Check(id) is { } refusal) return refusal;
        List<EdgeContent> outgoing = [], incoming = [];
        long bytes = 0;
        foreach ((EdgeDirection direction, List<EdgeContent> edges) in new[] { (EdgeDirection.Out, outgoing), (EdgeDirection.In, incoming) })
        {
            NodeEdgeWalk walk = graph.EdgesOf(id, direction);
            while (walk.MoveNext())
            {
                stop.ThrowIfCancellationRequested();
                meter?.Step();
                if (!graph.IsLive(walk.Edge)) continue;
                if (outgoing.Count + incoming.Count == mostEdges)
                    return new Refusal(RefusalKind.LimitExceeded, $"node {id} has more than {mostEdges} edges, which is the limit of one answer: list them in pages");
                long more = graph.BytesOf(walk.Edge);
                // Without fields, as many as the limit says are less than an answer may have.
                if (more > Limits.RecordBytes) bytes += more;
                if (bytes > mostBytes)
                    return new Refusal(RefusalKind.LimitExceeded, $"the edges of node {id} take more than {mostBytes} bytes with their fields, the limit of one answer: list them in pages");
                meter?.Read(more);
                edges.Add(graph.Read(walk.Edge));
            }
        }
        return new NodeEdges(outgoing, incoming);
    }

    /// <summary>
    /// The nodes within <paramref name="depth"/> outgoing edges of a node: breadth first, siblings by edge id, the start
    /// included. Refused if there are more than <see cref="Limits.MaximumGraphAnswer"/>.
    /// </summary>
    public Outcome<IReadOnlyList<NodeId>> Expand(NodeId start, int depth) => Expand(start, depth, Traversal.Outgoing);

    /// <summary>The same with the edges and nodes that match a traversal.</summary>
    /// <param name="cancellationToken">Looked at before each edge.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<IReadOnlyList<NodeId>> Expand(NodeId start, int depth, Traversal traversal, CancellationToken cancellationToken = default) =>
        Expand(start, depth, traversal, Limits.MaximumGraphAnswer, cancellationToken);

    internal Outcome<IReadOnlyList<NodeId>> Expand(NodeId start, int depth, Traversal traversal, int mostNodes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        if ((CheckDepth(depth) ?? traversal.Fault() ?? Graph.Check(start)) is { } refusal) return refusal;
        List<NodeId> reached = Graph.Reach([start], depth, traversal, mostNodes, stop, meter);
        return reached.Count <= mostNodes ? reached : TooManyNodes(depth, mostNodes);
    }

    /// <summary>Whether some nodes have at most so many edges together, deleted ones and the nodes counted.</summary>
    internal bool HasFewEdges(IEnumerable<NodeId> nodes, EdgeDirection direction, int most)
    {
        ViewGraph graph = Graph;
        foreach (NodeId node in nodes)
        {
            if (--most < 0) return false;
            if (node.Value >= NodeSlots) continue;
            NodeEdgeWalk edges = graph.EdgesOf(node, direction);
            while (edges.MoveNext())
            {
                if (--most < 0) return false;
            }
        }
        return true;
    }

    private static Refusal TooManyNodes(int depth, int mostNodes) => new(RefusalKind.LimitExceeded,
        $"more than {mostNodes} nodes are within depth {depth}, which is the limit of one answer: ask for a smaller depth");

    /// <summary>The live nodes that stand for a record, by id.</summary>
    private IEnumerable<NodeId> NodesOf(RecordId id)
    {
        RecordSegment segment = _records.Find(id, out int row);
        return NodesFromLink(segment.FirstNode(row));
    }

    private IEnumerable<NodeId> NodesFromLink(ulong link)
    {
        for (; link != 0 && link <= NodeSlots; link = Volatile.Read(ref _graph.Nodes[link - 1].NextOfRecord))
        {
            if (Graph.IsLive(new NodeId(link - 1))) yield return new NodeId(link - 1);
        }
    }

    /// <summary>Why an expansion cannot have the depth, or null if it can.</summary>
    public static Refusal? CheckDepth(int depth) =>
        depth >= 0 ? null : new Refusal(RefusalKind.InvalidArgument, $"depth is {depth}; it must be at least 0");

    private bool IsLive(ref GraphTable.NodeRow node) => IsLive(Volatile.Read(ref node.DeletedAt));

    private bool IsLive(ref GraphTable.EdgeRow edge) => IsLive(Volatile.Read(ref edge.DeletedAt));

    private bool IsLive(ulong deletedAt) => deletedAt == 0 || deletedAt > Version;
}
