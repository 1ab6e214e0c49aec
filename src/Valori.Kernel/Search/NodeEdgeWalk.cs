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

    public bool MoveNext()
    {
        if (_out == 0 && _in == 0) return false;
        bool isOut = _in == 0 || (_out != 0 && _out <= _in);
        ulong link = isOut ? _out : _in;
        ref GraphTable.EdgeRow edge = ref _graph.Edges[link - 1];
        Edge = new EdgeId(link - 1);
        Neighbour = new NodeId(isOut ? edge.To : edge.From);
        // An edge from a node to itself is in both lists.
        if (_in == link) _in = Known(Volatile.Read(ref edge.NextIn));
        if (_out == link) _out = Known(Volatile.Read(ref edge.NextOut));
        return true;
    }

    private readonly ulong Known(ulong link) => link <= _slots ? link : 0;
}
