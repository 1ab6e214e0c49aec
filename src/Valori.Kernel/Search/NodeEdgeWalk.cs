using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>Walks over the edges of a node that a View knows, deleted ones too, by id: those out, those in, or both, each once.</summary>
internal struct NodeEdgeWalk
{
    private readonly GraphTable _graph;
    private readonly ulong _slots;

    // Links of the next edges, 0 after the last one. The lists are in the order of the ids.
    private ulong _out;
    private ulong _in;

    // Links of the last edges that were walked over, 0 before the first one.
    private ulong _lastOut;
    private ulong _lastIn;

    public NodeEdgeWalk(GraphTable graph, NodeId node, EdgeDirection direction, ulong edgeSlots)
    {
        (_graph, _slots) = (graph, edgeSlots);
        ref GraphTable.NodeRow row = ref graph.Nodes[node.Value];
        if (direction != EdgeDirection.In) _out = Known(Volatile.Read(ref row.FirstOut));
        if (direction != EdgeDirection.Out) _in = Known(Volatile.Read(ref row.FirstIn));
    }

    public EdgeId Edge { get; private set; }

    /// <summary>The node at the other end; the node itself if the edge begins and ends there.</summary>
    public NodeId Neighbour { get; private set; }

    /// <summary>The last edge before <see cref="Edge"/> in the list of the other direction, as its id + 1; 0 if there is none.</summary>
    public ulong LinkBefore { get; private set; }

    /// <summary>
    /// Begins at an edge of the node instead of its first one, if the edge is still linked. Otherwise, and in the other direction's list, edges
    /// before it may come too.
    /// </summary>
    /// <param name="first">The <see cref="Edge"/> of a walk over the same node in the same direction, maybe of another View.</param>
    /// <param name="before">Its <see cref="LinkBefore"/> there.</param>
    public void SkipTo(NodeId node, ulong first, ulong before)
    {
        // Whoever sends a cursor may have changed it: every link is proven to be of the node.
        if (first >= _slots) return;
        ulong link = first + 1;
        bool isOut = _out != 0 && IsLinkedOut(link, node), isIn = _in != 0 && IsLinkedIn(link, node);
        if (!isOut && !isIn) return;
        bool isBefore = before != 0 && before < link;
        if (isOut) _out = link;
        else if (_out != 0 && isBefore && IsLinkedOut(before, node)) (_lastOut, _out) = (before, Known(Volatile.Read(ref _graph.Edges[before - 1].NextOut)));
        if (isIn) _in = link;
        else if (_in != 0 && isBefore && IsLinkedIn(before, node)) (_lastIn, _in) = (before, Known(Volatile.Read(ref _graph.Edges[before - 1].NextIn)));
    }

    public bool MoveNext()
    {
        if (_out == 0 && _in == 0) return false;
        bool isOut = _in == 0 || (_out != 0 && _out <= _in);
        ulong link = isOut ? _out : _in;
        ref GraphTable.EdgeRow edge = ref _graph.Edges[link - 1];
        Edge = new EdgeId(link - 1);
        Neighbour = new NodeId(isOut ? edge.To : edge.From);
        LinkBefore = isOut ? _lastIn : _lastOut;
        // An edge from a node to itself is in both lists.
        if (_in == link) (_lastIn, _in) = (link, Known(Volatile.Read(ref edge.NextIn)));
        if (_out == link) (_lastOut, _out) = (link, Known(Volatile.Read(ref edge.NextOut)));
        return true;
    }

    // A row of an edge that was deleted before the snapshot of the start has neither ends nor links. It looks like the last edge of node 0
    // that was deleted, so neither is begun at.
    private readonly bool IsLinkedOut(ulong link, NodeId node)
    {
        ref GraphTable.EdgeRow edge = ref _graph.Edges[link - 1];
        return edge.From == node.Value && (Volatile.Read(ref edge.NextOut) != 0 || Volatile.Read(ref edge.DeletedAt) == 0);
    }

    private readonly bool IsLinkedIn(ulong link, NodeId node)
    {
        ref GraphTable.EdgeRow edge = ref _graph.Edges[link - 1];
        return edge.To == node.Value && (Volatile.Read(ref edge.NextIn) != 0 || Volatile.Read(ref edge.DeletedAt) == 0);
    }

    private readonly ulong Known(ulong link) => link <= _slots ? link : 0;
}
