namespace Valori;

/// <summary>A record to insert: its vector, and optionally what else it has.</summary>
/// <param name="Vector">As for <see cref="ValoriEngine.InsertAsync(ReadOnlyMemory{float}, ulong, CancellationToken)"/>.</param>
public sealed record NewRecord(ReadOnlyMemory<float> Vector)
{
    // Tag, expiry, flags.
    private const int PlainBytes = 32;

    /// <summary>For filtered searches.</summary>
    public ulong Tag { get; init; }

    /// <summary>Your own name for the record, 1 to 256 bytes of UTF-8, unique among the live records. A string converts to it.</summary>
    public RecordKey? Key { get; init; }

    /// <summary>What filters can see (<see cref="FieldsBuilder"/>).</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>Opaque bytes, at most 65,536; empty ones differ from none.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }

    /// <summary>When the record is deleted, at most a second late but for what <see cref="ValoriEngine.SetExpiryAsync"/> names. What is finer than a microsecond is cut off, as in fields.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it has nothing besides its vector and tag.</summary>
    internal bool IsPlain => Key is null && Fields.IsEmpty && Metadata is null && ExpiresAt is null;

    /// <summary>About what it takes of a command, at most.</summary>
    internal long ApproximateBytes => (long)Vector.Length * sizeof(float) + PlainBytes + (Key?.Utf8.Length ?? 0) + Fields.Canonical.Length + (Metadata?.Length ?? 0);

    internal RecordAttributes ToAttributes() => new()
    {
        Key = Key,
        Fields = Fields,
        // A copy: the caller may go on with its own. Null stays null, and does not become empty.
        Metadata = Metadata is { } metadata ? (ReadOnlyMemory<byte>?)metadata.ToArray() : null,
        ExpiresAtUnixMicroseconds = ExpiresAt is { } time ? ((FieldValue)time).AsUnixMicroseconds() : null,
    };
}
