using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel.Commands;

/// <summary>What events do to nodes and edges.</summary>
internal sealed partial class KernelTables
{
    /// <param name="packed">Its attributes; empty for none.</param>
    public void AppendNode(NodeKind kind, RecordId? record, ReadOnlySpan<byte> packed = default)
    {
        NodeId id = new(Graph.Nodes.Count);
        ulong previous = record is { } recordId ? Records.Find(recordId, out int row).LinkNode(row, id) : 0;
        Graph.AppendNode(kind, record, previous);
        if (!packed.IsEmpty)
        {
            Graph.SetAttributes(id, packed, Version);
            LiveAttributedInGraph++;
            if (Graph.KeyOf(id.Value) is { IsEmpty: false } key) Graph.Keys.Set(key, id.Value, Version);
        }
        LiveNodes++;
        NodeTree.Append([Leaves.Node(id, kind, record, new PackedGraphAttributes(packed))]);
    }

    /// <param name="packed">Its attributes; empty for none.</param>
    public void AppendEdge(NodeId from, NodeId to, EdgeKind kind, ReadOnlySpan<byte> packed = default)
    {
        EdgeId id = new(Graph.Edges.Count);
        Graph.AppendEdge(from, to, kind);
        if (!packed.IsEmpty)
        {
            Graph.SetAttributes(id, packed, Version);
            LiveAttributedInGraph++;
        }
        LiveEdges++;
        EdgeTree.Append([Leaves.Edge(id, from, to, kind, new PackedGraphAttributes(packed))]);
    }

    /// <param name="fields">All that the node has from now on.</param>
    public void SetFields(NodeId id, Fields fields)
    {
        CountAttributes(Graph.AttributesOf(ref Graph.Nodes[id.Value], Version), -1);
        FreeableBytes += 2 * BytesOfAChange;
        // The key stays.
        Graph.SetAttributes(id, PackedGraphAttributes.Pack(fields, default, Graph.KeyOf(id.Value)), Version);
        CountAttributes(Graph.AttributesOf(ref Graph.Nodes[id.Value], Version), 1);
        NodeTree.Set(id.Value, LeafOf(id));
    }

    /// <param name="fields">All that the edge has from now on.</param>
    public void SetFields(EdgeId id, Fields fields) => SetAttributes(id, fields, ValidTimeOf(id));

    public void SetValidTime(EdgeId id, ValidTime valid) => SetAttributes(id, FieldsOf(id), valid);

    private void SetAttributes(EdgeId id, Fields fields, ValidTime valid)
    {
        ref GraphTable.EdgeRow edge = ref Graph.Edges[id.Value];
        CountAttributes(Graph.AttributesOf(ref edge, Version), -1);
        FreeableBytes += 2 * BytesOfAChange;
        Graph.SetAttributes(id, PackedGraphAttributes.Pack(fields, valid), Version);
        CountAttributes(Graph.AttributesOf(ref edge, Version), 1);
        EdgeTree.Set(id.Value, Leaves.Edge(id, new NodeId(edge.From), new NodeId(edge.To), new EdgeKind(edge.Kind), Graph.AttributesOf(ref edge, Version)));
    }

    private void CountAttributes(in PackedGraphAttributes attributes, int difference)
    {
        if (attributes.IsNone) return;
        LiveAttributedInGraph += (ulong)difference;
        if (difference > 0) return;
        FreeableBytes += attributes.Bytes.Length;
        Graph.LeaveAttributes(attributes);
    }

    private Digest LeafOf(NodeId id)
    {
        ref GraphTable.NodeRow node = ref Graph.Nodes[id.Value];
        return Leaves.Node(id, new NodeKind(node.Kind), Graph.RecordOf(ref node, Version), Graph.AttributesOf(ref node, Version));
    }

    /// <summary>Deletes the node's edges too.</summary>
    public void DeleteNode(NodeId id)
    {
        GraphTable.NodeRow node = Graph.Nodes[id.Value];
        for (ulong link = node.FirstOut; link != 0; link = Graph.Edges[link - 1].NextOut) DeleteEdgeIfLive(new EdgeId(link - 1));
        for (ulong link = node.FirstIn; link != 0; link = Graph.Edges[link - 1].NextIn) DeleteEdgeIfLive(new EdgeId(link - 1));
        CountAttributes(Graph.AttributesOf(ref Graph.Nodes[id.Value], Version), -1);
        Graph.DeleteNode(id, Version);
        _chunksAfter.Remove(id);
        LiveNodes--;
        FreeableBytes += BytesOfANode;
        NodeTree.Set(id.Value, Leaves.NodeTombstone(id));
    }

    public void DeleteEdge(EdgeId id)
    {
        CountAttributes(Graph.AttributesOf(ref Graph.Edges[id.Value], Version), -1);
        Graph.DeleteEdge(id, Version);
        LiveEdges--;
        FreeableBytes += BytesOfAnEdge;
        EdgeTree.Set(id.Value, Leaves.EdgeTombstone(id));
    }

    public void AppendNodeTombstone()
    {
        NodeTree.Append([Leaves.NodeTombstone(new NodeId(Graph.Nodes.Count))]);
        Graph.AppendNodeTombstone(Version);
    }

    public void AppendEdgeTombstone()
    {
        EdgeTree.Append([Leaves.EdgeTombstone(new EdgeId(Graph.Edges.Count))]);
        Graph.AppendEdgeTombstone(Version);
    }

    private void MoveNodes(RecordId old, RecordId with)
    {
        RecordSegment from = Records.Find(old, out int fromRow), to = Records.Find(with, out int row);
        to.TakeNodes(row, from, fromRow);
        for (ulong link = from.FirstNode(fromRow); link != 0; link = Graph.Nodes[link - 1].NextOfRecord)
        {
            GraphTable.NodeRow node = Graph.Nodes[link - 1];
            if (node.DeletedAt != 0) continue;
            NodeId id = new(link - 1);
            Graph.MoveNode(id, with, Version);
            FreeableBytes += 2 * BytesOfAChange;
            NodeTree.Set(id.Value, LeafOf(id));
        }
    }

    private void DeleteEdgeIfLive(EdgeId id)
    {
        if (Graph.Edges[id.Value].DeletedAt == 0) DeleteEdge(id);
    }
}
