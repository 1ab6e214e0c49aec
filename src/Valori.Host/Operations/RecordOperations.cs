using Valori.Actors.Writes;
using Valori.Host.Json;
using Valori.Protocol;

namespace Valori.Host.Operations;

/// <param name="Key">The user's own name for the record.</param>
/// <param name="Fields">What filters can see.</param>
internal sealed record InsertRequest(
    float[] Vector, ulong Tag = 0, RecordKey? Key = null, Fields? Fields = null, byte[]? Metadata = null, DateTimeOffset? ExpiresAt = null)
{
    public NewRecord ToRecord() => new(Vector)
    {
        Tag = Tag,
        Key = Key,
        Fields = Fields ?? Fields.Empty,
        Metadata = Metadata is null ? null : (ReadOnlyMemory<byte>?)Metadata,
        ExpiresAt = ExpiresAt,
    };
}

/// <param name="Vectors">Of records without anything else but tags. Either these or the records are there.</param>
/// <param name="Records">Each with its own vector, and what else it has.</param>
internal sealed record InsertBatchRequest(
    IReadOnlyList<ReadOnlyMemory<float>>? Vectors = null, ulong[]? Tags = null, IReadOnlyList<NewRecord>? Records = null)
{
    /// <exception cref="RequestException">Both forms are there, or neither.</exception>
    public Task<CreatedRecords> InsertAsync(ValoriEngine engine, CancellationToken stop) =>
        HasRecords ? engine.InsertBatchAsync(Records!, stop) : engine.InsertBatchAsync(Vectors!, Tags, stop);

    /// <exception cref="RequestException">As above.</exception>
    public Command ToCommand(EngineSchema schema) =>
        HasRecords ? RecordCommands.Put(schema, Records!, replace: false) : RecordCommands.Insert(schema, Vectors!, Tags);

    private bool HasRecords => (Vectors, Records) switch
    {
        (null, null) => throw new RequestException("neither records nor vectors is given: give one of them"),
        (null, _) when Tags is null => true,
        (_, null) => false,
        _ => throw new RequestException($"records and {(Vectors is null ? "tags" : "vectors")} are both given: each object of records has its own vector and tag"),
    };
}

/// <summary>As <see cref="InsertRequest"/>, with a key.</summary>
internal sealed record UpsertRequest(
    float[] Vector, RecordKey Key, ulong Tag = 0, Fields? Fields = null, byte[]? Metadata = null, DateTimeOffset? ExpiresAt = null)
{
    public NewRecord ToRecord() => new InsertRequest(Vector, Tag, Key, Fields, Metadata, ExpiresAt).ToRecord();
}

/// <param name="Records">Each with its own vector, a key, and what else it has.</param>
internal sealed record UpsertBatchRequest(IReadOnlyList<NewRecord> Records);

internal sealed record GetRecordByKeyRequest(RecordKey Key, AsOf? AsOf = null);

internal sealed record DeleteByKeyRequest(RecordKey Key);

/// <summary>Names a record by its id or by its key, one of them.</summary>
internal sealed record ExistsRequest(ulong? RecordId = null, RecordKey? Key = null, AsOf? AsOf = null);

/// <param name="Fields">To set.</param>
/// <param name="Replace">Whether the fields that are not named are removed.</param>
internal sealed record SetFieldsRequest(Fields Fields, ulong? RecordId = null, RecordKey? Key = null, bool Replace = false);

/// <param name="Names">Of the fields to remove, with those below them.</param>
internal sealed record RemoveFieldsRequest(string[] Names, ulong? RecordId = null, RecordKey? Key = null);

/// <param name="ExpiresAt">When the record is to be deleted.</param>
internal sealed record SetExpiryRequest(DateTimeOffset ExpiresAt, ulong? RecordId = null, RecordKey? Key = null);

internal sealed record RemoveExpiryRequest(ulong? RecordId = null, RecordKey? Key = null);

