using Valori.Kernel.Filters;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel.Search;

/// <summary>The nodes and edges of a View.</summary>
internal readonly struct ViewGraph(GraphTable graph, ulong nodeSlots, ulong edgeSlots, ulong version)
{
    // What a node that is reached takes: its id in a list and in a set, which grow by doubling.
    private const long ReachedBytes = 32;

    public bool IsLive(NodeId id) => IsLive(Volatile.Read(ref graph.Nodes[id.Value].DeletedAt));

    public bool IsLive(EdgeId id) => IsLive(Volatile.Read(ref graph.Edges[id.Value].DeletedAt));

    /// <summary>Why there is no such live node, or null.</summary>
    public Refusal? Check(NodeId id)
    {
        if (id.Value >= nodeSlots) return Refusal.Node(id.Value, deleted: false);
        return IsLive(id) ? null : Refusal.Node(id.Value, deleted: true);
    }

    /// <summary>The live node with the key, or null.</summary>
    public NodeId? Find(RecordKey key) => graph.Keys.TryFind(key.Utf8, nodeSlots, version, out ulong id) && IsLive(new NodeId(id)) ? new NodeId(id) : null;

    /// <summary>A node that is live.</summary>
    public NodeContent Read(NodeId id)
    {
        ref GraphTable.NodeRow node = ref graph.Nodes[id.Value];
        PackedGraphAttributes attributes = graph.AttributesOf(ref node, version);
        return new NodeContent(id, new NodeKind(node.Kind), graph.RecordOf(ref node, version)) { Fields = attributes.ToFields(), Key = attributes.ToKey() };
    }

    /// <summary>What <see cref="Read(NodeId)"/> will take of an answer.</summary>
    public long BytesOf(NodeId id) => Limits.RecordBytes + graph.AttributesOf(ref graph.Nodes[id.Value], version).Fields.Length;

    /// <summary>What <see cref="Read(EdgeId)"/> will take of an answer.</summary>
    public long BytesOf(EdgeId id) => Limits.RecordBytes + graph.AttributesOf(ref graph.Edges[id.Value], version).Fields.Length;

    /// <summary>An edge that is live.</summary>
    public EdgeContent Read(EdgeId id)
    {
        ref GraphTable.EdgeRow edge = ref graph.Edges[id.Value];
        PackedGraphAttributes attributes = graph.AttributesOf(ref edge, version);
        return new EdgeContent(id, new NodeId(edge.From), new NodeId(edge.To), new EdgeKind(edge.Kind)) { Fields = attributes.ToFields(), Valid = attributes.Valid };
    }

    /// <summary>The record that a node stands for, or null.</summary>
    public RecordId? RecordOf(NodeId id) => graph.RecordOf(ref graph.Nodes[id.Value], version);

    /// <summary>The edges of a node, by id, live ones and others: to be asked with <see cref="Takes(EdgeId, Traversal)"/>.</summary>
    public NodeEdgeWalk EdgesOf(NodeId node, EdgeDirection direction) => new(graph, node, direction, edgeSlots);

    /// <summary>Whether an edge is live and matches the traversal.</summary>
    public bool Takes(EdgeId id, Traversal traversal)
    {
        ref GraphTable.EdgeRow edge = ref graph.Edges[id.Value];
        if (!IsLive(Volatile.Read(ref edge.DeletedAt))) return false;
        if (traversal.EdgeKinds.Count > 0 && !traversal.EdgeKinds.Contains(new EdgeKind(edge.Kind))) return false;
        if (traversal.EdgeFilter is Everything && traversal.ValidAtUnixMicroseconds is null) return true;
        PackedGraphAttributes attributes = graph.AttributesOf(ref edge, version);
        return (traversal.ValidAtUnixMicroseconds is not { } time || attributes.Valid.Contains(time))
            && traversal.EdgeFilter.Matches(id.Value, tag: 0, key: default, attributes.Fields);
    }

    /// <summary>Whether a node is live and has one of the kinds, if there are any, and matches the filter.</summary>
    public bool Takes(NodeId id, IReadOnlyList<NodeKind> kinds, Filter filter)
    {
        ref GraphTable.NodeRow node = ref graph.Nodes[id.Value];
        if (!IsLive(Volatile.Read(ref node.DeletedAt)) || (kinds.Count > 0 && !kinds.Contains(new NodeKind(node.Kind)))) return false;
        if (filter is Everything) return true;
        PackedGraphAttributes attributes = graph.AttributesOf(ref node, version);
        return filter.Matches(id.Value, tag: 0, attributes.Key, attributes.Fields);
    }

    /// <summary>
    /// The starts, and the nodes that a traversal reaches from them: breadth first, the neighbours of a node by the ids of the edges that
    /// lead to them. Ends early, with one node more than are wanted, if there are more. It remembers the nodes that it returns and no others:
    /// a node that does not match is looked at again when another edge leads to it.
    /// </summary>
    public List<NodeId> Reach(IEnumerable<NodeId> starts, int depth, Traversal traversal, int mostNodes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        List<NodeId> reached = [];
        HashSet<NodeId> seen = [];
        foreach (NodeId start in starts)
        {
            stop.ThrowIfCancellationRequested();
            meter?.Step();
            if (reached.Count > mostNodes) break;
            if (!seen.Add(start)) continue;
            meter?.Read(ReachedBytes);
            reached.Add(start);
        }
        bool takesAllNodes = traversal.TakesAllNodes;
        int levelStart = 0;
        for (int level = 0; level < depth && levelStart < reached.Count && reached.Count <= mostNodes; level++)
        {
            int levelEnd = reached.Count;
            for (int i = levelStart; i < levelEnd && reached.Count <= mostNodes; i++)
            {
                NodeEdgeWalk edges = EdgesOf(reached[i], traversal.Direction);
                while (reached.Count <= mostNodes && edges.MoveNext())
                {
                    stop.ThrowIfCancellationRequested();
                    meter?.Step();
                    if (seen.Contains(edges.Neighbour) || !Takes(edges.Edge, traversal)) continue;
                    if (!takesAllNodes && !Takes(edges.Neighbour, traversal.NodeKinds, traversal.NodeFilter)) continue;
                    meter?.Read(ReachedBytes);
                    seen.Add(edges.Neighbour);
                    reached.Add(edges.Neighbour);
                }
            }
            levelStart = levelEnd;
        }
        return reached;
    }

    private bool IsLive(ulong deletedAt) => deletedAt == 0 || deletedAt > version;
}
