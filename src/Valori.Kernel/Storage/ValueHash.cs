using Valori.Kernel.Filters;
using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>Hashes of a field's name and a value, equal for values that a filter may find equal.</summary>
internal static class ValueHash
{
    private const int Bool = 1, Whole = 2, Float = 3, Text = 4, Time = 5;

    /// <param name="name">The hash of the name.</param>
    /// <param name="value">A scalar.</param>
    public static uint Of(int name, in PackedValue value) => value.Type == FieldValueType.String ? OfText(name, value.Text) : OfBits(name, value.Type, value.Bits);

    /// <summary>Of a literal. A string that is a time may equal a timestamp too, which has another hash.</summary>
    public static IEnumerable<uint> Of(FilterOperand operand, FilterLiteral literal)
    {
        int name = SeededHash.Of(operand.Utf8);
        FieldValue value = literal.Value!;
        if (value.Type != FieldValueType.String) return [OfBits(name, value.Type, value.ScalarBits)];
        uint text = OfText(name, literal.Utf8);
        return literal.Time is { } time ? [text, OfBits(name, FieldValueType.Timestamp, time)] : [text];
    }

    private static uint OfText(int name, ReadOnlySpan<byte> text) => (uint)HashCode.Combine(name, Text, SeededHash.Of(text));

    private static uint OfBits(int name, FieldValueType type, long bits)
    {
        if (type != FieldValueType.Float64) return Combine(name, type == FieldValueType.Bool ? Bool : type == FieldValueType.Timestamp ? Time : Whole, bits);
        // An int64 may equal it.
        double number = BitConverter.Int64BitsToDouble(bits);
        long whole = number is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)number : 0;
        return whole == number ? Combine(name, Whole, whole) : Combine(name, Float, bits);
    }

    // The halves one by one: a long's own hash code is their exclusive or, which is the same for -1 and 0, and for any n and -n - 1.
    private static uint Combine(int name, int kind, long bits) => (uint)HashCode.Combine(name, kind, (int)bits, (int)(bits >> 32));
}
