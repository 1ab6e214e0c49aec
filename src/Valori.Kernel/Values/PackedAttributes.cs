using System.Buffers.Binary;

namespace Valori.Kernel.Values;

/// <summary>
/// The attributes of a record as they are stored, in memory and in a snapshot (section 3 of docs/formats.md in Valori's repository): <c>u8
/// flags</c>, then with a key <c>u16 length, key</c>, with fields <c>u32 length, fields</c>, with an expiry <c>i64</c>. Bytes that were
/// checked before.
/// </summary>
internal readonly ref struct PackedAttributes
{
    public const byte HasKey = 1, HasFields = 2, HasExpiry = 4, All = HasKey | HasFields | HasExpiry;

    private readonly byte _flags;
    private readonly long _expiry;

    /// <param name="bytes">Begin with the attributes; what follows them is left alone. None at all are no attributes.</param>
    public PackedAttributes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _flags = bytes[0];
        int at = 1;
        if ((_flags & HasKey) != 0)
        {
            Key = bytes.Slice(at + sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]));
            at += sizeof(ushort) + Key.Length;
        }
        if ((_flags & HasFields) != 0)
        {
            Fields = bytes.Slice(at + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]));
            at += sizeof(int) + Fields.Length;
        }
        if ((_flags & HasExpiry) != 0)
        {
            _expiry = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
            at += sizeof(long);
        }
        Bytes = bytes[..at];
    }

    /// <summary>All of them; empty if there are none.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public bool IsNone => _flags == 0;

    /// <summary>Empty without a key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Canonical fields; empty without any.</summary>
    public ReadOnlySpan<byte> Fields { get; }

    public long? ExpiresAtUnixMicroseconds => (_flags & HasExpiry) != 0 ? _expiry : null;

    public RecordKey? ToKey() => Key.IsEmpty ? null : RecordKey.Trusted(Key);

    public Fields ToFields() => Fields.IsEmpty ? Valori.Fields.Empty : Valori.Fields.OfChecked(Fields.ToArray());

    /// <summary>How many bytes the attributes take; 0 if there are none.</summary>
    public static int SizeOf(RecordKey? key, Fields fields, long? expiry) => SizeOf(key is null ? [] : key.Utf8, fields.IsEmpty ? [] : fields.Canonical.Span, expiry);

    /// <param name="key">Empty without one.</param>
    /// <param name="fields">Canonical, or empty without any.</param>
    public static int SizeOf(ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, long? expiry)
    {
        int size = (key.IsEmpty ? 0 : sizeof(ushort) + key.Length) + (fields.IsEmpty ? 0 : sizeof(uint) + fields.Length) + (expiry is null ? 0 : sizeof(long));
        return size == 0 ? 0 : 1 + size;
    }

    /// <param name="destination">As long as <see cref="SizeOf(ReadOnlySpan{byte}, ReadOnlySpan{byte}, long?)"/> says, and not empty.</param>
    public static void Write(Span<byte> destination, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, long? expiry)
    {
        destination[0] = (byte)((key.IsEmpty ? 0 : HasKey) | (fields.IsEmpty ? 0 : HasFields) | (expiry is null ? 0 : HasExpiry));
        Span<byte> rest = destination[1..];
        if (!key.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)key.Length);
            key.CopyTo(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + key.Length)..];
        }
        if (!fields.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, fields.Length);
            fields.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + fields.Length)..];
        }
        if (expiry is { } microseconds) BinaryPrimitives.WriteInt64LittleEndian(rest, microseconds);
    }
}
