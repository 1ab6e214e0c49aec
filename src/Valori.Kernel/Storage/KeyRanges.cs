using System.Buffers.Binary;
using Valori.Kernel.Filters;

namespace Valori.Kernel.Storage;

/// <summary>Which keys match a condition on a field, for each kind of value.</summary>
internal static class KeyRanges
{
    private const int Kinds = (int)ValueKind.Array + 1;

    /// <summary>Of an existing field.</summary>
    public static KeyRange[] Existing()
    {
        KeyRange[] ranges = New();
        Array.Fill(ranges, KeyRange.All);
        ranges[(int)ValueKind.None] = KeyRange.None;
        return ranges;
    }

    /// <summary>Of an element of an array, which no key tells.</summary>
    public static KeyRange[] Containing()
    {
        KeyRange[] ranges = New();
        ranges[(int)ValueKind.Array] = KeyRange.Unknown;
        return ranges;
    }

    /// <param name="comparing">Not <see cref="FilterOperator.NotEqual"/>, which is what <see cref="FilterOperator.Equal"/> is not.</param>
    public static KeyRange[] Of(FilterOperator comparing, FilterLiteral literal)
    {
        KeyRange[] ranges = New();
        FieldValue value = literal.Value!;
        switch (value.Type)
        {
            case FieldValueType.Bool:
                ranges[(int)ValueKind.Bool] = Exact(comparing, value.AsBool() ? 1UL : 0, isEqual: true);
                break;
            case FieldValueType.Int64:
                ranges[(int)ValueKind.Whole] = Exact(comparing, ValueKey.OfWhole(value.AsInt64()), isEqual: true);
                ranges[(int)ValueKind.Real] = OfWholeAmongReals(comparing, value.AsInt64());
                break;
            case FieldValueType.Float64:
                ranges[(int)ValueKind.Real] = Exact(comparing, ValueKey.OfReal(value.AsFloat64()), isEqual: true);
                ranges[(int)ValueKind.Whole] = OfRealAmongWholes(comparing, value.AsFloat64());
                break;
            case FieldValueType.Timestamp:
                ranges[(int)ValueKind.Time] = Exact(comparing, ValueKey.OfWhole(value.ScalarBits), isEqual: true);
                break;
            case FieldValueType.String:
                ranges[(int)ValueKind.Text] = comparing == FilterOperator.StartsWith ? OfPrefix(literal.Utf8) : OfText(comparing, literal.Utf8);
                if (literal.Time is { } time && comparing != FilterOperator.StartsWith) ranges[(int)ValueKind.Time] = Exact(comparing, ValueKey.OfWhole(time), isEqual: true);
                break;
        }
        return ranges;
    }

    /// <summary>Of a value that equals one of several: all between the smallest and the largest may.</summary>
    public static KeyRange[] OfAny(FilterLiteral[] literals)
    {
        KeyRange[] ranges = New();
        foreach (FilterLiteral literal in literals)
        {
            KeyRange[] one = Of(FilterOperator.Equal, literal);
            for (int kind = 0; kind < Kinds; kind++) ranges[kind] = new KeyRange(default, ranges[kind].Possible.Hull(one[kind].Certain.Hull(one[kind].Possible)));
        }
        return ranges;
    }

    private static KeyRange[] New() => new KeyRange[Kinds];

    /// <summary>Of values that are compared with one whose place among the keys is known.</summary>
    /// <param name="first">The smallest key that is not below the value.</param>
    /// <param name="isEqual">Whether that one equals the value, and is not above it.</param>
    private static KeyRange Exact(FilterOperator comparing, ulong first, bool isEqual) => new(Interval(comparing, first, isEqual), default);

    private static KeyInterval Interval(FilterOperator comparing, ulong first, bool isEqual) => comparing switch
    {
        FilterOperator.Less => Below(first),
        FilterOperator.LessOrEqual => isEqual ? KeyInterval.Of(0, first) : Below(first),
        FilterOperator.Greater when isEqual => first == ulong.MaxValue ? default : KeyInterval.Of(first + 1, ulong.MaxValue),
        FilterOperator.Greater or FilterOperator.GreaterOrEqual => KeyInterval.Of(first, ulong.MaxValue),
        FilterOperator.Equal => isEqual ? KeyInterval.Of(first, first) : default,
        _ => throw new ArgumentOutOfRangeException(nameof(comparing), comparing, "not a comparison with one value"),
    };

    private static KeyInterval Below(ulong key) => key == 0 ? default : KeyInterval.Of(0, key - 1);

    private static KeyRange OfWholeAmongReals(FilterOperator comparing, long whole)
    {
        double nearest = whole;
        int order = ExactNumbers.Compare(whole, nearest);
        // The nearest float64 may be smaller or larger.
        ulong key = ValueKey.OfReal(nearest);
        return Exact(comparing, order > 0 ? key + 1 : key, isEqual: order == 0);
    }

    private static KeyRange OfRealAmongWholes(FilterOperator comparing, double real)
    {
        const double beyond = 9223372036854775808.0;
        if (real < -beyond) return Exact(comparing, 0, isEqual: false);
        // None is that large.
        if (real >= beyond) return comparing is FilterOperator.Less or FilterOperator.LessOrEqual ? KeyRange.All : KeyRange.None;
        long first = (long)Math.Ceiling(real);
        // What is between the largest float64 below 2^63 and 2^63 has no fraction.
        return Exact(comparing, ValueKey.OfWhole(first), isEqual: first == real);
    }

    private static KeyRange OfText(FilterOperator comparing, ReadOnlySpan<byte> text)
    {
        ulong key = ValueKey.OfText(text);
        if (ValueKey.IsWhole(text)) return Exact(comparing, key, isEqual: true);
        // Which of the texts with the key come before it, is it, or come after, the key does not say.
        return comparing switch
        {
            FilterOperator.Less or FilterOperator.LessOrEqual => new KeyRange(Below(key), KeyInterval.Of(key, key)),
            FilterOperator.Greater or FilterOperator.GreaterOrEqual => new KeyRange(KeyInterval.Of(key + 1, ulong.MaxValue), KeyInterval.Of(key, key)),
            _ => new KeyRange(default, KeyInterval.Of(key, key)),
        };
    }

    private static KeyRange OfPrefix(ReadOnlySpan<byte> prefix)
    {
        ulong first = ValueKey.OfText(prefix);
        if (!ValueKey.IsWhole(prefix)) return new KeyRange(default, KeyInterval.Of(first, first));
        // From the prefix itself to all of its bytes and then the largest ones.
        Span<byte> last = stackalloc byte[sizeof(ulong)];
        last.Fill(byte.MaxValue);
        prefix.CopyTo(last);
        return new KeyRange(KeyInterval.Of(first, BinaryPrimitives.ReadUInt64BigEndian(last)), default);
    }
}
