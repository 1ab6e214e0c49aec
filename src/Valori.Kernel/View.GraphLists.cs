using Valori.Kernel.Search;

namespace Valori.Kernel;

internal sealed partial class View
{
    /// <summary>A page of the live nodes that match a filter.</summary>
    /// <param name="cancellationToken">Looked at before each node.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<NodePage> ListNodes(NodeListQuery query, CancellationToken cancellationToken = default) => ListNodes(query, Limits.MaximumAnswerBytes, cancellationToken);

    internal Outcome<NodePage> ListNodes(NodeListQuery query, long mostBytes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        if (query.Fault() is { } wrong) return wrong;
        byte[] bound = GraphCursor.BoundOf(query);
        if (GraphCursor.Read(query.Cursor, bound, out Refusal? refusal) is not { First: var first }) return refusal!;
        if (query.Record is { } record && record.Value >= RecordSlots) return Refusal.Record(record.Value, deleted: false);
        List<NodeContent> nodes = [];
        long bytes = 0;
        foreach (NodeId id in NodesFrom(first, query, stop, meter))
        {
            long more = Graph.BytesOf(id);
            bytes += more;
            // At least one, so that the next page gets further.
            if (nodes.Count == query.Limit || (bytes > mostBytes && nodes.Count > 0)) return new NodePage(nodes, GraphCursor.Make(bound, new GraphCursor.Place(id.Value)));
            meter?.Read(more);
            nodes.Add(Graph.Read(id));
        }
        return new NodePage(nodes, null);
    }

    /// <summary>A page of the live edges that match a filter.</summary>
    /// <param name="cancellationToken">Looked at before each edge.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<EdgePage> ListEdges(EdgeListQuery query, CancellationToken cancellationToken = default) => ListEdges(query, Limits.MaximumAnswerBytes, cancellationToken);

    internal Outcome<EdgePage> ListEdges(EdgeListQuery query, long mostBytes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        if (query.Fault() is { } wrong) return wrong;
        byte[] bound = GraphCursor.BoundOf(query);
        if (GraphCursor.Read(query.Cursor, bound, out Refusal? refusal) is not { } first) return refusal!;
        if (query.Node is { } node && Graph.Check(node) is { } missing) return missing;
        List<EdgeContent> edges = [];
        long bytes = 0;
        foreach ((EdgeId id, ulong linkBefore) in EdgesFrom(first, query, stop, meter))
        {
            long more = Graph.BytesOf(id);
            bytes += more;
            if (edges.Count == query.Limit || (bytes > mostBytes && edges.Count > 0)) return new EdgePage(edges, GraphCursor.Make(bound, new GraphCursor.Place(id.Value, linkBefore)));
            meter?.Read(more);
            edges.Add(Graph.Read(id));
        }
        return new EdgePage(edges, null);
    }

    private IEnumerable<NodeId> NodesFrom(ulong first, NodeListQuery query, CancellationToken stop, ReadMeter? meter)
    {
        ViewGraph graph = Graph;
        if (query.Record is { } record)
        {
            // If the node of the cursor still stands for the record, it is in its list, and the list goes on from there.
            bool isLinked = first > 0 && first < NodeSlots && graph.IsLive(new NodeId(first)) && graph.RecordOf(new NodeId(first)) == record;
            foreach (NodeId id in isLinked ? NodesFromLink(first + 1) : NodesOf(record))
            {
                stop.ThrowIfCancellationRequested();
                meter?.Step();
                // The nodes of a record that was replaced stand for another one now.
                if (id.Value >= first && graph.RecordOf(id) == record && graph.Takes(id, query.Kinds, query.Filter)) yield return id;
            }
            yield break;
        }
        for (ulong id = first; id < NodeSlots; id++)
        {
            stop.ThrowIfCancellationRequested();
            meter?.Step();
            if (graph.Takes(new NodeId(id), query.Kinds, query.Filter)) yield return new NodeId(id);
        }
    }

    private IEnumerable<(EdgeId Id, ulong LinkBefore)> EdgesFrom(GraphCursor.Place first, EdgeListQuery query, CancellationToken stop, ReadMeter? meter)
    {
        ViewGraph graph = Graph;
        Traversal traversal = query.Traversal;
        if (query.Node is { } node)
        {
            NodeEdgeWalk edges = graph.EdgesOf(node, query.Direction);
            // From the head of its list, every page of a hub would read all edges before it.
            edges.SkipTo(node, first.First, first.LinkBefore);
            while (edges.MoveNext())
            {
                stop.ThrowIfCancellationRequested();
                meter?.Step();
                if (edges.Edge.Value >= first.First && graph.Takes(edges.Edge, traversal)) yield return (edges.Edge, edges.LinkBefore);
            }
            yield break;
        }
        for (ulong id = first.First; id < EdgeSlots; id++)
        {
            stop.ThrowIfCancellationRequested();
            meter?.Step();
            if (graph.Takes(new EdgeId(id), traversal)) yield return (new EdgeId(id), 0);
        }
    }
}
