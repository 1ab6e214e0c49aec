namespace Valori.Testing;

/// <summary>A live record of the <see cref="NaiveModel"/>.</summary>
/// <param name="Fields">Canonical bytes; null without any.</param>
/// <param name="ExpiresAt">Microseconds since 1970.</param>
public readonly record struct NaiveRecord(int[] Raw, ulong Tag, byte[]? Metadata, string? Key = null, byte[]? Fields = null, long? ExpiresAt = null)
{
    public bool HasAttributes => Key is not null || Fields is not null || ExpiresAt is not null;

    /// <summary>What a View or a proof shows of a record.</summary>
    public static NaiveRecord Of(RecordContent content) => new(
        content.Vector.ToArray(), content.Tag, content.Metadata?.ToArray(), content.Key?.ToString(),
        content.Fields.IsEmpty ? null : content.Fields.Canonical.ToArray(), content.ExpiresAtUnixMicroseconds);

    /// <summary>The first thing in which another one differs, or null.</summary>
    public string? Difference(NaiveRecord other) =>
        !Raw.AsSpan().SequenceEqual(other.Raw) ? "vector"
        : Tag != other.Tag ? "tag"
        : !AreEqual(Metadata, other.Metadata) ? "metadata"
        : Key != other.Key ? "key"
        : !AreEqual(Fields, other.Fields) ? "fields"
        : ExpiresAt != other.ExpiresAt ? "expiry"
        : null;

    private static bool AreEqual(byte[]? a, byte[]? b) => a is null ? b is null : b is not null && a.AsSpan().SequenceEqual(b);
}
