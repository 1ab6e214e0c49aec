
namespace Valori.VectorData.Values;

/// <summary>What a condition is about: a field of the record, or its key.</summary>
/// <param name="Name">As a filter names it.</param>
internal readonly record struct Operand(string Name, bool IsKey)
{
    public static Operand Key { get; } = new("key", true);

    /// <summary>A field, whatever its name is: the prefix tells it from key, tag and id.</summary>
    public static Operand Field(string storageName) => new("$fields." + storageName, false);

    /// <summary>Records that have it; every record of a collection has a key.</summary>
    public Filter Exists => IsKey ? Filter.All : Filter.Exists(Name);

    /// <summary>Records whose operand is one of the values; null for none.</summary>
    public Filter? In(List<FieldValue> values)
    {
        // What is not a key is the key of no record.
        if (IsKey) values.RemoveAll(value => !RecordKey.Of(value.AsString()).TryGet(out _, out _));
        return values.Count switch { 0 => null, 1 => Filter.Eq(Name, values[0]), _ => Filter.In(Name, values) };
    }

    /// <summary>Records whose array has one of the values; null for none.</summary>
    public Filter? ContainsAny(List<FieldValue> values) =>
        values.Count switch { 0 => null, 1 => Filter.Contains(Name, values[0]), _ => Filter.ContainsAny(Name, values) };

    public Filter Compare(Order order, FieldValue value) => order switch
    {
        Order.Less => Filter.Lt(Name, value),
        Order.LessOrEqual => Filter.Le(Name, value),
        Order.Greater => Filter.Gt(Name, value),
        Order.GreaterOrEqual => Filter.Ge(Name, value),
        _ => Filter.Eq(Name, value),
    };
}
