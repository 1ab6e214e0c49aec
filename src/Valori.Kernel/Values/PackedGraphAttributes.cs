using System.Buffers.Binary;

namespace Valori.Kernel.Values;

/// <summary>
/// The fields and the key of a node, or fields and valid time of an edge, as they are stored, hashed and in a snapshot (section 3 of
/// docs/formats.md in Valori's repository): <c>u8 flags</c>, then with fields <c>u32 length, fields</c>, with a begin <c>i64</c>, with an end
/// <c>i64</c>, with a key <c>u16 length, key</c>. Bytes that were checked before.
/// </summary>
internal readonly ref struct PackedGraphAttributes
{
    public const byte HasFields = 1, HasFrom = 2, HasTo = 4, HasKey = 8;

    /// <summary>The flags that a node may have.</summary>
    public const byte OfNodes = HasFields | HasKey;

    /// <summary>The flags that an edge may have.</summary>
    public const byte OfEdges = HasFields | HasFrom | HasTo;

    /// <param name="bytes">Begin with the attributes; what follows them is left alone. None at all are no attributes.</param>
    public PackedGraphAttributes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        byte flags = bytes[0];
        int at = 1;
        if ((flags & HasFields) != 0)
        {
            Fields = bytes.Slice(at + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]));
            at += sizeof(int) + Fields.Length;
        }
        long? from = (flags & HasFrom) != 0 ? Take(bytes, ref at) : null;
        long? to = (flags & HasTo) != 0 ? Take(bytes, ref at) : null;
        Valid = new ValidTime(from, to);
        if ((flags & HasKey) != 0)
        {
            Key = bytes.Slice(at + sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]));
            at += sizeof(ushort) + Key.Length;
        }
        Bytes = bytes[..at];
    }

    /// <summary>All of them; empty if there are none.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public bool IsNone => Bytes.IsEmpty;

    /// <summary>Canonical fields; empty without any.</summary>
    public ReadOnlySpan<byte> Fields { get; }

    public ValidTime Valid { get; }

    /// <summary>UTF-8; empty without one.</summary>
    public ReadOnlySpan<byte> Key { get; }

    public Fields ToFields() => Fields.IsEmpty ? Valori.Fields.Empty : Valori.Fields.OfChecked(Fields.ToArray());

    public RecordKey? ToKey() => Key.IsEmpty ? null : RecordKey.OfUtf8(Key.ToArray()).Value;

    /// <summary>The packed form; empty if there is nothing to pack.</summary>
    public static byte[] Pack(Fields fields, ValidTime valid, ReadOnlySpan<byte> key = default) => Pack(fields.IsEmpty ? [] : fields.Canonical.Span, valid, key);

    /// <param name="fields">Canonical, or empty without any.</param>
    /// <param name="key">UTF-8, or empty without one.</param>
    public static byte[] Pack(ReadOnlySpan<byte> fields, ValidTime valid, ReadOnlySpan<byte> key = default)
    {
        int size = SizeOf(fields.Length, valid, key.Length);
        if (size == 0) return [];
        byte[] packed = new byte[size];
        packed[0] = (byte)(Flags(fields.IsEmpty, valid) | (key.IsEmpty ? 0 : HasKey));
        Span<byte> rest = packed.AsSpan(1);
        if (!fields.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, fields.Length);
            fields.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + fields.Length)..];
        }
        if (valid.FromUnixMicroseconds is { } from)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, from);
            rest = rest[sizeof(long)..];
        }
        if (valid.ToUnixMicroseconds is { } to)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, to);
            rest = rest[sizeof(long)..];
        }
        if (key.IsEmpty) return packed;
        BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)key.Length);
        key.CopyTo(rest[sizeof(ushort)..]);
        return packed;
    }

    /// <summary>How many bytes the attributes take; 0 if there are none.</summary>
    /// <param name="fieldsLength">Of the canonical form; 0 without any.</param>
    /// <param name="keyLength">0 without one.</param>
    public static int SizeOf(int fieldsLength, ValidTime valid, int keyLength = 0)
    {
        int size = (fieldsLength == 0 ? 0 : sizeof(int) + fieldsLength)
            + (valid.FromUnixMicroseconds is null ? 0 : sizeof(long)) + (valid.ToUnixMicroseconds is null ? 0 : sizeof(long))
            + (keyLength == 0 ? 0 : sizeof(ushort) + keyLength);
        return size == 0 ? 0 : 1 + size;
    }

    private static byte Flags(bool hasNoFields, ValidTime valid) =>
        (byte)((hasNoFields ? 0 : HasFields) | (valid.FromUnixMicroseconds is null ? 0 : HasFrom) | (valid.ToUnixMicroseconds is null ? 0 : HasTo));

    private static long Take(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
        at += sizeof(long);
        return value;
    }
}
