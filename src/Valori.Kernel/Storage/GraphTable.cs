using Valori.Kernel.Memory;

namespace Valori.Kernel.Storage;

/// <summary>
/// Nodes and edges. Each node heads two singly linked lists of edges, out and in, in edge id order: an edge is linked at
/// the tail and never unlinked, only stamped. So a reader that stops at the first edge its View does not know, and skips
/// the stamped ones, walks a consistent list without a lock.
/// </summary>
/// <remarks>Links are stored as id + 1, so that 0 means none.</remarks>
internal sealed class GraphTable
{
    public AppendOnlyList<NodeRow> Nodes { get; } = new();

    public AppendOnlyList<EdgeRow> Edges { get; } = new();

    public long Bytes => Nodes.Bytes + Edges.Bytes;

    public void AppendNode(NodeKind kind, RecordId? record, ulong previousNodeOfRecord)
    {
        Nodes.Append(new NodeRow { Kind = kind.Value, Record = record is { } id ? id.Value + 1 : 0 });
        if (previousNodeOfRecord != 0) Volatile.Write(ref Nodes[previousNodeOfRecord - 1].NextOfRecord, Nodes.Count);
    }

    public void AppendNodeTombstone(ulong version) => Nodes.Append(new NodeRow { DeletedAt = version });

    public void AppendEdge(NodeId from, NodeId to, EdgeKind kind)
    {
        Edges.Append(new EdgeRow { Kind = kind.Value, From = from.Value, To = to.Value });
        ulong link = Edges.Count;

        ref NodeRow source = ref Nodes[from.Value];
        if (source.LastOut == 0) Volatile.Write(ref source.FirstOut, link);
        else Volatile.Write(ref Edges[source.LastOut - 1].NextOut, link);
        source.LastOut = link;

        ref NodeRow target = ref Nodes[to.Value];
        if (target.LastIn == 0) Volatile.Write(ref target.FirstIn, link);
        else Volatile.Write(ref Edges[target.LastIn - 1].NextIn, link);
        target.LastIn = link;
    }

    public void AppendEdgeTombstone(ulong version) => Edges.Append(new EdgeRow { DeletedAt = version });

    public void DeleteNode(NodeId id, ulong version) => Volatile.Write(ref Nodes[id.Value].DeletedAt, version);

    public void DeleteEdge(EdgeId id, ulong version) => Volatile.Write(ref Edges[id.Value].DeletedAt, version);

    /// <summary>A node. Kind and record are written once; the rest changes behind the reader's back, by Volatile.</summary>
    internal struct NodeRow
    {
        public ulong Record;
        public ulong DeletedAt;
        public ulong FirstOut;
        public ulong FirstIn;
        public ulong LastOut;
        public ulong LastIn;
        public ulong NextOfRecord;
        public byte Kind;
    }

    /// <summary>An edge. Ends and kind are written once; the rest changes behind the reader's back, by Volatile.</summary>
    internal struct EdgeRow
    {
        public ulong From;
        public ulong To;
        public ulong DeletedAt;
        public ulong NextOut;
        public ulong NextIn;
        public byte Kind;
    }
}
