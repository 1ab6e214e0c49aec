namespace Valori.Testing;

/// <summary>Filters as random tests need them: all operators, and values that <see cref="RandomFields"/> uses too.</summary>
public static class RandomFilters
{
    private static readonly IReadOnlyList<string> OwnKeys = ["a", "b", "key-1", "key-2", "\u00E9"];

    public static Filter Build(Random random, int levels = 4, IReadOnlyList<string>? keys = null)
    {
        if (levels > 1)
        {
            switch (random.Next(6))
            {
                case 0: return Filter.And([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Build(random, levels - 1, keys))]);
                case 1: return Filter.Or([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Build(random, levels - 1, keys))]);
                case 2: return !Build(random, levels - 1, keys);
            }
        }
        return random.Next(6) switch { 0 => OfKey(random, keys ?? OwnKeys), 1 => OfNumber("tag", random), 2 => OfNumber("id", random), _ => OfField(random) };
    }

    public static string? Key(Random random) => random.Next(3) == 0 ? null : OwnKeys[random.Next(OwnKeys.Count)];

    private static Filter OfField(Random random)
    {
        string name = RandomFields.Name(random) is var chosen && chosen is "key" or "tag" ? "$fields." + chosen : chosen;
        FieldValue value = RandomFields.Scalar(random);
        switch (random.Next(11))
        {
            case 0: return Filter.Exists(name);
            case 1: return Filter.In(name, Values(random));
            case 2: return Filter.Contains(name, value);
            case 3: return Filter.ContainsAny(name, Values(random));
            case 4: return Filter.StartsWith(name, value.Type == FieldValueType.String ? value.AsString() : "2026");
            case 5: return Filter.Eq(name, value);
            case 6: return Filter.Ne(name, value);
        }
        if (value.Type == FieldValueType.Bool) value = 1;
        return random.Next(4) switch { 0 => Filter.Lt(name, value), 1 => Filter.Le(name, value), 2 => Filter.Gt(name, value), _ => Filter.Ge(name, value) };
    }

    private static Filter OfKey(Random random, IReadOnlyList<string> keys)
    {
        string key = keys[random.Next(keys.Count)];
        return random.Next(6) switch
        {
            0 => Filter.Exists("key"),
            1 => Filter.In("key", key, keys[random.Next(keys.Count)]),
            2 => Filter.StartsWith("key", key[..1]),
            3 => Filter.Lt("key", key),
            4 => Filter.Ne("key", key),
            _ => Filter.Key(key),
        };
    }

    private static Filter OfNumber(string name, Random random) => random.Next(5) switch
    {
        0 => Filter.In(name, random.Next(4), random.Next(4)),
        1 => Filter.Gt(name, random.Next(4)),
        2 => Filter.Ne(name, random.Next(4)),
        _ => Filter.Eq(name, random.Next(4)),
    };

    private static IEnumerable<FieldValue> Values(Random random) => RandomFields.Scalars(random, random.Next(1, 6), random.Next(1, 5));
}
