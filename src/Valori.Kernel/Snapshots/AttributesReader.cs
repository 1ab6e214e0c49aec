using System.Buffers.Binary;
using Valori.Kernel.Values;

namespace Valori.Kernel.Snapshots;

/// <summary>
/// Reads the packed attributes of one record after another from a snapshot's body (section 12 of docs/formats.md in Valori's repository),
/// and checks them.
/// </summary>
/// <remarks>Into memory of its own: a snapshot has as many of them as records, and the kernel takes a copy anyway.</remarks>
internal sealed class AttributesReader(SnapshotBodyReader body)
{
    private readonly byte[] _key = new byte[RecordKey.MaximumBytes];
    private readonly byte[] _fields = new byte[Limits.MaximumFieldsBytes];
    private int _keyLength;
    private int _fieldsLength;

    /// <summary>Of the record that was read last; empty without one.</summary>
    public ReadOnlySpan<byte> Key => _key.AsSpan(0, _keyLength);

    /// <summary>Canonical, of the record that was read last; empty without any.</summary>
    public ReadOnlySpan<byte> Fields => _fields.AsSpan(0, _fieldsLength);

    /// <summary>Of the record that was read last.</summary>
    public long? ExpiresAtUnixMicroseconds { get; private set; }

    /// <exception cref="CorruptionException">The bytes are not attributes of a record.</exception>
    public void Read()
    {
        byte flags = body.ReadByte();
        if (flags is 0 or > PackedAttributes.All) throw body.Corrupt($"flags of attributes, 1 to {PackedAttributes.All}", flags.ToString(), -1);
        _keyLength = (flags & PackedAttributes.HasKey) != 0 ? ReadKey(body, _key) : 0;
        _fieldsLength = (flags & PackedAttributes.HasFields) != 0 ? ReadFields(body, _fields) : 0;
        ExpiresAtUnixMicroseconds = (flags & PackedAttributes.HasExpiry) != 0 ? ReadExpiry() : null;
    }

    /// <summary>Reads <c>u16 length, key</c>; returns its length.</summary>
    /// <param name="room">As long as a key may be.</param>
    /// <exception cref="CorruptionException">The bytes are not a key.</exception>
    public static int ReadKey(SnapshotBodyReader body, byte[] room)
    {
        int length = body.ReadByte() | body.ReadByte() << 8;
        if (length > room.Length) throw body.Corrupt($"at most {room.Length} bytes of a key", $"{length}", -2);
        body.Read(room.AsMemory(0, length));
        return RecordKey.Fault(room.AsSpan(0, length)) is { } fault ? throw body.Corrupt("a key", fault.Message, -length) : length;
    }

    /// <summary>Reads <c>u32 length, canonical fields</c>, at least one; returns their length.</summary>
    /// <param name="room">As long as fields may be.</param>
    /// <exception cref="CorruptionException">The bytes are not canonical fields.</exception>
    public static int ReadFields(SnapshotBodyReader body, byte[] room)
    {
        uint length = body.ReadUInt32();
        if (length > (uint)room.Length) throw body.Corrupt($"at most {room.Length} bytes of fields", $"{length}", -4);
        body.Read(room.AsMemory(0, (int)length));
        ReadOnlySpan<byte> fields = room.AsSpan(0, (int)length);
        string? fault = FieldsCheck.Fault(fields) ?? (BinaryPrimitives.ReadUInt16LittleEndian(fields) == 0 ? "there are none" : null);
        return fault is null ? (int)length : throw body.Corrupt("canonical fields, one at least", fault, -(int)length);
    }

    private long ReadExpiry()
    {
        long expiry = (long)body.ReadUInt64();
        return FieldValue.IsTimestamp(expiry) ? expiry : throw body.Corrupt("an expiry in the years 1 to 9999", $"{expiry} microseconds since 1970", -8);
    }
}
