using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori;

/// <summary>What a record gets besides its vector and tag when it is put: nothing of it is needed.</summary>
public sealed record RecordAttributes : IWireFields
{
    /// <summary>No attribute at all.</summary>
    public static RecordAttributes None { get; } = new();

    /// <summary>The user's own name for the record.</summary>
    public RecordKey? Key { get; init; }

    /// <summary>What filters can see.</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>Opaque bytes; empty ones differ from none.</summary>
    public ReadOnlyMemory<byte>? Metadata { get; init; }

    /// <summary>When the record expires, in microseconds since 1970 (UTC), in the years 1 to 9999.</summary>
    public long? ExpiresAtUnixMicroseconds { get; init; }

    internal bool IsNone => !IsInLeaf && Metadata is null;

    /// <summary>Whether the record's leaf has another form because of it: metadata alone has its place in every leaf.</summary>
    internal bool IsInLeaf => Key is not null || !Fields.IsEmpty || ExpiresAtUnixMicroseconds is not null;

    /// <summary>Bytes of content, for limits on size.</summary>
    internal long ContentBytes => PackedAttributes.SizeOf(Key, Fields, ExpiresAtUnixMicroseconds) + (Metadata is { } metadata ? sizeof(uint) + metadata.Length : 0);

    /// <summary>What no record may have, or null.</summary>
    internal Refusal? Fault()
    {
        if (Metadata is { } metadata && Limits.CheckMetadata(metadata.Length) is { } tooLong) return tooLong;
        return ExpiryFault(ExpiresAtUnixMicroseconds);
    }

    /// <summary>Why no record can end then, or null.</summary>
    internal static Refusal? ExpiryFault(long? unixMicroseconds) => unixMicroseconds is { } expiry && !FieldValue.IsTimestamp(expiry)
        ? new Refusal(RefusalKind.InvalidArgument, FormattableString.Invariant($"expires_at is {expiry} microseconds since 1970; it must be in the years 1 to 9999"))
        : null;

    void IWireFields.WriteFields(ref WireWriter writer)
    {
        writer.RecordKey(1, Key);
        writer.Fields(2, Fields);
        if (Metadata is { } metadata) writer.SetBytes(3, metadata.Span);
        if (ExpiresAtUnixMicroseconds is { } expiry) writer.SetUInt64(4, (ulong)expiry);
    }

    internal static RecordAttributes Read(ref WireReader reader) => new()
    {
        Key = reader.OptionalRecordKey(1),
        Fields = reader.Fields(2),
        Metadata = reader.OptionalBytes(3),
        ExpiresAtUnixMicroseconds = (long?)reader.OptionalUInt64(4),
    };
}
