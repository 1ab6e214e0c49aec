using Valori.Kernel.Blake3;
using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Commands;

/// <summary>
/// What a kernel holds: records, nodes and edges, and over each a Merkle tree. Events are applied by its methods, each of which
/// changes one kind of content and its leaves together. Writer thread only.
/// </summary>
internal sealed class KernelTables : ITables
{
    // What the trees keep of a digest that is overwritten, at two levels; and what the rows of the graph take with it.
    private const int BytesOfAChange = 80, BytesOfANode = 72 + BytesOfAChange, BytesOfAnEdge = 48 + BytesOfAChange;

    private readonly RecordLeaves _recordLeaves;

    public KernelTables(EngineSchema schema)
    {
        Records = new RecordTable(schema);
        RecordTree = new MerkleTree(PastDigests);
        NodeTree = new MerkleTree(PastDigests);
        EdgeTree = new MerkleTree(PastDigests);
        _recordLeaves = new RecordLeaves(schema.Dimension);
    }

    KernelTables ITables.State => this;

    public EngineSchema Schema => Records.Schema;

    public int Dimension => Records.Dimension;

    public RecordTable Records { get; }

    public GraphTable Graph { get; } = new();

    /// <summary>Lags behind <see cref="Records"/> until <see cref="HashInserted"/>.</summary>
    public MerkleTree RecordTree { get; }

    public MerkleTree NodeTree { get; }

    public MerkleTree EdgeTree { get; }

    /// <summary>What was overwritten in the trees.</summary>
    public PastDigests PastDigests { get; } = new();

    /// <summary>Events applied so far, the present one included: what is deleted or replaced is stamped with it.</summary>
    public ulong Version { get; set; }

    public ulong RecordSlots => Records.Count;

    public ulong NodeSlots => Graph.Nodes.Count;

    public ulong EdgeSlots => Graph.Edges.Count;

    public int MovableNodes => Limits.MaximumMovedNodes;

    // An event of a journal may be older than the limit.
    public int DeletableEdges => IsApplying ? int.MaxValue : Limits.MaximumDeletedEdges;

    public ulong LiveRecords { get; private set; }

    /// <summary>Those of them that have a key, fields or an expiry.</summary>
    public ulong LiveAttributed { get; private set; }

    /// <summary>Live nodes and edges that have fields or a valid time.</summary>
    public ulong LiveAttributedInGraph { get; private set; }

    public ulong LiveNodes { get; private set; }

    public ulong LiveEdges { get; private set; }

    /// <summary>About what deletions and replaced values hold, which tables that begin anew (<see cref="FreshTables"/>) would not have.</summary>
    public long FreeableBytes { get; private set; }

    public long ApproximateBytes => Records.ApproximateBytes + Graph.Bytes + RecordTree.Bytes + NodeTree.Bytes + EdgeTree.Bytes + PastDigests.Bytes;

    /// <summary>Why there is no such live record, or null.</summary>
    public Refusal? CheckRecord(RecordId id)
    {
        if (id.Value >= Records.Count) return Refusal.Record(id.Value, deleted: false);
        RecordSegment segment = Records.Find(id, out int row);
        return segment.IsLive(row, Version) ? null : Refusal.Record(id.Value, deleted: true);
    }

    /// <summary>The live record with the key, or null.</summary>
    public RecordId? FindLive(RecordKey key) =>
        Records.Keys.TryFind(key.Utf8, Records.Count, Version, out RecordId id) && Records.Find(id, out int row).IsLive(row, Version) ? id : null;

    /// <summary>
    /// Whether an event is about to be applied. It was decided when there was room, maybe in tables that had begun anew meanwhile
    /// (<see cref="FreshTables"/>): if there is none here, that is not the event's fault, and it is thrown.
    /// </summary>
    public bool IsApplying { get; set; }

