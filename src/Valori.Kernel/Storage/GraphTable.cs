using Valori.Kernel.Memory;
using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>
/// Nodes and edges. Each node heads two singly linked lists of edges, out and in, in edge id order: an edge is linked at
/// the tail and never unlinked, only stamped. So a reader that stops at the first edge its View does not know, and skips
/// the stamped ones, walks a consistent list without a lock.
/// </summary>
/// <remarks>
/// Links are stored as id + 1, so that 0 means none. Attributes, which few nodes and edges may have, take no room in the others: rows have
/// the head of a list of places.
/// </remarks>
internal sealed class GraphTable : IKeyedRows
{
    private readonly AttributeStore _packed = new();

    public GraphTable() => Keys = new KeyIndex(this);

    public AppendOnlyList<NodeRow> Nodes { get; } = new();

    public AppendOnlyList<EdgeRow> Edges { get; } = new();

    /// <summary>The records that nodes stood for one after another, when an upsert replaced them.</summary>
    public ValueHistory Moves { get; } = new();

    /// <summary>Places of the attributes that nodes and edges had one after another.</summary>
    public ValueHistory Attributes { get; } = new();

    /// <summary>Which node has which key.</summary>
    public KeyIndex Keys { get; }

    public long Bytes => Nodes.Bytes + Edges.Bytes + Moves.Bytes + Attributes.Bytes + Keys.Bytes + _packed.Bytes;

    /// <summary>About what a table takes that begins anew with what is live now. Rows of what was deleted stay.</summary>
    /// <param name="attributed">Live nodes and edges that have attributes.</param>
    public long BytesWhenNew(ulong attributed) => Nodes.Bytes + Edges.Bytes + (long)attributed * ValueHistory.BytesOfAnEntry + KeyIndex.BytesFor(Keys.Count) + _packed.Bytes - _packed.LeftBytes;

    /// <summary>A node or an edge was deleted or got other attributes: those that it had are left for the past. Writer thread only.</summary>
    public void LeaveAttributes(PackedGraphAttributes attributes) => _packed.Leave(attributes.Bytes.Length);

    /// <summary>The key of a node; empty without one. It never changes.</summary>
    public ReadOnlySpan<byte> KeyOf(ulong node) => Volatile.Read(ref Nodes[node].Attributes) is > 0 and var head
        ? new PackedGraphAttributes(_packed.BytesAt(Attributes.Newest(head))).Key
        : default;

    /// <summary>The record that a node stands for as of the version, or null if it stands for none.</summary>
    public RecordId? RecordOf(ref NodeRow node, ulong version)
    {
        uint moves = Volatile.Read(ref node.Moves);
        if (moves != 0 && Moves.TryGet(moves, version, out ulong record)) return new RecordId(record);
        return node.Record == 0 ? null : new RecordId(node.Record - 1);
    }

    /// <summary>What a node had as of the version.</summary>
    public PackedGraphAttributes AttributesOf(ref NodeRow node, ulong version) => AttributesAt(Volatile.Read(ref node.Attributes), version);

    /// <summary>What an edge had as of the version.</summary>
    public PackedGraphAttributes AttributesOf(ref EdgeRow edge, ulong version) => AttributesAt(Volatile.Read(ref edge.Attributes), version);

    /// <summary>Replaces the attributes of a node. Writer thread only.</summary>
    /// <param name="packed">Empty for none.</param>
    public void SetAttributes(NodeId id, ReadOnlySpan<byte> packed, ulong version)
    {
        ref NodeRow node = ref Nodes[id.Value];
        Volatile.Write(ref node.Attributes, Attributes.Append(node.Attributes, _packed.Add(packed), version));
    }

    /// <summary>Replaces the attributes of an edge. Writer thread only.</summary>
    /// <param name="packed">Empty for none.</param>
    public void SetAttributes(EdgeId id, ReadOnlySpan<byte> packed, ulong version)
    {
        ref EdgeRow edge = ref Edges[id.Value];
        Volatile.Write(ref edge.Attributes, Attributes.Append(edge.Attributes, _packed.Add(packed), version));
    }

    /// <summary>Lets a node stand for another record. Writer thread only.</summary>
    public void MoveNode(NodeId id, RecordId record, ulong version) =>
        Volatile.Write(ref Nodes[id.Value].Moves, Moves.Append(Nodes[id.Value].Moves, record.Value, version));

    /// <summary>Whether a node was deleted, moved to another record, or got other attributes later than the version.</summary>
    public bool HasChangedSince(ref NodeRow node, ulong version) =>
        Volatile.Read(ref node.DeletedAt) > version || IsLater(Moves, Volatile.Read(ref node.Moves), version) || IsLater(Attributes, Volatile.Read(ref node.Attributes), version);

    /// <summary>Whether an edge was deleted or got other attributes later than the version.</summary>
    public bool HasChangedSince(ref EdgeRow edge, ulong version) =>
        Volatile.Read(ref edge.DeletedAt) > version || IsLater(Attributes, Volatile.Read(ref edge.Attributes), version);

    public void AppendNode(NodeKind kind, RecordId? record, ulong previousNodeOfRecord)
    {
        Nodes.Append(new NodeRow { Kind = kind.Value, Record = record is { } id ? checked((uint)(id.Value + 1)) : 0 });
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

    private PackedGraphAttributes AttributesAt(uint head, ulong version) =>
        head != 0 && Attributes.TryGet(head, version, out ulong place) ? new PackedGraphAttributes(_packed.BytesAt(place)) : default;

    private static bool IsLater(ValueHistory history, uint head, ulong version) => head != 0 && history.NewestVersion(head) > version;

    /// <summary>
    /// A node. Kind and record, which is the first one that it stood for, are written once; the rest changes behind the reader's back, by
    /// Volatile.
    /// </summary>
    internal struct NodeRow
    {
        public ulong DeletedAt;
        public ulong FirstOut;
        public ulong FirstIn;
        public ulong LastOut;
        public ulong LastIn;
        public ulong NextOfRecord;
        // Records have 32 bits: a row stays 64 bytes.
        public uint Record;
        public uint Moves;
        public uint Attributes;
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
        public uint Attributes;
        public byte Kind;
    }
}
