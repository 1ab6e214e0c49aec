using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel;

public sealed partial class View
{
    /// <summary>The node, or a refusal if it does not exist or was deleted.</summary>
    public Outcome<NodeContent> GetNode(NodeId id)
    {
        if (CheckNode(id) is { } refusal) return refusal;
        ref GraphTable.NodeRow node = ref _graph.Nodes[id.Value];
        return new NodeContent(id, new NodeKind(node.Kind), _graph.RecordOf(ref node, Version)) { Fields = _graph.AttributesOf(ref node, Version).ToFields() };
    }

    /// <summary>The edge, or a refusal if it does not exist or was deleted.</summary>
    public Outcome<EdgeContent> GetEdge(EdgeId id)
    {
        if (id.Value >= EdgeSlots) return Refusal.Edge(id.Value, deleted: false);
        return IsLive(ref _graph.Edges[id.Value]) ? ReadEdge(id) : Refusal.Edge(id.Value, deleted: true);
    }

    /// <summary>
    /// All live edges of a node, or a refusal if it does not exist or was deleted, or has more than
    /// <see cref="Limits.MaximumGraphAnswer"/>.
    /// </summary>
    public Outcome<NodeEdges> GetEdges(NodeId id) => GetEdges(id, Limits.MaximumGraphAnswer);

    internal Outcome<NodeEdges> GetEdges(NodeId id, int mostEdges)
    {
        if (CheckNode(id) is { } refusal) return refusal;
        ref GraphTable.NodeRow node = ref _graph.Nodes[id.Value];
        List<EdgeContent> outgoing = [], incoming = [];
        for (ulong link = Volatile.Read(ref node.FirstOut); link != 0 && link <= EdgeSlots && outgoing.Count <= mostEdges; link = Volatile.Read(ref _graph.Edges[link - 1].NextOut))
        {
            if (IsLive(ref _graph.Edges[link - 1])) outgoing.Add(ReadEdge(new EdgeId(link - 1)));
        }
        for (ulong link = Volatile.Read(ref node.FirstIn); link != 0 && link <= EdgeSlots && outgoing.Count + incoming.Count <= mostEdges; link = Volatile.Read(ref _graph.Edges[link - 1].NextIn))
        {
            if (IsLive(ref _graph.Edges[link - 1])) incoming.Add(ReadEdge(new EdgeId(link - 1)));
        }
        if (outgoing.Count + incoming.Count > mostEdges)
            return new Refusal(RefusalKind.LimitExceeded, $"node {id} has more than {mostEdges} edges, which is the limit of one answer: ask for the edges by their ids");
        return new NodeEdges(outgoing, incoming);
    }

    /// <summary>
    /// The nodes within <paramref name="depth"/> outgoing edges of a node: breadth first, siblings by edge id, the start
    /// included. Refused if there are more than <see cref="Limits.MaximumGraphAnswer"/>.
    /// </summary>
    public Outcome<IReadOnlyList<NodeId>> Expand(NodeId start, int depth) => Expand(start, depth, Limits.MaximumGraphAnswer);

    internal Outcome<IReadOnlyList<NodeId>> Expand(NodeId start, int depth, int mostNodes)
    {
        if ((CheckDepth(depth) ?? CheckNode(start)) is { } refusal) return refusal;
        List<NodeId> reached = Reach([start], depth, mostNodes);
        return reached.Count <= mostNodes ? reached : TooManyNodes(depth, mostNodes);
    }

    private static Refusal TooManyNodes(int depth, int mostNodes) => new(RefusalKind.LimitExceeded,
        $"more than {mostNodes} nodes are within depth {depth}, which is the limit of one answer: ask for a smaller depth");

    /// <summary>The live nodes that stand for a record, by id.</summary>
    private List<NodeId> NodesOf(RecordId id)
    {
        List<NodeId> nodes = [];
        RecordSegment segment = _records.Find(id, out int row);
        for (ulong link = segment.FirstNode(row); link != 0 && link <= NodeSlots; link = Volatile.Read(ref _graph.Nodes[link - 1].NextOfRecord))
        {
            if (IsLive(ref _graph.Nodes[link - 1])) nodes.Add(new NodeId(link - 1));
        }
        return nodes;
    }

    /// <summary>Breadth first; ends early, with one node more than are wanted, if there are more.</summary>
    private List<NodeId> Reach(List<NodeId> starts, int depth, int mostNodes)
    {
        List<NodeId> reached = starts;
        HashSet<NodeId> seen = [.. starts];
        int levelStart = 0;
        for (int level = 0; level < depth && levelStart < reached.Count && reached.Count <= mostNodes; level++)
        {
            int levelEnd = reached.Count;
            for (int i = levelStart; i < levelEnd && reached.Count <= mostNodes; i++)
            {
                ref GraphTable.NodeRow node = ref _graph.Nodes[reached[i].Value];
                for (ulong link = Volatile.Read(ref node.FirstOut); link != 0 && link <= EdgeSlots && reached.Count <= mostNodes; link = Volatile.Read(ref _graph.Edges[link - 1].NextOut))
                {
                    ref GraphTable.EdgeRow edge = ref _graph.Edges[link - 1];
                    if (IsLive(ref edge) && seen.Add(new NodeId(edge.To))) reached.Add(new NodeId(edge.To));
                }
            }
            levelStart = levelEnd;
        }
        return reached;
    }

    private Refusal? CheckNode(NodeId id)
    {
        if (id.Value >= NodeSlots) return Refusal.Node(id.Value, deleted: false);
        return IsLive(ref _graph.Nodes[id.Value]) ? null : Refusal.Node(id.Value, deleted: true);
    }

    /// <summary>Why an expansion cannot have the depth, or null if it can.</summary>
    public static Refusal? CheckDepth(int depth) =>
        depth >= 0 ? null : new Refusal(RefusalKind.InvalidArgument, $"depth is {depth}; it must be at least 0");

    private EdgeContent ReadEdge(EdgeId id)
    {
        ref GraphTable.EdgeRow edge = ref _graph.Edges[id.Value];
        PackedGraphAttributes attributes = _graph.AttributesOf(ref edge, Version);
        return new EdgeContent(id, new NodeId(edge.From), new NodeId(edge.To), new EdgeKind(edge.Kind)) { Fields = attributes.ToFields(), Valid = attributes.Valid };
    }

    private bool IsLive(ref GraphTable.NodeRow node) => IsLive(Volatile.Read(ref node.DeletedAt));

    private bool IsLive(ref GraphTable.EdgeRow edge) => IsLive(Volatile.Read(ref edge.DeletedAt));

    private bool IsLive(ulong deletedAt) => deletedAt == 0 || deletedAt > Version;
}