    /// <summary>Why what a command replaces in so many records cannot be kept for reads of the past, or null.</summary>
    public Refusal? CheckReplacing(int records) => Records.HasRoomToReplace(records) && Graph.Moves.HasRoom(Limits.MaximumMovedNodes)
        ? null
        : NoRoom($"fields, keys or nodes were replaced {uint.MaxValue} times since the start, which is the limit: save a snapshot and start again");

    /// <summary>The same for the attributes of a node or an edge.</summary>
    public Refusal? CheckReplacingInGraph(int changes) => Graph.Attributes.HasRoom((ulong)changes)
        ? null
        : NoRoom($"fields or valid times of nodes and edges were set {uint.MaxValue} times since the start, which is the limit: save a snapshot and start again");

    /// <summary>Why there is no room for so many keys that may be new, or null.</summary>
    public Refusal? CheckNewKeys(int keys) => Records.Keys.Count + keys <= KeyIndex.MaximumKeys
        ? null
        : NoRoom($"{keys} keys more than {Records.Keys.Count} would exceed the limit of a collection, {KeyIndex.MaximumKeys}: put them into another collection");

    private Refusal NoRoom(string message) => IsApplying
        ? throw new InsufficientMemoryException($"there is no room to apply an event that is in order: {message}. "
            + "The collection has freed memory since the snapshot that this start began from: begin from a later one (valori.as-of-retention)")
        : new Refusal(RefusalKind.LimitExceeded, message);

    /// <summary>Live nodes that stand for a record, counted up to a limit.</summary>
    public int CountNodes(RecordId id, int most)
    {
        int count = 0;
        RecordSegment segment = Records.Find(id, out int row);
        for (ulong link = segment.FirstNode(row); link != 0 && count < most; link = Graph.Nodes[link - 1].NextOfRecord)
        {
            if (Graph.Nodes[link - 1].DeletedAt == 0) count++;
        }
        return count;
    }

    public int CountEdges(NodeId id, int most)
    {
        int count = 0;
        GraphTable.NodeRow node = Graph.Nodes[id.Value];
        for (ulong link = node.FirstOut; link != 0 && count < most; link = Graph.Edges[link - 1].NextOut)
        {
            if (Graph.Edges[link - 1].DeletedAt == 0) count++;
        }
        for (ulong link = node.FirstIn; link != 0 && count < most; link = Graph.Edges[link - 1].NextIn)
        {
            // One that leads back to its own node was counted.
            if (Graph.Edges[link - 1] is { DeletedAt: 0 } edge && edge.From != id.Value) count++;
        }
        return count;
    }

    public Fields FieldsOf(RecordId id) => Records.Find(id, out int row).GetAttributes(row, Version).ToFields();

    public Fields FieldsOf(NodeId id) => Graph.AttributesOf(ref Graph.Nodes[id.Value], Version).ToFields();

    public Fields FieldsOf(EdgeId id) => Graph.AttributesOf(ref Graph.Edges[id.Value], Version).ToFields();

    public ValidTime ValidTimeOf(EdgeId id) => Graph.AttributesOf(ref Graph.Edges[id.Value], Version).Valid;

    /// <summary>Why there is no such live node, or null.</summary>
    public Refusal? CheckNode(NodeId id)
    {
        if (id.Value >= Graph.Nodes.Count) return Refusal.Node(id.Value, deleted: false);
        return Graph.Nodes[id.Value].DeletedAt == 0 ? null : Refusal.Node(id.Value, deleted: true);
    }

    /// <summary>Why there is no such live edge, or null.</summary>
    public Refusal? CheckEdge(EdgeId id)
    {
        if (id.Value >= Graph.Edges.Count) return Refusal.Edge(id.Value, deleted: false);
        return Graph.Edges[id.Value].DeletedAt == 0 ? null : Refusal.Edge(id.Value, deleted: true);
    }

    public RecordId? RecordOf(NodeId id) => Graph.RecordOf(ref Graph.Nodes[id.Value], Version);

