using Valori.Kernel.Values;

namespace Valori.Kernel.Commands;

/// <summary>
/// Tables with events on top that are decided and not applied: what later commands of a transaction are decided against. Nothing below
/// changes, so a transaction whose last command is refused leaves no trace. It takes memory for what the events change, not for what
/// is below.
/// </summary>
internal sealed class StagedTables(ITables below) : ITables
{
    private readonly HashSet<RecordId> _deletedRecords = [];
    private readonly HashSet<NodeId> _deletedNodes = [];
    private readonly HashSet<EdgeId> _deletedEdges = [];

    // Of what was appended, in order. A record needs nothing but its id until it has fields or a key.
    private readonly List<RecordId?> _nodes = [];
    private readonly List<(NodeId From, NodeId To)> _edges = [];

    // The newest record with a key, live or deleted; and what was set here.
    private readonly Dictionary<RecordKey, RecordId> _keys = [];
    private readonly Dictionary<RecordId, Fields> _fields = [];
    private readonly Dictionary<NodeId, Fields> _nodeFields = [];
    private readonly Dictionary<EdgeId, Fields> _edgeFields = [];
    private readonly Dictionary<EdgeId, ValidTime> _validTimes = [];

    // The record that took the place of another one, and how many live nodes more stand for a record than below.
    private readonly Dictionary<RecordId, RecordId> _replacedBy = [];
    private readonly Dictionary<RecordId, int> _moreNodes = [];

    private ulong _records;
    private int _movedNodes;
    private int _edgesWithNodes;
    private int _keysPut;
    private int _replaced;
    private int _replacedInGraph;

    /// <summary>Bytes of fields that changes read.</summary>
    public long ReadBytes { get; private set; }

    /// <summary>Bytes of fields that changes wrote: all that a record, node or edge has from then on, not what the change says.</summary>
    public long RewrittenBytes { get; private set; }

    public KernelTables State => below.State;

    public EngineSchema Schema => below.Schema;

    public ulong RecordSlots => below.RecordSlots + _records;

    public ulong NodeSlots => below.NodeSlots + (ulong)_nodes.Count;

    public ulong EdgeSlots => below.EdgeSlots + (ulong)_edges.Count;

    public int MovableNodes => below.MovableNodes - _movedNodes;

    public int DeletableEdges => below.DeletableEdges - _edgesWithNodes;

    public Refusal? CheckRecord(RecordId id) =>
        _deletedRecords.Contains(id) ? Refusal.Record(id.Value, deleted: true)
        : id.Value < below.RecordSlots ? below.CheckRecord(id)
        : id.Value < RecordSlots ? null
        : Refusal.Record(id.Value, deleted: false);

    public Refusal? CheckNode(NodeId id) =>
        _deletedNodes.Contains(id) ? Refusal.Node(id.Value, deleted: true)
        : id.Value < below.NodeSlots ? below.CheckNode(id)
        : id.Value < NodeSlots ? null
        : Refusal.Node(id.Value, deleted: false);

    public Refusal? CheckEdge(EdgeId id)
    {
        if (_deletedEdges.Contains(id)) return Refusal.Edge(id.Value, deleted: true);
        if (id.Value >= EdgeSlots) return Refusal.Edge(id.Value, deleted: false);
        if (id.Value < below.EdgeSlots && below.CheckEdge(id) is { } refusal) return refusal;
        // An edge goes with either of its nodes: those of a deleted node are not looked up one by one.
        (NodeId from, NodeId to) = EndsOf(id);
        return _deletedNodes.Contains(from) || _deletedNodes.Contains(to) ? Refusal.Edge(id.Value, deleted: true) : null;
    }

    public Refusal? CheckReplacing(int records) => below.CheckReplacing(_replaced + records);

    public Refusal? CheckNewKeys(int keys) => below.CheckNewKeys(_keysPut + keys);

    public Refusal? CheckReplacingInGraph(int changes) => below.CheckReplacingInGraph(_replacedInGraph + changes);

    public RecordId? FindLive(RecordKey key) =>
        (_keys.TryGetValue(key, out RecordId newest) ? newest : below.FindLive(key)) is { } id && !_deletedRecords.Contains(id) ? id : null;

    public Fields FieldsOf(RecordId id) =>
        _fields.TryGetValue(id, out Fields? fields) ? fields : id.Value < below.RecordSlots ? below.FieldsOf(id) : Fields.Empty;

    public Fields FieldsOf(NodeId id) =>
        _nodeFields.TryGetValue(id, out Fields? fields) ? fields : id.Value < below.NodeSlots ? below.FieldsOf(id) : Fields.Empty;

    public Fields FieldsOf(EdgeId id) =>
        _edgeFields.TryGetValue(id, out Fields? fields) ? fields : id.Value < below.EdgeSlots ? below.FieldsOf(id) : Fields.Empty;

    public ValidTime ValidTimeOf(EdgeId id) =>
        _validTimes.TryGetValue(id, out ValidTime valid) ? valid : id.Value < below.EdgeSlots ? below.ValidTimeOf(id) : ValidTime.Always;

