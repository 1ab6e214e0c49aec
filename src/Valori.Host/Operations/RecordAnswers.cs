using System.Text.Json.Serialization;
using Valori.Actors.Text;
using Valori.Host.Json;

namespace Valori.Host.Operations;

/// <summary>What answers say of a record besides its id. What the record does not have, or was not asked for, is null.</summary>
/// <param name="record">Null if nothing of it was asked for.</param>
/// <param name="with">Says which of tag and vector were asked for, which every record has. Of the other parts, the record has only those that were.</param>
internal readonly struct RecordPartsAnswer(RecordContent? record, RecordParts with, EngineSchema schema)
{
    public ulong? Tag => (with & RecordParts.Tag) != 0 ? record?.Tag : null;

    /// <summary>As it is stored: multiples of 1/65536 divided by the scale.</summary>
    public IEnumerable<float>? Vector => (with & RecordParts.Vector) != 0 ? record?.Vector.ToArray().Select(schema.ToSingle) : null;

    public string? Key => record?.Key?.ToString();

    public Fields? Fields => record?.Fields.OrNull();

    public byte[]? Metadata => record?.Metadata?.ToArray();

    public string? ExpiresAt => record?.ExpiresAtUnixMicroseconds is { } expiry ? Iso8601.Format(expiry) : null;
}

/// <summary>A record with everything that it has.</summary>
/// <param name="Vector">Its components as they are stored, which are multiples of 1/65536 divided by the scale.</param>
/// <param name="Metadata">Null if it never got any.</param>
internal sealed record RecordAnswer(
    ulong Id, ulong Tag, IEnumerable<float> Vector, byte[]? Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Fields? Fields,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresAt)
{
    public static RecordAnswer Of(RecordContent record, EngineSchema schema)
    {
        RecordPartsAnswer parts = new(record, RecordParts.Vector, schema);
        return new RecordAnswer(record.Id.Value, record.Tag, parts.Vector!, parts.Metadata, parts.Key, parts.Fields, parts.ExpiresAt);
    }
}

/// <summary>The parts of a record that were asked for.</summary>
internal sealed record ListedRecord(
    ulong Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Tag,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<float>? Vector,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Fields? Fields,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresAt)
{
    public static ListedRecord Of(RecordContent record, RecordParts with, EngineSchema schema)
    {
        RecordPartsAnswer parts = new(record, with, schema);
        return new ListedRecord(record.Id.Value, parts.Tag, parts.Vector, parts.Key, parts.Fields, parts.Metadata, parts.ExpiresAt);
    }
}

/// <summary>A page of records.</summary>
/// <param name="Cursor">For the next page; left out after the last one.</param>
internal sealed record ListAnswer(IEnumerable<ListedRecord> Records, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cursor)
{
    public static ListAnswer Of(RecordPage page, RecordParts with, EngineSchema schema) =>
        new(page.Records.Select(record => ListedRecord.Of(record, with, schema)), page.Cursor);
}

/// <summary>Records in the order of the request, null for one that does not exist.</summary>
internal sealed record GetManyAnswer(IEnumerable<ListedRecord?> Records)
{
    public static GetManyAnswer Of(IReadOnlyList<RecordContent?> records, RecordParts with, EngineSchema schema) =>
        new(records.Select(record => record is null ? null : ListedRecord.Of(record, with, schema)));
}

/// <summary>A value of a field, and how many records have it.</summary>
internal readonly record struct CountedValue(FieldValue Value, ulong Count);

/// <summary>The values of a field.</summary>
/// <param name="Values">The most frequent first.</param>
/// <param name="Total">Of all values, those that the limit left out counted too.</param>
internal sealed record DistinctAnswer(IEnumerable<CountedValue> Values, int Total)
{
    public static DistinctAnswer Of(DistinctValues values) => new(values.Values.Select(value => new CountedValue(value.Value, value.Count)), values.Total);
}

/// <summary>A batch created records.</summary>
/// <param name="Ids">In the order of the vectors.</param>
internal sealed record CreatedBatchAnswer(IEnumerable<ulong> Ids, ReceiptAnswer Receipt)
{
    public static CreatedBatchAnswer Of(CreatedRecords records) => new(records.Select(id => id.Value), ReceiptAnswer.Of(records.Receipt));
}

/// <summary>A record was inserted, and may have replaced another one.</summary>
/// <param name="ReplacedId">The record that had its key; null if there was none.</param>
internal sealed record UpsertedAnswer(ulong Id, ulong? ReplacedId, ReceiptAnswer Receipt)
{
    public static UpsertedAnswer Of(Upserted upserted) => new(upserted.Id.Value, upserted.Replaced?.Value, ReceiptAnswer.Of(upserted.Receipt));
}

/// <summary>Records were inserted, and may have replaced others.</summary>
/// <param name="Ids">In the order of the records.</param>
/// <param name="ReplacedCount">How many records had their keys.</param>
internal sealed record UpsertedBatchAnswer(IEnumerable<ulong> Ids, int ReplacedCount, ReceiptAnswer Receipt)
{
    public static UpsertedBatchAnswer Of(CreatedRecords records) => new(records.Select(id => id.Value), records.Replaced, ReceiptAnswer.Of(records.Receipt));
}

/// <summary>The metadata of a record, null if it never got any.</summary>
internal sealed record MetadataAnswer(byte[]? Metadata);

/// <param name="Id">Of the live record; null if there is none.</param>
internal sealed record ExistsAnswer(bool Exists, ulong? Id);

/// <summary>A command on all records that match a filter was carried out.</summary>
/// <param name="Count">How many were deleted or changed.</param>
/// <param name="IsComplete">False if the limit was reached, and there may be more.</param>
/// <param name="Receipt">Of the last step.</param>
internal sealed record ChangedAnswer(long Count, bool IsComplete, ReceiptAnswer Receipt)
{
    public static ChangedAnswer Of(ChangedRecords changed) => new(changed.Count, changed.IsComplete, ReceiptAnswer.Of(changed.Receipt));
}
