using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Host.Operations;

internal sealed record InsertRequest(float[] Vector, ulong Tag = 0);

internal sealed record InsertBatchRequest(IReadOnlyList<ReadOnlyMemory<float>> Vectors, ulong[]? Tags = null);

internal sealed record GetRecordRequest(ulong RecordId, AsOf? AsOf = null);

internal sealed record DeleteRecordRequest(ulong RecordId);

internal sealed record SetMetadataRequest(ulong RecordId, byte[] Metadata);

/// <summary>A batch created records.</summary>
/// <param name="Ids">In the order of the vectors.</param>
internal sealed record CreatedBatchAnswer(IEnumerable<ulong> Ids, ReceiptAnswer Receipt)
{
    public static CreatedBatchAnswer Of(CreatedRecords records) => new(records.Select(id => id.Value), ReceiptAnswer.Of(records.Receipt));
}

/// <summary>A record.</summary>
/// <param name="Vector">Its components as they are stored, which are multiples of 1/65536 divided by the scale.</param>
/// <param name="Metadata">Null if it never got any.</param>
internal sealed record RecordAnswer(ulong Id, ulong Tag, IEnumerable<float> Vector, byte[]? Metadata)
{
    public static RecordAnswer Of(RecordContent record, EngineSchema schema) => new(
        record.Id.Value, record.Tag, record.Vector.ToArray().Select(schema.ToSingle), record.Metadata?.ToArray());
}

/// <summary>The metadata of a record, null if it never got any.</summary>
internal sealed record MetadataAnswer(byte[]? Metadata);

/// <summary>Records and their metadata.</summary>
internal static class RecordOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<InsertRequest, CreatedAnswer>(OperationKind.Write, "insert", "POST /records",
            "Inserts a vector as a new record.",
            async (on, request, stop) => CreatedAnswer.Of((await on.Engine.InsertAsync(request.Vector, request.Tag, stop)).Receipt)),
        new Operation<InsertBatchRequest, CreatedBatchAnswer>(OperationKind.Write, "insert_batch", "POST /records/batch",
            "Inserts all of the vectors as new records, or none of them.",
            async (on, request, stop) => CreatedBatchAnswer.Of(await on.Engine.InsertBatchAsync(request.Vectors, request.Tags, stop))),
        new Operation<GetRecordRequest, RecordAnswer>(OperationKind.Read, "get_record", "GET /records/{record_id}",
            "Returns a record with its tag, vector and metadata.",
            async (on, request, stop) => RecordAnswer.Of(await on.Engine.GetRecordAsync(new RecordId(request.RecordId), request.AsOf, stop), on.Engine.Schema)),
        new Operation<DeleteRecordRequest, DoneAnswer>(OperationKind.Write, "soft_delete", "DELETE /records/{record_id}",
            "Deletes a record; a tombstone stays in its place.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SoftDeleteAsync(new RecordId(request.RecordId), stop))),
        new Operation<GetRecordRequest, MetadataAnswer>(OperationKind.Read, "get_metadata", "GET /records/{record_id}/metadata",
            "Returns the metadata of a record.",
            async (on, request, stop) => new MetadataAnswer(await on.Engine.GetMetadataAsync(new RecordId(request.RecordId), request.AsOf, stop))),
        new Operation<SetMetadataRequest, DoneAnswer>(OperationKind.Write, "set_metadata", "PUT /records/{record_id}/metadata",
            "Sets or replaces the metadata of a record.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetMetadataAsync(new RecordId(request.RecordId), request.Metadata, stop))),
    ];
}
