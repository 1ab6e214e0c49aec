using System.Globalization;

namespace Valori.VectorData.Values;

/// <summary>
/// The one list of .NET types that a collection can have, with their stored forms (docs/vectordata.md in Valori's repository). The forms are
/// frozen: collections are stored in them.
/// </summary>
internal static class Codecs
{
    private static readonly Dictionary<Type, ValueCodec> Scalars = new()
    {
        [typeof(bool)] = new BoolCodec(),
        [typeof(sbyte)] = Whole(typeof(sbyte), sbyte.MinValue, sbyte.MaxValue, number => (sbyte)number),
        [typeof(byte)] = Whole(typeof(byte), byte.MinValue, byte.MaxValue, number => (byte)number),
        [typeof(short)] = Whole(typeof(short), short.MinValue, short.MaxValue, number => (short)number),
        [typeof(ushort)] = Whole(typeof(ushort), ushort.MinValue, ushort.MaxValue, number => (ushort)number),
        [typeof(int)] = Whole(typeof(int), int.MinValue, int.MaxValue, number => (int)number),
        [typeof(uint)] = Whole(typeof(uint), uint.MinValue, uint.MaxValue, number => (uint)number),
        [typeof(long)] = Whole(typeof(long), long.MinValue, long.MaxValue, number => (long)number),
        // It does not fit an int64.
        [typeof(ulong)] = Digits(typeof(ulong), ulong.MinValue, ulong.MaxValue, number => (ulong)number),
        [typeof(float)] = new FloatCodec(typeof(float)),
        [typeof(double)] = new FloatCodec(typeof(double)),
        [typeof(decimal)] = new TextCodec<decimal>(DecimalText.Write, DecimalText.Read, isOrdered: true),
        [typeof(string)] = new StringCodec(),
        // The order of the text is that of the Guids.
        [typeof(Guid)] = Guids(),
        [typeof(DateTime)] = new TextCodec<DateTime>(TimeTexts.Write, TimeTexts.ReadDateTime, isOrdered: true) { Suffixes = TimeTexts.Kinds, SuffixOf = TimeTexts.KindOf },
        [typeof(DateTimeOffset)] = new TextCodec<DateTimeOffset>(TimeTexts.Write, TimeTexts.ReadDateTimeOffset, isOrdered: true),
        [typeof(DateOnly)] = new TextCodec<DateOnly>(TimeTexts.Write, TimeTexts.ReadDateOnly, isOrdered: true),
        [typeof(TimeOnly)] = new TextCodec<TimeOnly>(TimeTexts.Write, TimeTexts.ReadTimeOnly, isOrdered: true),
        [typeof(byte[])] = new BytesCodec(),
    };

    private static readonly Dictionary<Type, ValueCodec> Keys = new()
    {
        [typeof(string)] = new StringCodec(),
        [typeof(Guid)] = Guids(),
        [typeof(int)] = Digits(typeof(int), int.MinValue, int.MaxValue, number => (int)number),
        [typeof(long)] = Digits(typeof(long), long.MinValue, long.MaxValue, number => (long)number),
        [typeof(ulong)] = Digits(typeof(ulong), ulong.MinValue, ulong.MaxValue, number => (ulong)number),
    };

    /// <summary>The types of keys, for errors.</summary>
    public const string KeyTypes = "string, Guid, int, long, ulong";

    /// <summary>The types of data properties, for errors.</summary>
    public const string DataTypes = "bool, sbyte, byte, short, ushort, int, uint, long, ulong, float, double, decimal, string, Guid, DateTime, DateTimeOffset, DateOnly, TimeOnly, "
        + "these as nullable, byte[], and T[] and List<T> of these without nullables";

    /// <summary>The codec of a type of key, or null.</summary>
    public static ValueCodec? OfKey(Type type) => Keys.GetValueOrDefault(type);

    /// <summary>The codec of a type of data property, or null.</summary>
    public static ValueCodec? OfData(Type type)
    {
        Type value = Nullable.GetUnderlyingType(type) ?? type;
        if (Scalars.TryGetValue(value, out ValueCodec? codec)) return codec;
        Type? element = type.IsSZArray ? type.GetElementType() : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? type.GetGenericArguments()[0] : null;
        return element is not null && element != typeof(byte[]) && Scalars.TryGetValue(element, out ValueCodec? scalar) ? new ArrayCodec(type, element, scalar) : null;
    }

    // Only what is written is read: with capital letters, no filter and no key would find it.
    private static TextCodec<Guid> Guids() => new(value => value.ToString("D"), text => Guid.TryParseExact(text, "D", out Guid value) && value.ToString("D") == text ? value : null, isOrdered: true);

    private static IntegerCodec Whole(Type type, Int128 minimum, Int128 maximum, Func<Int128, object> box) => new(
        type, minimum, maximum, box, number => (FieldValue)(long)number, value => value.Type == FieldValueType.Int64 ? value.AsInt64() : null);

    /// <summary>
    /// Integers as text whose bytes have their order: all digits of the largest one, and for a negative number a minus, which comes before digits,
    /// and the digits of the number less the smallest one.
    /// </summary>
    private static IntegerCodec Digits(Type type, Int128 minimum, Int128 maximum, Func<Int128, object> box)
    {
        int digits = maximum.ToString(CultureInfo.InvariantCulture).Length;
        string format = "D" + digits.ToString(CultureInfo.InvariantCulture);
        return new IntegerCodec(type, minimum, maximum, box, Write, Read);

        FieldValue Write(Int128 number) => number < 0
            ? "-" + (number - minimum).ToString(format, CultureInfo.InvariantCulture)
            : number.ToString(format, CultureInfo.InvariantCulture);

        Int128? Read(FieldValue value)
        {
            if (value.Type != FieldValueType.String) return null;
            string text = value.AsString();
            bool isNegative = text.StartsWith('-');
            if (text.Length != digits + (isNegative ? 1 : 0)) return null;
            if (!Int128.TryParse(text.AsSpan(isNegative ? 1 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out Int128 number)) return null;
            if (!isNegative) return number;
            return number < -minimum ? number + minimum : null;
        }
    }
}
