using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Commands;

/// <summary>
/// What a kernel holds: records, nodes and edges, and over each a Merkle tree. Events are applied by its methods, each of which
/// changes one kind of content and its leaves together. Writer thread only.
/// </summary>
internal sealed partial class KernelTables : ITables
{
    // What the trees keep of a digest that is overwritten, at two levels; and what the rows of the graph take with it.
    private const int BytesOfAChange = 80, BytesOfANode = 72 + BytesOfAChange, BytesOfAnEdge = 48 + BytesOfAChange;

    /// <param name="areBesideOthers">Whether they are made beside others that have the record tree, until <see cref="TakeRecordTree"/>.</param>
    public KernelTables(EngineSchema schema, bool areBesideOthers = false)
    {
        Records = new RecordTable(schema);
        PastDigests = new PastDigests(isKept: !areBesideOthers);
        _recordTree = areBesideOthers ? null : new MerkleTree(PastDigests);
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
    public MerkleTree RecordTree => _recordTree ?? throw new InvalidOperationException("other tables have the record tree still");

    public MerkleTree NodeTree { get; }

    public MerkleTree EdgeTree { get; }

    /// <summary>What was overwritten in the trees.</summary>
    public PastDigests PastDigests { get; }

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

    public long ApproximateBytes => Records.ApproximateBytes + Graph.Bytes + RecordTreeBytes + NodeTree.Bytes + EdgeTree.Bytes + PastDigests.Bytes
        + (long)_chunksAfter.Count * BytesOfAReplacement;

    /// <summary>Of those, the record tree, which tables that begin anew take over.</summary>
    public long RecordTreeBytes => _recordTree?.Bytes ?? 0;

    /// <summary>About what tables that begin anew with what is live now take, besides what they share with these and the full segments that they copy.</summary>
    public long BytesWhenNew => Records.BytesWhenNew(LiveRecords, LiveAttributed) + Graph.BytesWhenNew(LiveAttributedInGraph) + NodeTree.Bytes + EdgeTree.Bytes
        + (long)_chunksAfter.Count * BytesOfAReplacement;

    /// <summary>Why there is no such live record, or null.</summary>
    public Refusal? CheckRecord(RecordId id)
    {
        if (id.Value >= Records.Count) return Refusal.Record(id.Value, deleted: false);
        RecordSegment segment = Records.Find(id, out int row);
        return segment.IsLive(row, Version) ? null : Refusal.Record(id.Value, deleted: true);
    }

    /// <summary>The live record with the key, or null.</summary>
    public RecordId? FindLive(RecordKey key) =>
        Records.Keys.TryFind(key.Utf8, Records.Count, Version, out ulong id) && Records.Find(new RecordId(id), out int row).IsLive(row, Version) ? new RecordId(id) : null;

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

    public int CountEdges(NodeId id, int most) => CountEdges(id, most, counted: null);

    /// <summary>The same without the edges between the node and others that were counted before it.</summary>
    public int CountEdges(NodeId id, int most, HashSet<NodeId>? counted)
    {
        int count = 0;
        GraphTable.NodeRow node = Graph.Nodes[id.Value];
        for (ulong link = node.FirstOut; link != 0 && count < most; link = Graph.Edges[link - 1].NextOut)
        {
            if (Graph.Edges[link - 1] is { DeletedAt: 0 } edge && counted?.Contains(new NodeId(edge.To)) != true) count++;
        }
        for (ulong link = node.FirstIn; link != 0 && count < most; link = Graph.Edges[link - 1].NextIn)
        {
            // One that leads back to its own node was counted.
            if (Graph.Edges[link - 1] is { DeletedAt: 0 } edge && edge.From != id.Value && counted?.Contains(new NodeId(edge.From)) != true) count++;
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
}
