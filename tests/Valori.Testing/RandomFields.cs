namespace Valori.Testing;

/// <summary>Fields as random tests need them: all types, values at the edges, and few enough names that filters meet them.</summary>
public static class RandomFields
{
    private static readonly string[] Names = ["user", "at", "n", "topics", "a.b", "a.c", "a b", "b", "b!", "x.y.z", "\u00E9", "\U0001F375", "\uFF5A", "key", "tag"];

    private static readonly string[] Texts = ["", "ada", "bob", "tea", "it's", "a\"b\\c", "2026-01-01", "2026-01-01T00:00:00Z", "\u00E9", "\uFF5A", "\U0001F375", "line\nfeed", "nul\0"];

    private static readonly long[] Integers = [0, 1, 2, -1, 7, (1L << 53) - 1, 1L << 53, (1L << 53) + 1, long.MaxValue, long.MinValue];

    private static readonly double[] Floats = [0, 1, -1, 0.5, 2.5, 1L << 53, 9007199254740994, 1e300, -1e300, double.Epsilon, 9223372036854775808.0, -9223372036854775808.0];

    private static readonly long[] Times = [0, 1_767_225_600_000_000, 1_767_225_600_000_001, -1, -62_135_596_800_000_000, 253_402_300_799_999_999];

    public static Fields Build(Random random)
    {
        FieldsBuilder builder = [];
        foreach ((string name, FieldValue value) in Pairs(random)) builder.Add(name, value);
        return builder.Build();
    }

    /// <summary>Each name once, in no order.</summary>
    public static List<KeyValuePair<string, FieldValue>> Pairs(Random random) =>
        [.. Names.Where(_ => random.Next(3) == 0).Select(name => KeyValuePair.Create(name, Value(random)))];

    public static string Name(Random random) => Names[random.Next(Names.Length)];

    public static FieldValue Value(Random random) =>
        random.Next(4) > 0 ? Scalar(random) : FieldValue.Array(Scalars(random, random.Next(1, 6), random.Next(4)));

    public static FieldValue Scalar(Random random) => Scalar(random, random.Next(1, 6));

    /// <summary>Scalars of one type.</summary>
    public static IEnumerable<FieldValue> Scalars(Random random, int type, int count) => [.. Enumerable.Range(0, count).Select(_ => Scalar(random, type))];

    private static FieldValue Scalar(Random random, int type) => (FieldValueType)type switch
    {
        FieldValueType.Bool => random.Next(2) == 0,
        FieldValueType.Int64 => Integers[random.Next(Integers.Length)],
        FieldValueType.Float64 => Floats[random.Next(Floats.Length)],
        FieldValueType.String => Texts[random.Next(Texts.Length)],
        _ => FieldValue.Timestamp(Times[random.Next(Times.Length)]),
    };
}
