namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Everything that is left to chance, from one seed.</summary>
internal sealed class Choices(int seed)
{
    private readonly Random _random = new(seed);

    public int Number(int below) => _random.Next(below);

    public bool Chance(int percent) => _random.Next(100) < percent;

    public T One<T>(IReadOnlyList<T> of) => of[_random.Next(of.Count)];

    /// <summary>A value of a data type that a record may have.</summary>
    public object StoredValue(Type type) => One(DataTypes.EdgesOf(type));

    /// <summary>A value of a data type that a filter may compare with.</summary>
    public object Value(Type type)
    {
        if (type == typeof(double) && Chance(6)) return One([double.NaN, double.PositiveInfinity, double.NegativeInfinity]);
        if (type == typeof(float) && Chance(6)) return One([float.NaN, float.PositiveInfinity, float.NegativeInfinity]);
        return StoredValue(type);
    }

    /// <summary>Fewer values than a number, as an array of a data type, its nullable or string: the latter two may have null.</summary>
    public Array Values(Type element, int below)
    {
        Array values = Array.CreateInstance(element, Number(below));
        Type? underlying = Nullable.GetUnderlyingType(element);
        bool hasNull = underlying is not null || element == typeof(string);
        for (int i = 0; i < values.Length; i++) values.SetValue(hasNull && Chance(20) ? null : Value(underlying ?? element), i);
        return values;
    }
}
