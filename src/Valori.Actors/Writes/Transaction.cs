using Valori.Actors.Writes;
using Valori.Protocol;

namespace Valori;

/// <summary>
/// Commands that are carried out together, in order, as one event, or not at all (<see cref="ValoriEngine.TransactAsync"/>). What a command
/// creates can be passed to later ones, and the receipt says its id. For one thread at a time, and to be sent once it is complete: sent again
/// with the same request id, it is carried out once.
/// </summary>
/// <param name="schema">Of the engine that it is for.</param>
public sealed partial class Transaction(EngineSchema schema)
{
    private readonly List<TransactionPart> _parts = [];

    /// <summary>How many commands it has so far.</summary>
    public int Count => _parts.Count;

    /// <summary>Inserts a vector as a new record.</summary>
    /// <exception cref="RefusedException">As for <see cref="ValoriEngine.InsertAsync(ReadOnlyMemory{float}, ulong, CancellationToken)"/>.</exception>
    public TransactionRef<RecordId> Insert(ReadOnlyMemory<float> vector, ulong tag = 0) => Insert(new NewRecord(vector) { Tag = tag });

    /// <summary>Inserts a record with its key, fields, metadata and expiry.</summary>
    /// <exception cref="RefusedException">The vector is not allowed.</exception>
    public TransactionRef<RecordId> Insert(NewRecord record) => InsertBatch([record])[0];

    /// <summary>Inserts records.</summary>
    /// <exception cref="RefusedException">A vector is not allowed.</exception>
    public IReadOnlyList<TransactionRef<RecordId>> InsertBatch(IReadOnlyList<NewRecord> records) => AddRecords(RecordCommands.Put(schema, records, replace: false));

    /// <summary>Inserts a record, and replaces the one that has its key.</summary>
    /// <exception cref="RefusedException">It has no key, or the vector is not allowed.</exception>
    public TransactionRef<RecordId> Upsert(NewRecord record) => UpsertBatch([record])[0];

    /// <summary>Inserts or replaces records.</summary>
    /// <exception cref="RefusedException">One has no key, or a vector is not allowed.</exception>
    public IReadOnlyList<TransactionRef<RecordId>> UpsertBatch(IReadOnlyList<NewRecord> records) => AddRecords(RecordCommands.Put(schema, records, replace: true));

    /// <summary>Deletes a record.</summary>
    public void SoftDelete(TransactionRef<RecordId> record) => Add(new DeleteRecord(record.Id), At(1, record));

    /// <summary>Deletes the record with this key.</summary>
    public void Delete(RecordKey key) => Add(new DeleteKey(key));

    /// <summary>Sets the metadata of a record, 0 to 65,536 bytes.</summary>
    public void SetMetadata(TransactionRef<RecordId> record, ReadOnlyMemory<byte> metadata) => Add(new SetMetadata(record.Id, metadata.ToArray()), At(1, record));

    /// <summary>Changes the fields of a record.</summary>
    public void SetFields(TransactionRef<RecordId> record, Fields fields, FieldsMode mode = FieldsMode.Merge) => Add(new SetFields(record.Id, mode, fields, []), At(1, record));

    /// <summary>Changes the fields of the record with this key.</summary>
    public void SetFields(RecordKey key, Fields fields, FieldsMode mode = FieldsMode.Merge) => Add(new SetFields(key, mode, fields, []));

    /// <summary>Removes fields of a record by their names.</summary>
    public void RemoveFields(TransactionRef<RecordId> record, IReadOnlyList<string> names) => Add(Protocol.SetFields.Remove(record.Id, names), At(1, record));

    /// <summary>Removes fields of the record with this key.</summary>
    public void RemoveFields(RecordKey key, IReadOnlyList<string> names) => Add(Protocol.SetFields.Remove(key, names));

    /// <summary>Sets when a record expires; null if it does not.</summary>
    public void SetExpiry(TransactionRef<RecordId> record, DateTimeOffset? expiresAt) => Add(new SetExpiry(record.Id, Microseconds(expiresAt)), At(1, record));

    /// <summary>Sets when the record with this key ends; null if it does not.</summary>
    public void SetExpiry(RecordKey key, DateTimeOffset? expiresAt) => Add(new SetExpiry(key, Microseconds(expiresAt)));