/// <param name="Filter">Which records. Either this or all is there: nothing means every record because it was left out.</param>
/// <param name="All">Whether every record is meant.</param>
/// <param name="Limit">The maximum number of records; no limit if it is left out.</param>
internal sealed record DeleteWhereRequest(Filter? Filter = null, bool All = false, long Limit = long.MaxValue);

/// <param name="Fields">To set.</param>
/// <param name="Replace">Whether the fields that are not named are removed.</param>
internal sealed record SetFieldsWhereRequest(Fields Fields, Filter? Filter = null, bool All = false, bool Replace = false, long Limit = long.MaxValue);

/// <param name="Names">Of the fields to remove, with those below them.</param>
internal sealed record RemoveFieldsWhereRequest(string[] Names, Filter? Filter = null, bool All = false, long Limit = long.MaxValue);

internal sealed record GetRecordRequest(ulong RecordId, AsOf? AsOf = null);

internal sealed record DeleteRecordRequest(ulong RecordId);

internal sealed record SetMetadataRequest(ulong RecordId, byte[] Metadata);

/// <param name="Filter">Only records that match it.</param>
/// <param name="Limit">Records of the page.</param>
/// <param name="Cursor">Of the page before.</param>
/// <param name="With">What the page has of each record; everything but the vector if it is left out.</param>
/// <param name="OrderBy"><c>id</c>, <c>key</c> or a field.</param>
internal sealed record ListRequest(
    Filter? Filter = null, int Limit = 100, string? Cursor = null, RecordParts With = RecordParts.AllButVector, string OrderBy = "id", bool Descending = false, AsOf? AsOf = null);

/// <param name="Ids">Of records, which come first.</param>
/// <param name="Keys">Of further records.</param>
/// <param name="With">What the answer has of each record; everything but the vector if it is left out.</param>
internal sealed record GetManyRequest(ulong[]? Ids = null, RecordKey[]? Keys = null, RecordParts With = RecordParts.AllButVector, AsOf? AsOf = null)
{
    /// <exception cref="RequestException">Neither ids nor keys are there.</exception>
    public IReadOnlyList<RecordRef> Named() => Ids is null && Keys is null
        ? throw new RequestException("neither ids nor keys is given: name at least one record")
        : [.. (Ids ?? []).Select(id => (RecordRef)new RecordId(id)), .. (Keys ?? []).Select(key => (RecordRef)key)];
}

/// <param name="Field">Whose values are counted.</param>
/// <param name="Filter">Only records that match it.</param>
/// <param name="Limit">Values of the answer.</param>
internal sealed record DistinctRequest(string Field, Filter? Filter = null, int Limit = 100, AsOf? AsOf = null);

