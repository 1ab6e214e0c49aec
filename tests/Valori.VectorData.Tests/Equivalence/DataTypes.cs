using System.Reflection;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>The data types of a collection, with values at their edges and beside the edges of other types.</summary>
internal static class DataTypes
{
    private const long LastExact = 1L << 53;

    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0);

    // NaN and the infinities are refused in records.
    private static readonly Dictionary<Type, object[]> Edges = new()
    {
        [typeof(bool)] = Of(true, false),
        [typeof(sbyte)] = Of<sbyte>(sbyte.MinValue, -1, 0, 1, 8, sbyte.MaxValue),
        [typeof(byte)] = Of<byte>(0, 1, 8, 127, 128, 255),
        [typeof(short)] = Of<short>(short.MinValue, -129, -1, 0, 1, 8, 255, 256, short.MaxValue),
        [typeof(ushort)] = Of<ushort>(0, 1, 8, 255, 32_768, ushort.MaxValue),
        [typeof(int)] = Of(int.MinValue, int.MinValue + 1, -16_777_217, -1, 0, 1, 8, 127, 255, 256, 65_535, 65_536, 16_777_216, 16_777_217, 16_777_218, int.MaxValue - 1, int.MaxValue),
        [typeof(uint)] = Of<uint>(0, 1, 8, 16_777_217, int.MaxValue, 2_147_483_648, uint.MaxValue - 1, uint.MaxValue),
        [typeof(long)] = Of(long.MinValue, long.MinValue + 1, int.MinValue - 1L, -1, 0, 1, 8, 16_777_217, uint.MaxValue, 1L << 32, LastExact - 1, LastExact, LastExact + 1, LastExact + 2, -LastExact - 1, long.MaxValue - 1, long.MaxValue),
        [typeof(ulong)] = Of<ulong>(0, 1, 8, long.MaxValue, (ulong)long.MaxValue + 1, LastExact + 1, ulong.MaxValue - 1, ulong.MaxValue),
        [typeof(float)] = Of(0f, -0f, 1f, -1f, 8f, 0.1f, -0.1f, 1.5f, 128.5f, 255.5f, 16_777_216f, LastExact, float.Epsilon, -float.Epsilon, float.MinValue, float.MaxValue, 9.223372e18f, 1.8446744e19f),
        [typeof(double)] = Of(0.0, -0.0, 1.0, -1.0, 8.0, 7.9999999999999991, 0.1, 0.1f, -0.1, 1.5, 16_777_216.5, LastExact, LastExact + 2, double.Epsilon, -double.Epsilon, double.MinValue, double.MaxValue, float.MaxValue,
            2_147_483_647.5, -2_147_483_648.5, 9.2233720368547758e18, 1.8446744073709552e19),
        [typeof(decimal)] = Of(0m, -0.0m, 0.00m, 1m, 1.0m, -1m, 8m, 1.5m, 1.50m, -1.5m, -1.55m, -1.4m, 0.1m, -0.1m, 10m, -10m, 0.0000000000000000000000000001m, -0.0000000000000000000000000001m, decimal.MinValue, decimal.MaxValue,
            7922816251426433759354395033.5m, long.MaxValue, 9223372036854775807.5m, ulong.MaxValue, 18446744073709551616m, 123456789.123456789m),
        [typeof(Guid)] = Of(Guid.Empty, Guid.AllBitsSet, new("80000000-0000-4000-8000-000000000001"), new("7fffffff-ffff-4fff-bfff-ffffffffffff"), new("00000000-0000-0000-0000-000000000001"), new("00000000-8000-0000-0000-000000000000"),
            new Guid("abcdefab-cdef-abcd-efab-cdefabcdefab")),
        [typeof(DateTime)] = Of(DateTime.MinValue, DateTime.MaxValue, DateTime.UnixEpoch, Noon, DateTime.SpecifyKind(Noon, DateTimeKind.Utc), DateTime.SpecifyKind(Noon, DateTimeKind.Local), Noon.AddTicks(1),
            DateTime.SpecifyKind(Noon.AddTicks(1), DateTimeKind.Utc), Noon.AddTicks(-1), DateTime.SpecifyKind(Noon.AddTicks(-1), DateTimeKind.Local), new(1, DateTimeKind.Utc)),
        [typeof(DateTimeOffset)] = Of(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch, new(Noon, TimeSpan.Zero), new(Noon, TimeSpan.FromHours(2)), new(Noon.AddHours(2), TimeSpan.FromHours(2)),
            new(Noon.AddTicks(1), TimeSpan.Zero), new DateTimeOffset(Noon, TimeSpan.FromHours(-14))),
        [typeof(DateOnly)] = Of(DateOnly.MinValue, DateOnly.MaxValue, new(2026, 1, 1), new(2025, 12, 31), new DateOnly(999, 12, 31)),
        [typeof(TimeOnly)] = Of(TimeOnly.MinValue, TimeOnly.MaxValue, new(12, 0), new(11, 59, 59), new TimeOnly(12, 0).Add(TimeSpan.FromTicks(1))),
        [typeof(string)] = Of("", " ", "a", "A", "a ", "ab", "abc", "b", "ä", "a\u0308", "ß", "ss", "İ", "i", "ı", "I", "\0", "a\0b", "a\r\nb", "'", "''", "%", "null", "true", "8", "08", "\u200b", "\ue000", "\ufffd", "\uffff", "\U0001F600",
            "\U0001F601", new string('x', 300), new string('x', 301)),
    };

    public static IReadOnlyList<Type> All { get; } = [.. Edges.Keys];

    /// <summary>The types of number, which C# converts to each other before it compares them.</summary>
    public static IReadOnlyList<Type> Numbers { get; } =
        [typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)];

    public static IReadOnlyList<object> EdgesOf(Type type) => Edges[type];

    public static PropertyInfo PropertyOf(Type type, PropertyForm form) => typeof(EveryType).GetProperty(form switch
    {
        PropertyForm.Nullable => "Nullable" + type.Name,
        PropertyForm.Array or PropertyForm.List => type.Name + form,
        _ => type.Name,
    })!;

    public static Type NullableOf(Type type) => typeof(Nullable<>).MakeGenericType(type);

    /// <summary>The type in which C# compares numbers of two types; null if it refuses to.</summary>
    public static Type? CommonOf(Type left, Type right)
    {
        bool Has(params Type[] types) => types.Contains(left) || types.Contains(right);
        bool isSigned = Has(typeof(sbyte), typeof(short), typeof(int), typeof(long));
        if (Has(typeof(decimal))) return Has(typeof(float), typeof(double)) ? null : typeof(decimal);
        if (Has(typeof(double))) return typeof(double);
        if (Has(typeof(float))) return typeof(float);
        if (Has(typeof(ulong))) return isSigned ? null : typeof(ulong);
        if (Has(typeof(long))) return typeof(long);
        if (Has(typeof(uint))) return isSigned ? typeof(long) : typeof(uint);
        return typeof(int);
    }

    private static object[] Of<T>(params T[] values) => [.. values.Cast<object>()];
}