    public (NodeId From, NodeId To) EndsOf(EdgeId id)
    {
        ref GraphTable.EdgeRow edge = ref Graph.Edges[id.Value];
        return (new NodeId(edge.From), new NodeId(edge.To));
    }

    public void AppendRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags)
    {
        LiveRecords += (ulong)vectors.Count;
        if (vectors.Count < BatchLeaves.LeastRecords)
        {
            Records.Append(vectors, 0, tags.Span);
            if (Records.Count - RecordTree.Count >= RecordLeaves.LeavesPerGroup) HashInserted();
            return;
        }
        HashInserted();
        ulong firstId = Records.Count;
        BatchLeaves others = new(Dimension, vectors.Count, (hasher, first, leaves) =>
            hasher.Hash(new RecordId(firstId + (ulong)first), tags.Span.Slice(first, leaves.Length), vectors, first, leaves));
        others.Release(vectors.Count);
        Records.Append(vectors, 0, tags.Span);
        RecordTree.Append(others.Finish());
    }

    /// <summary>Appends records with their attributes. A live record with the key of one of them becomes a tombstone, and its nodes stand for the new one.</summary>
    public void PutRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags, IReadOnlyList<RecordAttributes> attributes)
    {
        ulong firstId = Records.Count;
        (RecordId Old, RecordId New)[] replaced = [.. Replaced(attributes, firstId)];
        foreach ((RecordId old, _) in replaced) DeleteRecord(old);

        HashInserted();
        Records.Append(vectors, 0, tags.Span);
        LiveRecords += (ulong)vectors.Count;
        // Others hash the first ones while the next ones get their attributes.
        BatchLeaves? others = vectors.Count < BatchLeaves.LeastRecords ? null
            : new BatchLeaves(Dimension, vectors.Count, (hasher, first, leaves) => HashRows(hasher, new RecordId(firstId + (ulong)first), leaves));
        for (int i = 0; i < attributes.Count;)
        {
            SetFirstAttributes(new RecordId(firstId + (ulong)i), attributes[i]);
            if (++i % BatchLeaves.RecordsPerPart == 0) others?.Release(i);
        }
        foreach ((RecordId old, RecordId with) in replaced) MoveNodes(old, with);

        if (others is not null) RecordTree.Append(others.Finish());
        else if (Records.Count - RecordTree.Count >= RecordLeaves.LeavesPerGroup) HashInserted();
    }

    /// <summary>
    /// The leaves of the records that have none yet. Side by side, one of 384 components takes 0.8 us in place of 5.2 (AVX2, AMD
    /// Zen 3): so those of single inserts wait for each other, until there is a group of them or the tree is read.
    /// </summary>
    public void HashInserted()
    {
        int count = (int)(Records.Count - RecordTree.Count);
        if (count == 0) return;
        Digest[] leaves = new Digest[count];
        HashRows(_recordLeaves, new RecordId(RecordTree.Count), leaves);
        RecordTree.Append(leaves);
    }

    public void DeleteRecord(RecordId id)
    {
        HashInserted();
        RecordSegment segment = Records.Find(id, out int row);
        if (!segment.GetAttributes(row, Version).IsNone) LiveAttributed--;
        FreeableBytes += Records.BytesOf(id, Version) + BytesOfAChange;
        segment.Delete(row, Version);
        LiveRecords--;
        RecordTree.Set(id.Value, Leaves.RecordTombstone(id));
    }

    /// <param name="metadata">Kept as it is.</param>
    public void SetMetadata(RecordId id, byte[] metadata)
    {
        HashInserted();
        FreeableBytes += (Records.Find(id, out int row).GetMetadata(row, Version)?.Length ?? 0) + 2 * BytesOfAChange;
        Records.SetMetadata(id, metadata, Version);
        HashChanged(id);
    }

    /// <param name="fields">All that the record has from now on.</param>
    public void SetFields(RecordId id, Fields fields) =>
        ReplaceAttributes(id, () => Records.ReplaceFields(id, fields.IsEmpty ? [] : fields.Canonical.Span, Version));

    /// <param name="expiry">In microseconds since 1970; null if the record does not end.</param>
    public void SetExpiry(RecordId id, long? expiry) => ReplaceAttributes(id, () => Records.ReplaceExpiry(id, expiry, Version));

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
        Graph.SetAttributes(id, PackedGraphAttributes.Pack(fields, default), Version);
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
        if (difference < 0) FreeableBytes += attributes.Bytes.Length;
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

    /// <summary>Counts records that were taken over from older tables.</summary>
    /// <param name="freeableBytes">What dead rows among them hold.</param>
    public void CountTaken(ulong live, ulong attributed, long freeableBytes)
    {
        LiveRecords += live;
        LiveAttributed += attributed;
        FreeableBytes += freeableBytes;
    }

    /// <summary>Takes a segment that a snapshot's reader has filled. Its leaves come later.</summary>
    /// <param name="live">Of each row, whether it is a record and not a tombstone.</param>
    /// <param name="tags">Of the live rows.</param>
    public void AppendSegment(RecordSegment segment, ReadOnlySpan<bool> live, ReadOnlySpan<ulong> tags)
    {
        Records.Append(segment, live, tags, Version);
        LiveRecords += (ulong)tags.Length;
        FreeableBytes += (live.Length - tags.Length) * (segment.ColumnBytes / segment.Capacity);
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

    /// <summary>Adds the attributes of a new record, before it has a leaf.</summary>
    /// <param name="key">Empty without one.</param>
    /// <param name="fields">Canonical, or empty without any.</param>
    /// <returns>The record that was the newest one with the key, live or deleted.</returns>
    public RecordId? SetFirstAttributes(RecordId id, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, long? expiry)
    {
        LiveAttributed++;
        return Records.SetFirstAttributes(id, key, fields, expiry, Version);
    }

    private void ReplaceAttributes(RecordId id, Action replace)
    {
        HashInserted();
        RecordSegment segment = Records.Find(id, out int row);
        if (!segment.GetAttributes(row, Version).IsNone) LiveAttributed--;
        FreeableBytes += segment.GetAttributes(row, Version).Bytes.Length + 2 * BytesOfAChange;
        replace();
        if (!segment.GetAttributes(row, Version).IsNone) LiveAttributed++;
        HashChanged(id);
    }

    private void SetFirstAttributes(RecordId id, RecordAttributes attributes)
    {
        if (attributes.Metadata is { } metadata) Records.SetMetadata(id, metadata.ToArray(), Version);
        if (!attributes.IsInLeaf) return;
        ReadOnlySpan<byte> key = attributes.Key is { } named ? named.Utf8 : [];
        SetFirstAttributes(id, key, attributes.Fields.IsEmpty ? [] : attributes.Fields.Canonical.Span, attributes.ExpiresAtUnixMicroseconds);
    }

    private IEnumerable<(RecordId Old, RecordId New)> Replaced(IReadOnlyList<RecordAttributes> attributes, ulong firstId)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            if (attributes[i].Key is { } key && FindLive(key) is { } old) yield return (old, new RecordId(firstId + (ulong)i));
        }
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

    private void HashChanged(RecordId id)
    {
        Digest[] leaf = new Digest[1];
        HashRows(_recordLeaves, id, leaf);
        RecordTree.Set(id.Value, leaf[0]);
    }

    private void HashRows(RecordLeaves hasher, RecordId firstId, Span<Digest> leaves)
    {
        for (int done = 0; done < leaves.Length;)
        {
            RecordId id = new(firstId.Value + (ulong)done);
            RecordSegment segment = Records.Find(id, out int row);
            int rows = Math.Min(leaves.Length - done, segment.Capacity - row);
            hasher.Hash(id, segment, row, leaves.Slice(done, rows), Version);
            done += rows;
        }
    }

    private void DeleteEdgeIfLive(EdgeId id)
    {
        if (Graph.Edges[id.Value].DeletedAt == 0) DeleteEdge(id);
    }
}