    public int CountNodes(RecordId id, int most)
    {
        // Below, those that are deleted here count too.
        int before = id.Value < below.RecordSlots ? below.CountNodes(id, most + _deletedNodes.Count) : 0;
        return Math.Min(most, before + _moreNodes.GetValueOrDefault(id));
    }

    public int CountEdges(NodeId id, int most) => id.Value < below.NodeSlots ? below.CountEdges(id, most) : 0;

    public RecordId? RecordOf(NodeId id)
    {
        if ((id.Value < below.NodeSlots ? below.RecordOf(id) : _nodes[(int)(id.Value - below.NodeSlots)]) is not { } record) return null;
        RecordId newest = record;
        while (_replacedBy.TryGetValue(newest, out RecordId with)) newest = with;
        // One key may be put thousands of times: that way is not walked twice.
        while (record != newest) record = Shorten(record, newest);
        return newest;
    }

    public (NodeId From, NodeId To) EndsOf(EdgeId id) => id.Value < below.EdgeSlots ? below.EndsOf(id) : _edges[(int)(id.Value - below.EdgeSlots)];

    public void AppendRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags) => _records += (ulong)vectors.Count;

    public void PutRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags, IReadOnlyList<RecordAttributes> attributes)
    {
        ulong firstId = RecordSlots;
        AppendRecords(vectors, tags);
        for (int i = 0; i < attributes.Count; i++)
        {
            RecordId id = new(firstId + (ulong)i);
            if (!attributes[i].Fields.IsEmpty) _fields[id] = attributes[i].Fields;
            if (attributes[i].Key is not { } key) continue;
            if (FindLive(key) is { } old) Replace(old, id);
            _keys[key] = id;
            _keysPut++;
            _replaced++;
        }
    }

    public void DeleteRecord(RecordId id) => _deletedRecords.Add(id);

    public void SetMetadata(RecordId id, byte[] metadata)
    {
        // No command is decided by it.
    }

    public void SetFields(RecordId id, Fields fields)
    {
        CountChange(FieldsOf(id), fields);
        _fields[id] = fields;
        _replaced++;
    }

    // No command is decided by it, but what it replaces is counted. The fields are written again beside it.
    public void SetExpiry(RecordId id, long? expiry)
    {
        Fields fields = FieldsOf(id);
        CountChange(fields, fields);
        _replaced++;
    }

    public void SetFields(NodeId id, Fields fields)
    {
        CountChange(FieldsOf(id), fields);
        _nodeFields[id] = fields;
        _replacedInGraph++;
    }

    public void SetFields(EdgeId id, Fields fields)
    {
        CountChange(FieldsOf(id), fields);
        _edgeFields[id] = fields;
        _replacedInGraph++;
    }

    public void SetValidTime(EdgeId id, ValidTime valid)
    {
        // The fields are written again beside it.
        Fields fields = FieldsOf(id);
        CountChange(fields, fields);
        _validTimes[id] = valid;
        _replacedInGraph++;
    }

    public void AppendNode(NodeKind kind, RecordId? record, ReadOnlySpan<byte> packed = default)
    {
        if (!packed.IsEmpty)
        {
            _nodeFields[new NodeId(NodeSlots)] = new PackedGraphAttributes(packed).ToFields();
            _replacedInGraph++;
        }
        _nodes.Add(record);
        if (record is { } of) AddNodes(of, 1);
    }

    public void AppendEdge(NodeId from, NodeId to, EdgeKind kind, ReadOnlySpan<byte> packed = default)
    {
        if (!packed.IsEmpty)
        {
            PackedGraphAttributes attributes = new(packed);
            EdgeId id = new(EdgeSlots);
            _edgeFields[id] = attributes.ToFields();
            _validTimes[id] = attributes.Valid;
            _replacedInGraph += 2;
        }
        _edges.Add((from, to));
    }

    public void DeleteNode(NodeId id)
    {
        if (RecordOf(id) is { } record) AddNodes(record, -1);
        _edgesWithNodes += CountEdges(id, DeletableEdges);
        _deletedNodes.Add(id);
    }

    public void DeleteEdge(EdgeId id) => _deletedEdges.Add(id);

    private void CountChange(Fields before, Fields after)
    {
        ReadBytes += before.Canonical.Length;
        RewrittenBytes += after.Canonical.Length;
    }

    private void Replace(RecordId old, RecordId with)
    {
        int nodes = CountNodes(old, MovableNodes);
        _movedNodes += nodes;
        AddNodes(with, nodes);
        _replacedBy[old] = with;
        DeleteRecord(old);
    }

    private RecordId Shorten(RecordId old, RecordId newest)
    {
        RecordId next = _replacedBy[old];
        _replacedBy[old] = newest;
        return next;
    }

    private void AddNodes(RecordId record, int nodes) => _moreNodes[record] = _moreNodes.GetValueOrDefault(record) + nodes;
}
