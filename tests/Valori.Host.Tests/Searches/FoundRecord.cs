using System.Globalization;
using System.Text.Json;
using Valori.Actors.Text;
using Valori.Kernel.Vectors;

namespace Valori.Host.Tests.Searches;

/// <summary>What came with a hit of its record, as text; null if it has nothing.</summary>
internal sealed record FoundRecord(string? Key, string? Fields, string? Metadata, string? Vector, ulong? Tag, string? ExpiresAt)
{
    public static readonly FoundRecord Nothing = new(null, null, null, null, null, null);

    /// <summary>A tag that is 0 was not asked for, or is 0: hits in C# do not say which.</summary>
    public static IReadOnlyList<FoundRecord> Of(IEnumerable<SearchHit> hits) => [.. hits.Select(hit => hit.Record is { } record ? Of(record) : Nothing)];

    /// <summary>The parts of a record that were asked for.</summary>
    public static FoundRecord Of(NaiveRecord record, RecordParts with)
    {
        bool Has(RecordParts part) => (with & part) != 0;
        return new FoundRecord(
            Has(RecordParts.Key) ? record.Key?.ToString() : null, Has(RecordParts.Fields) && record.Fields is { Length: > 0 } fields ? Valori.Fields.Read(fields).ToJson() : null,
            Has(RecordParts.Metadata) && record.Metadata is { } metadata ? Convert.ToBase64String(metadata) : null, Has(RecordParts.Vector) ? Shown(record.Raw) : null,
            Has(RecordParts.Tag) && record.Tag != 0 ? record.Tag : null, Has(RecordParts.ExpiresAt) && record.ExpiresAt is { } expiry ? Iso8601.Format(expiry) : null);
    }

    public static FoundRecord Of(JsonElement hit)
    {
        string? Text(string name) => hit.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;
        return new FoundRecord(
            Text("key"), Text("fields") is { } fields ? Valori.Fields.FromJson(fields).Value!.ToJson() : null, Text("metadata"),
            hit.TryGetProperty("vector", out JsonElement vector) ? string.Join(' ', vector.EnumerateArray().Select(component => Shown(component.GetSingle()))) : null,
            hit.TryGetProperty("tag", out JsonElement tag) && tag.GetUInt64() != 0 ? tag.GetUInt64() : null, Text("expires_at"));
    }

    private static FoundRecord Of(RecordContent record) => new(
        record.Key?.ToString(), record.Fields.IsEmpty ? null : record.Fields.ToJson(), record.Metadata is { } metadata ? Convert.ToBase64String(metadata.Span) : null,
        record.Vector.IsEmpty ? null : Shown(record.Vector.ToArray()), record.Tag != 0 ? record.Tag : null,
        record.ExpiresAtUnixMicroseconds is { } expiry ? Iso8601.Format(expiry) : null);

    private static string Shown(int[] raw) => string.Join(' ', raw.Select(component => Shown(FixedPoint.ToSingle(component))));

    private static string Shown(float component) => component.ToString("R", CultureInfo.InvariantCulture);
}
