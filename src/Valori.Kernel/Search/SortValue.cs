using System.Buffers.Binary;
using Valori.Kernel.Filters;
using Valori.Kernel.Values;

namespace Valori.Kernel.Search;

/// <summary>
/// A key or the value of a field, to be ordered: bools (false first), numbers by their exact values, strings by their UTF-8 bytes, timestamps
/// by time; then what has no value. An array has none.
/// </summary>
internal readonly ref struct SortValue
{
    /// <summary>The rank of what has no value: the last one.</summary>
    public const byte NoRank = byte.MaxValue;

    private const byte BoolRank = 1, NumberRank = 2, TextRank = 3, TimeRank = 4;

    private readonly bool _isWhole;
    private readonly long _bits;
    private readonly ReadOnlySpan<byte> _text;

    private SortValue(ReadOnlySpan<byte> text)
    {
        Rank = TextRank;
        _text = text;
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        first.Clear();
        text[..Math.Min(text.Length, first.Length)].CopyTo(first);
        Prefix = BinaryPrimitives.ReadUInt64BigEndian(first);
    }

    private SortValue(byte rank, ulong prefix, long bits, bool isWhole)
    {
        Rank = rank;
        Prefix = prefix;
        _bits = bits;
        _isWhole = isWhole;
    }

    /// <summary>What has no value.</summary>
    public static SortValue None => new(NoRank, 0, 0, isWhole: false);

    /// <summary>Which kind of value comes first.</summary>
    public byte Rank { get; }

    /// <summary>Values of one rank with different prefixes are ordered by them.</summary>
    public ulong Prefix { get; }

    /// <summary>Whether the prefix says everything about a value of this rank.</summary>
    public static bool IsExact(byte rank) => rank is not (NumberRank or TextRank);

    /// <param name="key">Empty without one.</param>
    public static SortValue OfKey(ReadOnlySpan<byte> key) => key.IsEmpty ? None : new SortValue(key);

    public static SortValue Of(scoped in PackedValue value) => value.Type switch
    {
        FieldValueType.String => new SortValue(value.Text),
        FieldValueType.Bool => new SortValue(BoolRank, (ulong)value.Bits, value.Bits, isWhole: true),
        FieldValueType.Timestamp => new SortValue(TimeRank, Ascending(value.Bits), value.Bits, isWhole: true),
        // A float64 may stand for several int64s: then the prefixes are the same.
        FieldValueType.Int64 => new SortValue(NumberRank, Ascending((double)value.Bits), value.Bits, isWhole: true),
        FieldValueType.Float64 => new SortValue(NumberRank, Ascending(BitConverter.Int64BitsToDouble(value.Bits)), value.Bits, isWhole: false),
        _ => None,
    };

    /// <summary>0 if neither comes first: two without a value, or an int64 and a float64 that are the same number.</summary>
    public int CompareTo(in SortValue other)
    {
        if (Rank != other.Rank) return Rank.CompareTo(other.Rank);
        if (Prefix != other.Prefix) return Prefix.CompareTo(other.Prefix);
        if (Rank == TextRank) return _text.SequenceCompareTo(other._text);
        if (Rank != NumberRank) return 0;
        if (_isWhole && other._isWhole) return _bits.CompareTo(other._bits);
        if (_isWhole) return ExactNumbers.Compare(_bits, BitConverter.Int64BitsToDouble(other._bits));
        // Two float64s with one prefix are the same.
        return other._isWhole ? -ExactNumbers.Compare(other._bits, BitConverter.Int64BitsToDouble(_bits)) : 0;
    }

    /// <summary>Unsigned numbers in the order of the signed ones.</summary>
    private static ulong Ascending(long value) => (ulong)value ^ 1UL << 63;

    /// <summary>Unsigned numbers in the order of the float64s.</summary>
    private static ulong Ascending(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        return bits < 0 ? ~(ulong)bits : (ulong)bits | 1UL << 63;
    }
}