    /// <summary>Creates a node, which may stand for a record and have fields.</summary>
    public TransactionRef<NodeId> CreateNode(NodeKind kind, TransactionRef<RecordId>? record = null, Fields? fields = null) => new(
        this, record is { } of ? Add(PutNode.Of(kind, of.Id, fields ?? Fields.Empty), At(2, of)) : Add(PutNode.Of(kind, null, fields ?? Fields.Empty)), 0);

    /// <summary>Creates a directed edge, which may have fields and a valid time.</summary>
    public TransactionRef<EdgeId> CreateEdge(TransactionRef<NodeId> from, TransactionRef<NodeId> to, EdgeKind kind, Fields? fields = null, ValidTime valid = default) =>
        new(this, Add(PutEdge.Of(from.Id, to.Id, kind, fields ?? Fields.Empty, valid), At(1, from), At(2, to)), 0);

    /// <summary>Changes the fields of a node.</summary>
    public void SetNodeFields(TransactionRef<NodeId> node, Fields fields, FieldsMode mode = FieldsMode.Merge) => Add(new SetNodeFields(node.Id, mode, fields, []), At(1, node));

    /// <summary>Removes fields of a node by their names.</summary>
    public void RemoveNodeFields(TransactionRef<NodeId> node, IReadOnlyList<string> names) => Add(Protocol.SetNodeFields.Remove(node.Id, names), At(1, node));

    /// <summary>Changes the fields of an edge.</summary>
    public void SetEdgeFields(TransactionRef<EdgeId> edge, Fields fields, FieldsMode mode = FieldsMode.Merge) => Add(new SetEdgeFields(edge.Id, mode, fields, []), At(1, edge));

    /// <summary>Removes fields of an edge by their names.</summary>
    public void RemoveEdgeFields(TransactionRef<EdgeId> edge, IReadOnlyList<string> names) => Add(Protocol.SetEdgeFields.Remove(edge.Id, names), At(1, edge));

    /// <summary>Changes when the fact holds that an edge states.</summary>
    /// <param name="set">The ends that get a time.</param>
    /// <param name="clear">The ends that get none.</param>
    public void SetEdgeValidTime(TransactionRef<EdgeId> edge, ValidTime set, ValidTimeEnds clear = ValidTimeEnds.None) => Add(new SetEdgeValidTime(edge.Id, set, clear), At(1, edge));

    /// <summary>Deletes a node with its edges, in and out.</summary>
    public void DeleteNode(TransactionRef<NodeId> node) => Add(new DeleteNode(node.Id), At(1, node));

    /// <summary>Deletes an edge.</summary>
    public void DeleteEdge(TransactionRef<EdgeId> edge) => Add(new DeleteEdge(edge.Id), At(1, edge));

    /// <summary>The command to send to a gateway; it is answered with a receipt that says which records, nodes and edges were created.</summary>
    public Transact ToCommand() => new([.. _parts]);

    /// <summary>Adds a command with the references that it has, such as one that a program wrote as JSON.</summary>
    internal void Add(TransactionPart part) => _parts.Add(part);

    private TransactionRef<RecordId>[] AddRecords(Command command)
    {
        int place = Add(command);
        return [.. Enumerable.Range(0, command.ExpectedIds.Created).Select(position => new TransactionRef<RecordId>(this, place, position))];
    }

    private int Add(Command command, params ReadOnlySpan<Reference?> references)
    {
        List<Reference> there = [];
        foreach (Reference? reference in references)
        {
            if (reference is not null) there.Add(reference);
        }
        _parts.Add(new TransactionPart(command, there));
        return _parts.Count - 1;
    }

    private Reference? At<TId>(int field, TransactionRef<TId> reference) where TId : struct
    {
        if (reference.Of is null) return null;
        return reference.Of == this ? new Reference(field, reference.Command, reference.Position)
            : throw new ArgumentException($"this is {reference} of another transaction, not of this one: use the id that the receipt of the other one has for it", nameof(reference));
    }

    private static long? Microseconds(DateTimeOffset? time) => time is { } some ? ((FieldValue)some).AsUnixMicroseconds() : null;
}
