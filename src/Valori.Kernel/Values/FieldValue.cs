using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Valori.Kernel.Values;

namespace Valori;

/// <summary>
/// The value of a field: a bool, an int64, a float64, a string, a timestamp, or an array of values of one of these types.
/// C# values convert to it. Two are equal if their types and values are: the int64 1 and the float64 1 differ.
/// </summary>
public sealed class FieldValue : IEquatable<FieldValue>
{
    private static readonly FieldValue False = new(FieldValueType.Bool, 0), True = new(FieldValueType.Bool, 1);

    // All types with 64 bits or fewer; a float64 as its bits.
    private readonly long _bits;
    private readonly string? _text;
    private readonly FieldValue[]? _elements;

    private FieldValue(FieldValueType type, long bits)
    {
        Type = type;
        _bits = bits;
    }

    private FieldValue(string text)
    {
        Type = FieldValueType.String;
        _text = text;
    }

    private FieldValue(FieldValueType type, FieldValue[] elements)
    {
        Type = type;
        _elements = elements;
    }

    /// <summary>The first microsecond of the year 1, in microseconds since 1970.</summary>
    internal static long MinimumTimestamp { get; } = -DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The last microsecond of the year 9999.</summary>
    internal static long MaximumTimestamp { get; } = (DateTimeOffset.MaxValue.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public FieldValueType Type { get; }

    /// <summary>The elements of an array; none for an empty array.</summary>
    /// <exception cref="InvalidOperationException">It is not an array.</exception>
    public IReadOnlyList<FieldValue> Elements => _elements ?? throw Other("an array");

    public static implicit operator FieldValue(bool value) => value ? True : False;

    // Each of the small types needs its own: a byte converts to an int and to a ulong, and neither of these to the other.
    public static implicit operator FieldValue(byte value) => new(FieldValueType.Int64, value);

    public static implicit operator FieldValue(short value) => new(FieldValueType.Int64, value);

    public static implicit operator FieldValue(ushort value) => new(FieldValueType.Int64, value);

    public static implicit operator FieldValue(int value) => new(FieldValueType.Int64, value);

    public static implicit operator FieldValue(uint value) => new(FieldValueType.Int64, value);

    public static implicit operator FieldValue(long value) => new(FieldValueType.Int64, value);

    /// <exception cref="ArgumentOutOfRangeException">It is larger than an int64.</exception>
    public static implicit operator FieldValue(ulong value) => value <= long.MaxValue
        ? new(FieldValueType.Int64, (long)value)
        : throw new ArgumentOutOfRangeException(nameof(value), $"{value} does not fit an int64: convert it to a double, or to a string");

    /// <exception cref="ArgumentException">It is NaN or infinite.</exception>
    public static implicit operator FieldValue(double value) => double.IsFinite(value)
        // -0 becomes 0, so that equal values have equal bytes.
        ? new(FieldValueType.Float64, BitConverter.DoubleToInt64Bits(value == 0 ? 0 : value))
        : throw new ArgumentException($"{value.ToString(CultureInfo.InvariantCulture)} is not a float64 that a field can hold: it must be finite", nameof(value));

    /// <summary>A string; null for null, so that what takes it can say which field has no value.</summary>
    /// <exception cref="ArgumentException">It has half of a surrogate pair.</exception>
    [return: NotNullIfNotNull(nameof(value))]
    public static implicit operator FieldValue?(string? value)
    {
        if (value is null) return null;
        return LoneSurrogate(value) is { } at
            ? throw new ArgumentException($"the string has half of a surrogate pair at {at}, which is not text", nameof(value))
            : new FieldValue(value);
    }

    /// <summary>A timestamp. What is finer than a microsecond is cut off.</summary>
    public static implicit operator FieldValue(DateTimeOffset value) =>
        Timestamp((value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks - Remainder(value.UtcTicks)) / TimeSpan.TicksPerMicrosecond);

    public static implicit operator FieldValue(bool[] values) => Array(values.Select(value => (FieldValue)value));

    public static implicit operator FieldValue(int[] values) => Array(values.Select(value => (FieldValue)value));

    public static implicit operator FieldValue(long[] values) => Array(values.Select(value => (FieldValue)value));

    public static implicit operator FieldValue(double[] values) => Array(values.Select(value => (FieldValue)value));

    public static implicit operator FieldValue(string[] values) => Array(values.Select(value => (FieldValue)value));

    public static implicit operator FieldValue(DateTimeOffset[] values) => Array(values.Select(value => (FieldValue)value));

    /// <param name="unixMicroseconds">Microseconds since 1970-01-01T00:00:00Z, in the years 1 to 9999.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside these years.</exception>
    public static FieldValue Timestamp(long unixMicroseconds) => IsTimestamp(unixMicroseconds)
        ? new(FieldValueType.Timestamp, unixMicroseconds)
        : throw new ArgumentOutOfRangeException(nameof(unixMicroseconds), $"{unixMicroseconds} microseconds since 1970 is not in the years 1 to 9999");

    /// <exception cref="ArgumentException">The elements are arrays, or not all of one type.</exception>
    public static FieldValue Array(IEnumerable<FieldValue> elements)
    {
        FieldValue[] all = [.. elements];
        if (all.Length == 0) return new(FieldValueType.EmptyArray, all);
        for (int i = 0; i < all.Length; i++)
        {
            if (all[i] is null) throw new ArgumentNullException(nameof(elements), $"element {i} is null: leave it out");
            if (!all[i].Type.IsScalar()) throw new ArgumentException($"element {i} is an array: an array of arrays is not a field's value", nameof(elements));
            if (all[i].Type != all[0].Type)
                throw new ArgumentException($"element {i} is {all[i].Type.Shown()} and element 0 is {all[0].Type.Shown()}: the elements of an array have one type", nameof(elements));
        }
        return new(FieldValueType.EmptyArray + (byte)all[0].Type, all);
    }

    /// <exception cref="InvalidOperationException">It is not a bool.</exception>
    public bool AsBool() => Bits(FieldValueType.Bool) != 0;

    /// <exception cref="InvalidOperationException">It is not an int64.</exception>
    public long AsInt64() => Bits(FieldValueType.Int64);

    /// <exception cref="InvalidOperationException">It is not a float64.</exception>
    public double AsFloat64() => BitConverter.Int64BitsToDouble(Bits(FieldValueType.Float64));

    /// <exception cref="InvalidOperationException">It is not a string.</exception>
    public string AsString() => _text ?? throw Other("a string");

    /// <exception cref="InvalidOperationException">It is not a timestamp.</exception>
    public DateTimeOffset AsTimestamp() => DateTimeOffset.UnixEpoch.AddTicks(AsUnixMicroseconds() * TimeSpan.TicksPerMicrosecond);

    /// <summary>A timestamp as microseconds since 1970.</summary>
    /// <exception cref="InvalidOperationException">It is not a timestamp.</exception>
    public long AsUnixMicroseconds() => Bits(FieldValueType.Timestamp);

    public bool Equals(FieldValue? other) => other is not null && Type == other.Type && _bits == other._bits && _text == other._text
        && (_elements is null || _elements.AsSpan().SequenceEqual(other._elements));

    public override bool Equals(object? obj) => Equals(obj as FieldValue);

    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.Add(Type);
        hash.Add(_bits);
        hash.Add(_text);
        foreach (FieldValue element in _elements ?? []) hash.Add(element);
        return hash.ToHashCode();
    }

