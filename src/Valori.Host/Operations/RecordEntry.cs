using Valori.Actors;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Operations;

/// <summary>What a record of a batch has besides its vector and tag: an object of the field <c>records</c>.</summary>
internal sealed record RecordEntry(RecordKey? Key, Fields? Fields, byte[]? Metadata, DateTimeOffset? ExpiresAt)
{
    /// <summary>The fields of such an object.</summary>
    public static readonly FieldNames Names = new("a record", ["key", "fields", "metadata", "expires_at"]);

    public static RecordEntry Of(JsonFields fields) =>
        new(fields.OptionalKey("key"), fields.OptionalRecordFields("fields"), fields.OptionalBase64("metadata"), fields.OptionalTime("expires_at"));

    public static NewRecord ToRecord(ReadOnlyMemory<float> vector, ulong tag, RecordKey? key, Fields? fields, byte[]? metadata, DateTimeOffset? expiresAt) => new(vector)
    {
        Tag = tag,
        Key = key,
        Fields = fields ?? Kernel.Fields.Empty,
        Metadata = metadata is null ? null : (ReadOnlyMemory<byte>?)metadata,
        ExpiresAt = expiresAt,
    };

    /// <exception cref="RequestException">They are not as many as the vectors.</exception>
    public static IReadOnlyList<NewRecord> ToRecords(IReadOnlyList<ReadOnlyMemory<float>> vectors, ulong[]? tags, IReadOnlyList<RecordEntry> entries)
    {
        if (tags is not null && tags.Length != vectors.Count) throw new RequestException($"expected a tag for each vector: {vectors.Count} vectors, {tags.Length} tags");
        if (entries.Count != vectors.Count) throw new RequestException($"expected an object in 'records' for each vector: {vectors.Count} vectors, {entries.Count} records");
        return [.. entries.Select((entry, i) => ToRecord(vectors[i], tags?[i] ?? 0, entry.Key, entry.Fields, entry.Metadata, entry.ExpiresAt))];
    }

    /// <exception cref="RequestException">Both are there, or neither.</exception>
    public static RecordRef Named(ulong? id, RecordKey? key) => (id, key) switch
    {
        ({ } number, null) => new RecordId(number),
        (null, { } named) => named,
        (null, null) => throw new RequestException("one of record_id and key is missing: it says which record"),
        _ => throw new RequestException("record_id and key are both there: name the record by one of them"),
    };
}
