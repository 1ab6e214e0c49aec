using System.Text.Json.Serialization;
using Valori.Actors;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Operations;

/// <summary>What an answer has of a record besides its id. What the record does not have, or the request does not ask for, is left out.</summary>
internal abstract record RecordContentAnswer
{
    protected RecordContentAnswer()
    {
    }

    /// <param name="record">Null leaves out everything.</param>
    /// <param name="with">Says which of tag and vector are in the answer, which every record has. Of the other parts, the record has only what was asked for.</param>
    protected RecordContentAnswer(RecordContent? record, RecordParts with, EngineSchema schema)
    {
        if (record is null) return;
        Tag = (with & RecordParts.Tag) != 0 ? record.Tag : null;
        Vector = (with & RecordParts.Vector) != 0 ? record.Vector.ToArray().Select(schema.ToSingle) : null;
        Key = record.Key?.ToString();
        Fields = record.Fields.OrNull();
        Metadata = record.Metadata?.ToArray();
        ExpiresAt = record.ExpiresAtUnixMicroseconds is { } expiry ? Iso8601.Format(expiry) : null;
    }

    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? Tag { get; init; }

    /// <summary>Its components as they are stored, which are multiples of 1/65536 divided by the scale.</summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IEnumerable<float>? Vector { get; init; }

    [JsonPropertyOrder(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    [JsonPropertyOrder(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Fields? Fields { get; init; }

    [JsonPropertyOrder(6), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public virtual byte[]? Metadata { get; init; }

    [JsonPropertyOrder(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExpiresAt { get; init; }
}

/// <summary>A record with everything that it has.</summary>
internal sealed record RecordAnswer : RecordContentAnswer
{
    [JsonConstructor]
    public RecordAnswer()
    {
    }

    public RecordAnswer(RecordContent record, EngineSchema schema)
        : base(record, RecordParts.Tag | RecordParts.Vector, schema) => Id = record.Id.Value;

    public ulong Id { get; init; }

    /// <summary>Null if it never got any.</summary>
    [JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public override byte[]? Metadata { get; init; }
}

/// <summary>The parts of a record that were asked for.</summary>
internal sealed record ListedRecord : RecordContentAnswer
{
    [JsonConstructor]
    public ListedRecord()
    {
    }

    public ListedRecord(RecordContent record, RecordParts with, EngineSchema schema)
        : base(record, with, schema) => Id = record.Id.Value;

    public ulong Id { get; init; }
}

/// <summary>A page of records.</summary>
/// <param name="Cursor">For the next page; left out after the last one.</param>
internal sealed record ListAnswer(IEnumerable<ListedRecord> Records, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cursor)
{
    public static ListAnswer Of(RecordPage page, RecordParts with, EngineSchema schema) =>
        new(page.Records.Select(record => new ListedRecord(record, with, schema)), page.Cursor);
}

/// <summary>Records in the order of the request, null for one that does not exist.</summary>
internal sealed record GetManyAnswer(IEnumerable<ListedRecord?> Records)
{
    public static GetManyAnswer Of(IReadOnlyList<RecordContent?> records, RecordParts with, EngineSchema schema) =>
        new(records.Select(record => record is null ? null : new ListedRecord(record, with, schema)));
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
