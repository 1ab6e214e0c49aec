using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Wire;

/// <summary>Makes something of the fields of a message, in the order of their numbers.</summary>
internal delegate T ReadFields<out T>(ref WireReader reader);

/// <summary>
/// Reads protobuf messages in the canonical form (section 10 of docs/formats.md in Valori's repository), and refuses any other bytes:
/// fields out of order, twice, or unknown, numbers in more bytes than they need, fields that stand there with the value of an absent one.
/// Bytes are parts of the message, not copies.
/// </summary>
/// <remarks>The caller asks for the fields in the order of their numbers, and then for the <see cref="End"/>.</remarks>
internal ref struct WireReader
{
    private readonly ReadOnlyMemory<byte> _message;
    private int _position;
    private int _type;
    private int _shift;
    private bool _isInTag;

    /// <exception cref="FormatException">It does not begin with a field.</exception>
    public WireReader(ReadOnlyMemory<byte> message)
    {
        _message = message;
        ReadTag();
    }

    /// <summary>The number of the next field; 0 at the end.</summary>
    public int Number { get; private set; }

    private readonly ReadOnlySpan<byte> Rest => _message.Span[_position..];

    /// <summary>A number, 0 if the field is absent.</summary>
    public ulong UInt64(int number) => IsNext(number, WireWriter.VarintType) ? NotDefault(number, TakeVarint()) : 0;

    /// <summary>A signed number, 0 if the field is absent.</summary>
    public long Int64(int number) => (long)UInt64(number);

    /// <summary>A number that is at most so large, 0 if the field is absent.</summary>
    public int Int32(int number, int maximum = int.MaxValue)
    {
        ulong value = UInt64(number);
        return value <= (ulong)maximum ? (int)value : throw new FormatException($"field {number} is {value}; it must be in 0..{maximum}");
    }

    /// <summary>A number of the type sint32, 0 if the field is absent.</summary>
    public int ZigZag32(int number) => Unfolded32(number, UInt64(number));

    /// <summary>A number of the type sint32 of a field that may be absent.</summary>
    public int? OptionalZigZag32(int number) => OptionalUInt64(number) is { } value ? Unfolded32(number, value) : null;

    /// <summary>A number of one byte, 0 if the field is absent.</summary>
    public byte Byte(int number) => (byte)Int32(number, byte.MaxValue);

    /// <summary>Yes or no; no if the field is absent.</summary>
    public bool Bool(int number) => Int32(number, maximum: 1) == 1;

    /// <summary>A number of a field that may be absent.</summary>
    public ulong? OptionalUInt64(int number) => IsNext(number, WireWriter.VarintType) ? TakeVarint() : null;

    /// <summary>A number of a field that must be there.</summary>
    public ulong SetUInt64(int number) => OptionalUInt64(number) ?? throw new FormatException($"field {number} is missing");

    /// <summary>Eight bytes, 0 if the field is absent.</summary>
    public ulong Fixed64(int number)
    {
        if (!IsNext(number, WireWriter.Fixed64Type)) return 0;
        if (Rest.Length < sizeof(ulong)) throw CutOff(sizeof(ulong));
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(Rest);
        _position += sizeof(ulong);
        ReadTag();
        return NotDefault(number, value);
    }

    /// <summary>Bytes, none if the field is absent.</summary>
    public ReadOnlyMemory<byte> Bytes(int number)
    {
        if (OptionalBytes(number) is not { } bytes) return default;
        return bytes.IsEmpty ? throw new FormatException($"field {number} holds nothing, and would be left out") : bytes;
    }

    /// <summary>Bytes of a field that may be absent.</summary>
    public ReadOnlyMemory<byte>? OptionalBytes(int number) => IsNext(number, WireWriter.BytesType) ? TakeBytes() : (ReadOnlyMemory<byte>?)null;

    /// <summary>Numbers of eight bytes each, little-endian; none if the field is absent. A copy.</summary>
    public ReadOnlyMemory<ulong> UInt64s(int number)
    {
        ReadOnlySpan<byte> bytes = Bytes(number).Span;
        if (bytes.Length % sizeof(ulong) != 0) throw new FormatException($"field {number} has {bytes.Length} bytes, which is not a multiple of 8");
        return MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
    }

    /// <summary>What a message in a field of this one holds, or null if the field is absent.</summary>
    public T? OptionalMessage<T>(int number, ReadFields<T> read)
        where T : class => OptionalBytes(number) is { } message ? ReadAll(message, read) : null;

    /// <summary>What a message in a field of this one holds.</summary>
    public T Message<T>(int number, ReadFields<T> read)
        where T : class => OptionalMessage(number, read) ?? throw new FormatException($"field {number} is missing");

    /// <summary>What the only field of a message, number 1, holds, which stands in the place of the message itself.</summary>
    public T Bare<T>(int number, ReadFields<T> read)
        where T : class
    {
        _shift = number - 1;
        T result = read(ref this);
        _shift = 0;
        return result;
    }

    /// <summary>What a whole message holds.</summary>
    /// <exception cref="FormatException">The bytes are not a message of such fields in their canonical form.</exception>
    public static T ReadAll<T>(ReadOnlyMemory<byte> message, ReadFields<T> read)
        where T : class
    {
        WireReader reader = new(message);
        T result = read(ref reader);
        reader.End();
        return result;
    }

    /// <summary>Nothing may follow.</summary>
    /// <exception cref="FormatException">There is a field that this reader does not know, or not in this place.</exception>
    public readonly void End()
    {
        if (Number != 0) throw new FormatException($"field {Number} is not known here, comes twice or out of order; a newer version may have written it");
    }

    private static int Unfolded32(int number, ulong value) => value <= uint.MaxValue
        ? (int)(value >> 1) ^ -(int)(value & 1)
        : throw new FormatException($"field {number} is {value}, which is more than 32 bits");

    private bool IsNext(int number, int type)
    {
        number += _shift;
        if (Number != number) return false;
        return _type == type ? true : throw new FormatException($"field {number} has the wire type {_type}, not {type}");
    }

    private ReadOnlyMemory<byte> TakeBytes()
    {
        ulong length = ReadVarint();
        if (length > (ulong)Rest.Length) throw CutOff(length);
        ReadOnlyMemory<byte> bytes = _message.Slice(_position, (int)length);
        _position += (int)length;
        ReadTag();
        return bytes;
    }

    private ulong TakeVarint()
    {
        ulong value = ReadVarint();
        ReadTag();
        return value;
    }

    private void ReadTag()
    {
        if (Rest.IsEmpty)
        {
            Number = 0;
            return;
        }
        _isInTag = true;
        ulong tag = ReadVarint();
        _isInTag = false;
        if (tag >> 3 is 0 or > int.MaxValue) throw new FormatException($"{tag >> 3} is not the number of a field, before byte {_position}");
        Number = (int)(tag >> 3);
        _type = (int)(tag & 7);
    }

    private ulong ReadVarint()
    {
        ReadOnlySpan<byte> bytes = Rest;
        ulong value = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte next = bytes[i];
            // The tenth byte holds the last bit of 64.
            if (i == 9 && next > 1) throw new FormatException($"{Place()}: a number is longer than 64 bits, its tenth byte is {next}");
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next >= 0x80) continue;
            if (next == 0 && i > 0) throw new FormatException($"{Place()}: the number {value} has {i + 1} bytes, more bytes than it needs");
            _position += i + 1;
            return value;
        }
        throw new FormatException($"{Place()}: the message ends inside a number, {bytes.Length} bytes of it");
    }

    private readonly ulong NotDefault(int number, ulong value) =>
        value != 0 ? value : throw new FormatException($"field {number + _shift} holds 0, and would be left out");

    private readonly FormatException CutOff(ulong needed) => new($"the message ends inside a field: {Place()} needs {needed} bytes, {Rest.Length} are left");

    private readonly string Place() => _isInTag ? $"the number and type of the field at byte {_position}" : $"field {Number} at byte {_position}";
}
