namespace Valori.Kernel.Commands;

/// <summary>
/// What commands are decided against and events change: the state (<see cref="KernelTables"/>), or the state with events that are decided
/// and not applied (<see cref="StagedTables"/>).
/// </summary>
internal interface ITables
{
    /// <summary>The state without staged events. For commands that stand alone, which are decided on it.</summary>
    KernelTables State { get; }

    EngineSchema Schema { get; }

    /// <summary>Records so far, tombstones included: the next record's id. So are the other two.</summary>
    ulong RecordSlots { get; }

    ulong NodeSlots { get; }

    ulong EdgeSlots { get; }

    /// <summary>How many nodes may still move to other records in one event.</summary>
    int MovableNodes { get; }

    /// <summary>How many edges may still be deleted with their nodes in one event.</summary>
    int DeletableEdges { get; }

    /// <summary>Why there is no such live record, or null.</summary>
    Refusal? CheckRecord(RecordId id);

    /// <summary>Why there is no such live node, or null.</summary>
    Refusal? CheckNode(NodeId id);

    /// <summary>Why there is no such live edge, or null.</summary>
    Refusal? CheckEdge(EdgeId id);

    /// <summary>Why what a command replaces in so many records cannot be kept for reads of the past, or null.</summary>
    Refusal? CheckReplacing(int records);

    /// <summary>Why there is no room for so many keys that may be new, or null. Keys that are put again in one command may count twice.</summary>
    Refusal? CheckNewKeys(int keys);

    /// <summary>The same as <see cref="CheckReplacing"/> for the attributes of nodes and edges, which are to change so many times.</summary>
    Refusal? CheckReplacingInGraph(int changes);

    /// <summary>The live record with the key, or null.</summary>
    RecordId? FindLive(RecordKey key);

    /// <summary>The live record that an id or a key names; null, and why, if there is none.</summary>
    RecordId? Find(RecordRef record, out Refusal? refusal)
    {
        RecordId? id = record.Key is { } key ? FindLive(key) : record.Id;
        refusal = id is { } named ? CheckRecord(named) : record.Key is { } missing ? Refusal.Key(RecordKey.Show(missing.Utf8)) : Refusal.NoRecordNamed;
        return refusal is null ? id : null;
    }

    /// <summary>The fields of a live record.</summary>
    Fields FieldsOf(RecordId id);

    /// <summary>The fields of a live node.</summary>
    Fields FieldsOf(NodeId id);

    /// <summary>The fields of a live edge.</summary>
    Fields FieldsOf(EdgeId id);

    /// <summary>The valid time of a live edge.</summary>
    ValidTime ValidTimeOf(EdgeId id);

    /// <summary>Live nodes that stand for a live record, counted up to a limit.</summary>
    int CountNodes(RecordId id, int most);

    /// <summary>Live edges from or to a live node, counted up to a limit. Those that a transaction creates are not counted.</summary>
    int CountEdges(NodeId id, int most);

    /// <summary>The record that a live node stands for, or null.</summary>
    RecordId? RecordOf(NodeId id);

    /// <summary>The ends of a live edge.</summary>
    (NodeId From, NodeId To) EndsOf(EdgeId id);

    void AppendRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags);

    /// <summary>Appends records with their attributes. A live record with the key of one of them becomes a tombstone, and its nodes stand for the new one.</summary>
    void PutRecords(VectorBlock vectors, ReadOnlyMemory<ulong> tags, IReadOnlyList<RecordAttributes> attributes);

    void DeleteRecord(RecordId id);

    /// <param name="metadata">Kept as it is.</param>
    void SetMetadata(RecordId id, byte[] metadata);

    /// <param name="fields">All that the record has from now on.</param>
    void SetFields(RecordId id, Fields fields);

    /// <param name="expiry">In microseconds since 1970; null if the record does not end.</param>
    void SetExpiry(RecordId id, long? expiry);

    /// <param name="fields">All that the node has from now on.</param>
    void SetFields(NodeId id, Fields fields);

    /// <param name="fields">All that the edge has from now on.</param>
    void SetFields(EdgeId id, Fields fields);

    void SetValidTime(EdgeId id, ValidTime valid);

    /// <param name="packed">Its attributes; empty for none.</param>
    void AppendNode(NodeKind kind, RecordId? record, ReadOnlySpan<byte> packed = default);

    /// <param name="packed">Its attributes; empty for none.</param>
    void AppendEdge(NodeId from, NodeId to, EdgeKind kind, ReadOnlySpan<byte> packed = default);

    /// <summary>Deletes the node's edges too.</summary>
    void DeleteNode(NodeId id);

    void DeleteEdge(EdgeId id);
}
