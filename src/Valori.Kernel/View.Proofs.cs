using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel;

internal sealed partial class View
{
    /// <summary>
    /// Proves what this state says of a record: that it is there with this content, or that a tombstone is. About log2(n)
    /// hashes; as of an earlier state, at most about 200 + n / 2,048 more hashes, however much was changed or deleted since.
    /// </summary>
    /// <returns>The proof, or a refusal if the id was never assigned.</returns>
    public Outcome<InclusionProof> Prove(RecordId id) =>
        id.Value >= RecordSlots ? Refusal.Record(id.Value, deleted: false) : Prove(ContentKind.Record, id.Value, RecordLeafBytes(id));

    /// <summary>As <see cref="Prove(RecordId)"/>, for a node.</summary>
    public Outcome<InclusionProof> Prove(NodeId id) =>
        id.Value >= NodeSlots ? Refusal.Node(id.Value, deleted: false) : Prove(ContentKind.Node, id.Value, NodeLeafBytes(id));

    /// <summary>As <see cref="Prove(RecordId)"/>, for an edge.</summary>
    public Outcome<InclusionProof> Prove(EdgeId id) =>
        id.Value >= EdgeSlots ? Refusal.Edge(id.Value, deleted: false) : Prove(ContentKind.Edge, id.Value, EdgeLeafBytes(id));

    /// <summary>Ids assigned so far, of one kind: live ones and tombstones.</summary>
    public ulong SlotsOf(ContentKind kind) => kind switch
    {
        ContentKind.Record => RecordSlots,
        ContentKind.Node => NodeSlots,
        _ => EdgeSlots,
    };

    /// <summary>
    /// Digests of complete subtrees of one of the Merkle trees, for comparing two states by descending.
    /// </summary>
    /// <returns>One digest a subtree, or a refusal if one is not complete in this state.</returns>
    public Outcome<Digest[]> GetDigests(ContentKind kind, IReadOnlyList<TreePlace> subtrees)
    {
        ulong slots = SlotsOf(kind);
        foreach (TreePlace subtree in subtrees)
        {
            if (subtree.Level is < 0 or > 63 || subtree.Position >= slots >> subtree.Level)
            {
                return new Refusal(RefusalKind.InvalidArgument,
                    $"subtree {subtree.Position} of level {subtree.Level} is not among the complete ones of {slots} {kind} leaves");
            }
        }
        MerkleTreeAt tree = TreeOf(kind);
        Digest[] digests = new Digest[subtrees.Count];
        for (int i = 0; i < digests.Length; i++) digests[i] = tree.Node(subtrees[i].Level, subtrees[i].Position);
        return digests;
    }

    private InclusionProof Prove(ContentKind kind, ulong index, byte[] leaf)
    {
        MerkleTreeAt own = TreeOf(kind);
        TreeHead Head(ContentKind of) => new(SlotsOf(of), of == kind ? own.Root() : TreeOf(of).Root());
        TreeHead records = Head(ContentKind.Record), nodes = Head(ContentKind.Node), edges = Head(ContentKind.Edge);
        Invariant.Holds(Merkle.StateHash.Compute(Schema, records, nodes, edges) == StateHash);
        return new InclusionProof(kind, Schema, records, nodes, edges, leaf, own.Path(index));
    }

    private MerkleTreeAt TreeOf(ContentKind kind) => kind switch
    {
        ContentKind.Record => new MerkleTreeAt(_storage.RecordTree, RecordSlots, _storage.PastDigests, _point.PastDigests, ChangedRecordLeaf),
        ContentKind.Node => new MerkleTreeAt(_storage.NodeTree, NodeSlots, _storage.PastDigests, _point.PastDigests, ChangedNodeLeaf),
        _ => new MerkleTreeAt(_storage.EdgeTree, EdgeSlots, _storage.PastDigests, _point.PastDigests, ChangedEdgeLeaf),
    };

    // In tables that the kernel has left, the content does not tell what changed after that. So each leaf is computed.
    private Digest? ChangedRecordLeaf(ulong index) => _records.Find(new RecordId(index), out int row).HasChangedSince(row, Version) || _storage.IsLeft
        ? HashRecordLeaf(RecordLeafBytes(new RecordId(index)))
        : null;

    private static Digest HashRecordLeaf(byte[] leaf) => Leaves.ContextOfRecord(leaf).Hash(leaf);

    private Digest? ChangedNodeLeaf(ulong index) => _graph.HasChangedSince(ref _graph.Nodes[index], Version)
        ? HashNodeLeaf(NodeLeafBytes(new NodeId(index)))
        : null;

    private static Digest HashNodeLeaf(byte[] leaf) => Leaves.ContextOfNode(leaf).Hash(leaf);

    private Digest? ChangedEdgeLeaf(ulong index) => _graph.HasChangedSince(ref _graph.Edges[index], Version)
        ? HashEdgeLeaf(EdgeLeafBytes(new EdgeId(index)))
        : null;

    private static Digest HashEdgeLeaf(byte[] leaf) => Leaves.ContextOfEdge(leaf).Hash(leaf);

    private byte[] RecordLeafBytes(RecordId id)
    {
        RecordSegment segment = _records.Find(id, out int row);
        if (!segment.IsLive(row, Version)) return Leaves.TombstoneBytesOf(id.Value);
        int[] raw = new int[Dimension];
        segment.Vectors!.CopyRow(row, Dimension, raw);
        byte[]? metadata = segment.GetMetadata(row, Version);
        PackedAttributes attributes = segment.GetAttributes(row, Version);
        byte[] leaf = new byte[Leaves.RecordBytes(Dimension, metadata?.Length, attributes)];
        Leaves.WriteRecord(leaf, id, segment.Tags[row], raw, metadata, attributes);
        return leaf;
    }

    private byte[] NodeLeafBytes(NodeId id)
    {
        ref GraphTable.NodeRow node = ref _graph.Nodes[id.Value];
        return IsLive(ref node)
            ? Leaves.NodeBytesOf(id, new NodeKind(node.Kind), _graph.RecordOf(ref node, Version), _graph.AttributesOf(ref node, Version))
            : Leaves.TombstoneBytesOf(id.Value);
    }

    private byte[] EdgeLeafBytes(EdgeId id)
    {
        ref GraphTable.EdgeRow edge = ref _graph.Edges[id.Value];
        return IsLive(ref edge)
            ? Leaves.EdgeBytesOf(id, new NodeId(edge.From), new NodeId(edge.To), new EdgeKind(edge.Kind), _graph.AttributesOf(ref edge, Version))
            : Leaves.TombstoneBytesOf(id.Value);
    }
}
