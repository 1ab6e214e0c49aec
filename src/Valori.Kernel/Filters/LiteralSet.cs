using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>
/// The literals of a list in ascending order, so that a value is looked for among 1,024 of them with ten comparisons: a record may have an
/// array of thousands of values. All of them can be compared with each other (<see cref="FilterFactory"/>).
/// </summary>
internal sealed class LiteralSet
{
    private readonly FilterLiteral[] _ordered;

    // Of strings that are times too: a timestamp may equal them, and their order as times is another one.
    private readonly long[] _times;

    // The literals again if all have one type of 64 bits: a value of that type is found among numbers in a tenth of the time.
    private readonly FieldValueType? _type;
    private readonly long[] _whole = [];
    private readonly double[] _floats = [];

    public LiteralSet(FilterLiteral[] literals)
    {
        _ordered = [.. literals];
        Array.Sort(_ordered, Compare);
        if (_ordered.All(literal => literal.Value?.Type == _ordered[0].Value?.Type)) _type = _ordered[0].Value?.Type;
        if (_type == FieldValueType.Float64) _floats = [.. _ordered.Select(literal => literal.Value!.AsFloat64())];
        else if (_type is FieldValueType.Int64 or FieldValueType.Timestamp or FieldValueType.Bool) _whole = [.. _ordered.Select(literal => literal.Value!.ScalarBits)];
        else _type = null;
        _times = [.. literals.Select(literal => literal.Time).OfType<long>().Order()];
    }

    /// <summary>Whether a tag or an id is one of them.</summary>
    public bool Contains(ulong whole)
    {
        int low = 0, high = _ordered.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = whole.CompareTo(_ordered[middle].Whole);
            if (order == 0) return true;
            if (order < 0) high = middle - 1;
            else low = middle + 1;
        }
        return false;
    }

    /// <summary>Whether a key is one of them.</summary>
    public bool Contains(ReadOnlySpan<byte> text)
    {
        int low = 0, high = _ordered.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = text.SequenceCompareTo(_ordered[middle].Utf8);
            if (order == 0) return true;
            if (order < 0) high = middle - 1;
            else low = middle + 1;
        }
        return false;
    }

    /// <summary>Whether a value of a field, or an element of one, is one of them.</summary>
    public bool Contains(in PackedValue value)
    {
        if (value.Type == _type)
        {
            return (_type == FieldValueType.Float64 ? _floats.AsSpan().BinarySearch(BitConverter.Int64BitsToDouble(value.Bits)) : _whole.AsSpan().BinarySearch(value.Bits)) >= 0;
        }
        if (value.Type == FieldValueType.Timestamp && _ordered[0].Value!.Type == FieldValueType.String) return _times.AsSpan().BinarySearch(value.Bits) >= 0;
        int low = 0, high = _ordered.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (!_ordered[middle].TryCompare(value, out int order)) return false;
            if (order == 0) return true;
            if (order < 0) high = middle - 1;
            else low = middle + 1;
        }
        return false;
    }

    private static int Compare(FilterLiteral left, FilterLiteral right)
    {
        if (left.Value is not { } one || right.Value is not { } other) return left.Whole.CompareTo(right.Whole);
        return (one.Type, other.Type) switch
        {
            (FieldValueType.String, _) => left.Utf8.SequenceCompareTo(right.Utf8),
            (FieldValueType.Float64, FieldValueType.Float64) => one.AsFloat64().CompareTo(other.AsFloat64()),
            (FieldValueType.Float64, _) => -ExactNumbers.Compare(other.ScalarBits, one.AsFloat64()),
            (_, FieldValueType.Float64) => ExactNumbers.Compare(one.ScalarBits, other.AsFloat64()),
            _ => one.ScalarBits.CompareTo(other.ScalarBits),
        };
    }
}
