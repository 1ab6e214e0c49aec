using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Wire;

/// <summary>Has fields that can be written as those of a protobuf message.</summary>
internal interface IWireFields
{
    /// <summary>Writes the fields in the order of their numbers.</summary>
    void WriteFields(ref WireWriter writer);
}

/// <summary>
/// Writes protobuf messages in the canonical form (section 10 of docs/formats.md in Valori's repository): byte for byte what the protobuf
/// runtime writes for the same fields. A message of many vectors is written without a copy of them, measured without being written, and
/// compared with bytes that are there without existing twice.
/// </summary>
internal ref struct WireWriter
{
    public const int VarintType = 0, Fixed64Type = 1, BytesType = 2;

    private readonly Span<byte> _destination;
    private readonly ReadOnlySpan<byte> _expected;
    private readonly Mode _mode;
    private long _position;
    private int _shift;
    private bool _differs;

    private WireWriter(Mode mode, Span<byte> destination, ReadOnlySpan<byte> expected)
    {
        _mode = mode;
        _destination = destination;
        _expected = expected;
    }

    private enum Mode
    {
        Measure,
        Write,
        Compare,
    }

    /// <summary>How many bytes the message has.</summary>
    public static long LengthOf<T>(T message)
        where T : IWireFields
    {
        WireWriter writer = new(Mode.Measure, default, default);
        message.WriteFields(ref writer);
        return writer._position;
    }

    /// <exception cref="OverflowException">The message has more bytes than an array.</exception>
    public static byte[] ToBytes<T>(T message)
        where T : IWireFields
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)LengthOf(message)));
        WireWriter writer = new(Mode.Write, bytes, default);
        message.WriteFields(ref writer);
        Invariant.Holds(writer._position == bytes.Length);
        return bytes;
    }

    /// <summary>Whether these are exactly the bytes of the message.</summary>
    public static bool AreBytesOf<T>(T message, ReadOnlySpan<byte> bytes)
        where T : IWireFields
    {
        WireWriter writer = new(Mode.Compare, default, bytes);
        message.WriteFields(ref writer);
        return !writer._differs && writer._position == bytes.Length;
    }

    /// <summary>A number, left out if it is 0.</summary>
    public void UInt64(int number, ulong value)
    {
        if (value != 0) SetUInt64(number, value);
    }

    /// <summary>Yes or no, left out if it is no.</summary>
    public void Bool(int number, bool value) => UInt64(number, value ? 1UL : 0);

    /// <summary>A signed number, left out if it is 0.</summary>
    public void Int64(int number, long value) => UInt64(number, (ulong)value);

    /// <summary>A signed number of the type sint32 or sint64, left out if it is 0.</summary>
    public void ZigZag(int number, long value) => UInt64(number, Folded(value));

    /// <summary>A signed number of the type sint32 or sint64 that may be absent: written whatever it is.</summary>
    public void SetZigZag(int number, long value) => SetUInt64(number, Folded(value));

    /// <summary>A number of a field that may be absent, or of a oneof: written whatever it is.</summary>
    public void SetUInt64(int number, ulong value)
    {
        Tag(number, VarintType);
        Varint(value);
    }

    /// <summary>Eight bytes, left out if they are 0.</summary>
    public void Fixed64(int number, ulong value)
    {
        if (value == 0) return;
        Tag(number, Fixed64Type);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Raw(bytes);
    }

    /// <summary>Bytes, left out if there are none.</summary>
    public void Bytes(int number, scoped ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty) SetBytes(number, value);
    }

    /// <summary>Numbers as eight bytes each, little-endian, left out if there are none.</summary>
    public void UInt64s(int number, scoped ReadOnlySpan<ulong> values) => Bytes(number, MemoryMarshal.AsBytes(values));

    /// <summary>Bytes of a field that may be absent, or of a oneof: written even if there are none.</summary>
    public void SetBytes(int number, scoped ReadOnlySpan<byte> value)
    {
        Tag(number, BytesType);
        Varint((ulong)value.Length);
        Raw(value);
    }

    /// <summary>A message in a field of this one, written even if it has no fields.</summary>
    public void Message<T>(int number, T message)
        where T : IWireFields
    {
        long length = LengthOf(message);
        Tag(number, BytesType);
        Varint((ulong)length);
        int shift = _shift;
        _shift = 0;
        if (_mode == Mode.Measure) _position += length;
        else message.WriteFields(ref this);
        _shift = shift;
    }

    /// <summary>The only field of a message, number 1, in the place of the message itself.</summary>
    public void Bare<T>(int number, T message)
        where T : IWireFields
    {
        _shift = number - 1;
        message.WriteFields(ref this);
        _shift = 0;
    }

    private static ulong Folded(long value) => (ulong)value << 1 ^ (ulong)(value >> 63);

    private void Tag(int number, int type) => Varint((ulong)(number + _shift) << 3 | (uint)type);

    // Most of what a small change takes: so no buffer, and nothing is written to be measured.
    private void Varint(ulong value)
    {
        int length = BitOperations.Log2(value | 1) / 7 + 1;
        if (_mode == Mode.Write)
        {
            Span<byte> bytes = _destination.Slice((int)_position, length);
            for (int i = 0; i < length - 1; i++, value >>= 7) bytes[i] = (byte)(value | 0x80);
            bytes[length - 1] = (byte)value;
        }
        else if (_mode == Mode.Compare)
        {
            _differs = _differs || length > _expected.Length - _position;
            for (int i = 0; i < length && !_differs; i++, value >>= 7) _differs = _expected[(int)_position + i] != (byte)(i < length - 1 ? value | 0x80 : value);
        }
        _position += length;
    }

    private void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (_mode == Mode.Write)
            bytes.CopyTo(_destination[(int)_position..]);
        else if (_mode == Mode.Compare)
            _differs = _differs || bytes.Length > _expected.Length - _position || !bytes.SequenceEqual(_expected.Slice((int)_position, bytes.Length));
        _position += bytes.Length;
    }
}