/// <summary>Records and their metadata.</summary>
internal static class RecordOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<InsertRequest, CreatedAnswer>(OperationKind.Write, "insert", "POST /records",
            "Inserts a vector as a new record.",
            async (on, request, stop) => CreatedAnswer.Of((await on.Engine.InsertAsync(request.ToRecord(), stop)).Receipt))
        {
            ToCommand = (schema, request) => RecordCommands.Put(schema, [request.ToRecord()], replace: false),
        },
        new Operation<InsertBatchRequest, CreatedBatchAnswer>(OperationKind.Write, "insert_batch", "POST /records/batch",
            "Inserts all of the records, or none of them.",
            async (on, request, stop) => CreatedBatchAnswer.Of(await request.InsertAsync(on.Engine, stop)))
        {
            ToCommand = (schema, request) => request.ToCommand(schema),
        },
        new Operation<UpsertRequest, UpsertedAnswer>(OperationKind.Write, "upsert", "POST /records/upsert",
            "Inserts a record, and replaces the record that has its key.",
            async (on, request, stop) => UpsertedAnswer.Of(await on.Engine.UpsertAsync(request.ToRecord(), stop)))
        {
            ToCommand = (schema, request) => RecordCommands.Put(schema, [request.ToRecord()], replace: true),
        },
        new Operation<UpsertBatchRequest, UpsertedBatchAnswer>(OperationKind.Write, "upsert_batch", "POST /records/upsert/batch",
            "Inserts all of the records, and replaces those that have their keys, or does nothing.",
            async (on, request, stop) => UpsertedBatchAnswer.Of(await on.Engine.UpsertBatchAsync(request.Records, stop)))
        {
            ToCommand = (schema, request) => RecordCommands.Put(schema, request.Records, replace: true),
        },
        new Operation<GetRecordByKeyRequest, RecordAnswer>(OperationKind.Read, "get_by_key", "GET /records/by-key",
            "Returns the record with a key.",
            async (on, request, stop) => RecordAnswer.Of(await on.Engine.GetRecordAsync(request.Key, request.AsOf, stop), on.Engine.Schema)),
        new Operation<DeleteByKeyRequest, DoneAnswer>(OperationKind.Write, "delete_by_key", "DELETE /records/by-key",
            "Deletes the record with a key; a tombstone stays in its place.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.DeleteAsync(request.Key, stop)))
        {
            ToCommand = (_, request) => new DeleteKey(request.Key),
        },
        new Operation<ExistsRequest, ExistsAnswer>(OperationKind.Read, "exists", "GET /records/exists",
            "Says whether there is a live record with an id or a key.",
            async (on, request, stop) =>
            {
                RecordId? id = await on.Engine.FindRecordAsync(Named(request.RecordId, request.Key), request.AsOf, stop);
                return new ExistsAnswer(id is not null, id?.Value);
            }),
        new Operation<SetFieldsRequest, DoneAnswer>(OperationKind.Write, "set_fields", "POST /records/fields",
            "Sets fields of a record, without touching its vector.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetFieldsAsync(
                Named(request.RecordId, request.Key), request.Fields, request.Replace ? FieldsMode.Replace : FieldsMode.Merge, stop)))
        {
            ToCommand = (_, request) => new SetFields(Named(request.RecordId, request.Key), request.Replace ? FieldsMode.Replace : FieldsMode.Merge, request.Fields, []),
        },
        new Operation<RemoveFieldsRequest, DoneAnswer>(OperationKind.Write, "remove_fields", "POST /records/fields/remove",
            "Removes fields of a record by their names.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.RemoveFieldsAsync(Named(request.RecordId, request.Key), request.Names, stop)))
        {
            ToCommand = (_, request) => SetFields.Remove(Named(request.RecordId, request.Key), request.Names),
        },
        new Operation<DeleteWhereRequest, ChangedAnswer>(OperationKind.Write, "delete_where", "POST /records/delete",
            "Deletes the records that match a filter, in steps of 1,000.",
            async (on, request, stop) => ChangedAnswer.Of(await on.Engine.DeleteWhereAsync(Which(request.Filter, request.All), request.Limit, stop))),
        new Operation<SetFieldsWhereRequest, ChangedAnswer>(OperationKind.Write, "set_fields_where", "POST /records/fields/where",
            "Sets fields of the records that match a filter, in steps of 1,000.",
            async (on, request, stop) => ChangedAnswer.Of(await on.Engine.SetFieldsWhereAsync(
                Which(request.Filter, request.All), request.Fields, request.Replace ? FieldsMode.Replace : FieldsMode.Merge, request.Limit, stop))),
        new Operation<RemoveFieldsWhereRequest, ChangedAnswer>(OperationKind.Write, "remove_fields_where", "POST /records/fields/where/remove",
            "Removes fields of the records that match a filter, in steps of 1,000.",
            async (on, request, stop) => ChangedAnswer.Of(await on.Engine.RemoveFieldsWhereAsync(Which(request.Filter, request.All), request.Names, request.Limit, stop))),
        new Operation<SetExpiryRequest, DoneAnswer>(OperationKind.Write, "set_expiry", "POST /records/expiry",
            "Sets when a record expires, and changes nothing else of it.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetExpiryAsync(Named(request.RecordId, request.Key), request.ExpiresAt, stop)))
        {
            ToCommand = (_, request) => new SetExpiry(Named(request.RecordId, request.Key), ((FieldValue)request.ExpiresAt).AsUnixMicroseconds()),
        },
        new Operation<RemoveExpiryRequest, DoneAnswer>(OperationKind.Write, "remove_expiry", "POST /records/expiry/remove",
            "Removes a record's expiry.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.RemoveExpiryAsync(Named(request.RecordId, request.Key), stop)))
        {
            ToCommand = (_, request) => new SetExpiry(Named(request.RecordId, request.Key), null),
        },
        new Operation<GetRecordRequest, RecordAnswer>(OperationKind.Read, "get_record", "GET /records/{record_id}",
            "Returns a record with its tag, vector and metadata.",
            async (on, request, stop) => RecordAnswer.Of(await on.Engine.GetRecordAsync(new RecordId(request.RecordId), request.AsOf, stop), on.Engine.Schema)),
        new Operation<ListRequest, ListAnswer>(OperationKind.Read, "list_records", "POST /records/list",
            "Returns the records that match a filter, in order, a page at a time.",
            async (on, request, stop) => ListAnswer.Of(
                await on.Engine.ListRecordsAsync(
                    request.Filter ?? Filter.All, request.Limit, request.Cursor, request.AsOf, request.With,
                    JsonFields.Accept(RecordOrder.Parse(request.OrderBy)) with { IsDescending = request.Descending }, stop), request.With, on.Engine.Schema)),
        new Operation<GetManyRequest, GetManyAnswer>(OperationKind.Read, "get_many", "POST /records/get",
            "Returns records by their ids and keys.",
            async (on, request, stop) => GetManyAnswer.Of(await on.Engine.GetManyAsync(request.Named(), request.With, request.AsOf, stop), request.With, on.Engine.Schema)),
        new Operation<DistinctRequest, DistinctAnswer>(OperationKind.Read, "distinct", "POST /records/distinct",
            "Returns the values of a field, and how many records have each.",
            async (on, request, stop) => DistinctAnswer.Of(await on.Engine.DistinctAsync(request.Field, request.Filter ?? Filter.All, request.Limit, request.AsOf, stop))),
        new Operation<DeleteRecordRequest, DoneAnswer>(OperationKind.Write, "soft_delete", "DELETE /records/{record_id}",
            "Deletes a record; a tombstone stays in its place.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SoftDeleteAsync(new RecordId(request.RecordId), stop)))
        {
            ToCommand = (_, request) => new DeleteRecord(new RecordId(request.RecordId)),
        },
        new Operation<GetRecordRequest, MetadataAnswer>(OperationKind.Read, "get_metadata", "GET /records/{record_id}/metadata",
            "Returns the metadata of a record.",
            async (on, request, stop) => new MetadataAnswer(await on.Engine.GetMetadataAsync(new RecordId(request.RecordId), request.AsOf, stop))),
        new Operation<SetMetadataRequest, DoneAnswer>(OperationKind.Write, "set_metadata", "PUT /records/{record_id}/metadata",
            "Sets or replaces the metadata of a record.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetMetadataAsync(new RecordId(request.RecordId), request.Metadata, stop)))
        {
            ToCommand = (_, request) => new SetMetadata(new RecordId(request.RecordId), request.Metadata),
        },
    ];

    /// <exception cref="RequestException">Both are there, or neither.</exception>
    private static Filter Which(Filter? filter, bool all) => (filter, all) switch
    {
        ({ } some, false) => some,
        (null, true) => Filter.All,
        (null, false) => throw new RequestException("field 'filter' is missing: it says which records. Write \"all\":true for every record"),
        _ => throw new RequestException("filter and all are both given: give one of them"),
    };

    /// <exception cref="RequestException">Both are there, or neither.</exception>
    private static RecordRef Named(ulong? id, RecordKey? key) => (id, key) switch
    {
        ({ } number, null) => new RecordId(number),
        (null, { } named) => named,
        (null, null) => throw new RequestException("neither record_id nor key is given: name the record by one of them"),
        _ => throw new RequestException("record_id and key are both given: name the record by one of them"),
    };
}
