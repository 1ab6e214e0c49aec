namespace Valori.Host.Json;

/// <summary>A new record as a JSON object: one of the field <c>records</c>, or a line of a file.</summary>
internal static class RecordJson
{
    /// <summary>The fields of such an object.</summary>
    public static readonly FieldNames Names = new("a record", ["vector", "tag", "key", "fields", "metadata", "expires_at"]);

    public static NewRecord Read(JsonFields fields) => Read(fields, fields.Vector("vector"));

    /// <param name="vector">What was read of its field <c>vector</c> already.</param>
    public static NewRecord Read(JsonFields fields, ReadOnlyMemory<float> vector) => new(vector)
    {
        Tag = fields.OptionalUInt64("tag") ?? 0,
        Key = fields.OptionalKey("key"),
        Fields = fields.OptionalRecordFields("fields") ?? Fields.Empty,
        Metadata = fields.OptionalBase64("metadata") is { } metadata ? (ReadOnlyMemory<byte>?)metadata : null,
        ExpiresAt = fields.OptionalTime("expires_at"),
    };
}