    /// <summary>Human-readable; strings are in quotes.</summary>
    public override string ToString() => Type switch
    {
        FieldValueType.Bool => AsBool() ? "true" : "false",
        FieldValueType.Int64 => _bits.ToString(CultureInfo.InvariantCulture),
        FieldValueType.Float64 => FieldValueJson.NumberText(AsFloat64()),
        FieldValueType.String => $"\"{_text}\"",
        FieldValueType.Timestamp => TimeText.Format(_bits),
        _ => $"[{string.Join(", ", (IEnumerable<FieldValue>)_elements!)}]",
    };

    /// <summary>As it stands in a JSON object of <see cref="Fields.ToJson"/>.</summary>
    public string ToJson()
    {
        System.Buffers.ArrayBufferWriter<byte> json = new();
        using (System.Text.Json.Utf8JsonWriter writer = new(json)) FieldValueJson.Write(writer, this);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    internal static bool IsTimestamp(long unixMicroseconds) => unixMicroseconds >= MinimumTimestamp && unixMicroseconds <= MaximumTimestamp;

    /// <summary>The bits of a scalar that is not a string.</summary>
    internal long ScalarBits => _bits;

    /// <summary>The index of the first half of a surrogate pair that is alone, or null.</summary>
    internal static int? LoneSurrogate(ReadOnlySpan<char> text)
    {
        for (int at = 0; at < text.Length;)
        {
            int found = text[at..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (found < 0) return null;
            at += found;
            if (Rune.DecodeFromUtf16(text[at..], out _, out int length) != System.Buffers.OperationStatus.Done) return at;
            at += length;
        }
        return null;
    }

    // Ticks since the year 1 are not negative, so this rounds down on both sides of 1970.
    private static long Remainder(long ticks) => ticks % TimeSpan.TicksPerMicrosecond;

    private long Bits(FieldValueType type) => Type == type ? _bits : throw Other(type.Shown());

    private InvalidOperationException Other(string wanted) => new($"the value is {Type.Shown()}, not {wanted}");
}
