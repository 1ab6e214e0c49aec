using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData.Values;

namespace Valori.VectorData.Filters;

/// <summary>A property of the record that a filter names, perhaps converted to another type of number.</summary>
internal sealed record BoundProperty(PropertyModel Model, Operand Operand, ValueCodec Codec)
{
    /// <summary>Whether no record has null there: the condition is about a value type that has no null, or about the key.</summary>
    public bool IsNeverNull => Operand.IsKey || (Model.PropertyInfo is { PropertyType.IsValueType: true } && Nullable.GetUnderlyingType(Model.Type) is null);

    public Type Type { get; } = Nullable.GetUnderlyingType(Model.Type) ?? Model.Type;

    public Filter? IsNull => IsNeverNull ? null : !Operand.Exists;

    public Filter? IsNotNull => IsNeverNull ? Filter.All : Operand.Exists;

    /// <summary>The condition that it equals a value, which may be null.</summary>
    public Filter? IsEqual(object? value) => value is null ? IsNull : IsNaN(value) ? null : Codec.Compare(Operand, Order.Equal, value);

    /// <summary>The condition that it has an order to a value: never to null, as for C#.</summary>
    public Filter? Has(Order order, object? value) => value is null || IsNaN(value) ? null : Codec.Compare(Operand, order, value);

    /// <summary>The condition that it is one of several values.</summary>
    public Filter? IsIn(IEnumerable<object?> values)
    {
        List<FieldValue> stored = [];
        bool hasNull = false;
        foreach (object? value in values)
        {
            if (value is null) hasNull = true;
            else if (!IsNaN(value)) Codec.AddEqual(value, stored);
        }
        return Conditions.Or(Operand.In(stored), hasNull ? IsNull : null);
    }

    // == with NaN is false, while Contains finds it: no field holds it either way.
    private static bool IsNaN(object value) => value is double.NaN or float.NaN;
}
