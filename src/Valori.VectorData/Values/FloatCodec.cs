using System.Globalization;

namespace Valori.VectorData.Values;

/// <summary>float and double, both as a float64: a float is one exactly. What is not finite has no stored form.</summary>
internal sealed class FloatCodec(Type type) : ValueCodec
{
    public override FieldValue Write(object value)
    {
        double number = Number(value);
        return double.IsFinite(number) ? number
            : throw new ArgumentException($"it is {number.ToString(CultureInfo.InvariantCulture)}, and a field holds finite numbers only");
    }

    public override object Read(FieldValue value)
    {
        // An integer comes from JSON, where 1 and 1.0 are often the same to the writer.
        double number = value.Type switch
        {
            FieldValueType.Float64 => value.AsFloat64(),
            FieldValueType.Int64 when (long)(double)value.AsInt64() == value.AsInt64() => value.AsInt64(),
            _ => throw Unexpected(value, type),
        };
        if (type == typeof(double)) return number;
        return (float)number == number ? (float)number : throw Unexpected(value, type);
    }

    public override void AddEqual(object constant, List<FieldValue> stored)
    {
        double number = Number(constant);
        if (double.IsFinite(number)) stored.Add(number);
    }

    public override Filter? Compare(Operand operand, Order order, object constant)
    {
        if (order == Order.Equal) return base.Compare(operand, order, constant);
        double number = Number(constant);
        if (double.IsFinite(number)) return operand.Compare(order, number);
        bool holds = double.IsPositiveInfinity(number) ? order is Order.Less or Order.LessOrEqual : double.IsNegativeInfinity(number) && order is Order.Greater or Order.GreaterOrEqual;
        return holds ? operand.Exists : null;
    }

    private double Number(object value) => value switch
    {
        float number => number,
        double number => number,
        _ => throw Foreign(value, type),
    };
}
