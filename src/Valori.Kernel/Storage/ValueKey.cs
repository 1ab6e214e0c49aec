using System.Buffers.Binary;
using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>Values as unsigned numbers of 64 bits that are ordered as values of one <see cref="ValueKind"/> are.</summary>
internal static class ValueKey
{
    // A text is its first bytes, and then its length, or that there are more. So texts are ordered as by their bytes, and only longer ones share a key.
    public const int TextBytes = sizeof(ulong) - 1;

    private const byte LongText = TextBytes + 1;

    private const ulong Sign = 1UL << 63;

    public static (ValueKind Kind, ulong Key) Of(scoped in PackedValue value) => value.Type switch
    {
        FieldValueType.Bool => (ValueKind.Bool, (ulong)value.Bits),
        FieldValueType.Int64 => (ValueKind.Whole, OfWhole(value.Bits)),
        FieldValueType.Float64 => (ValueKind.Real, OfReal(BitConverter.Int64BitsToDouble(value.Bits))),
        FieldValueType.String => (ValueKind.Text, OfText(value.Text)),
        FieldValueType.Timestamp => (ValueKind.Time, OfWhole(value.Bits)),
        _ => (ValueKind.Array, 0),
    };

    /// <summary>Of an int64, or of the microseconds of a timestamp.</summary>
    public static ulong OfWhole(long value) => (ulong)value ^ Sign;

    /// <summary>Of a float64 that is not NaN.</summary>
    public static ulong OfReal(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        return bits < 0 ? ~(ulong)bits : (ulong)bits | Sign;
    }

    /// <summary>Of UTF-8.</summary>
    public static ulong OfText(ReadOnlySpan<byte> text)
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        key.Clear();
        text[..Math.Min(text.Length, TextBytes)].CopyTo(key);
        key[TextBytes] = (byte)Math.Min(text.Length, LongText);
        return BinaryPrimitives.ReadUInt64BigEndian(key);
    }

    /// <summary>Whether one text alone has its key.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) => text.Length <= TextBytes;
}
