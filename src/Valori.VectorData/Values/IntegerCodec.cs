
namespace Valori.VectorData.Values;

/// <summary>
/// Integers. A constant cuts the numbers of the type in those below it, equal to it and above it. Floating-point constants do so too,
/// because their comparison converts the integer, and that never changes the order of two integers.
/// </summary>
/// <param name="type">The .NET type.</param>
/// <param name="box">The number as a value of the type.</param>
/// <param name="write">The stored form; it has the order of the numbers.</param>
/// <param name="read">The number of a stored form, or null if it is not one.</param>
internal sealed class IntegerCodec(
    Type type, Int128 minimum, Int128 maximum, Func<Int128, object> box, Func<Int128, FieldValue> write, Func<FieldValue, Int128?> read) : ValueCodec
{
    public override FieldValue Write(object value) => write(Whole(value) ?? throw Foreign(value, type));

    public override object Read(FieldValue value)
    {
        if (read(value) is not { } number || number < minimum || number > maximum) throw Unexpected(value, type);
        return box(number);
    }

    public override void AddEqual(object constant, List<FieldValue> stored)
    {
        (Int128 first, Int128 after) = Cut(constant);
        // Several integers are equal to one floating-point number only where it has no digits for the difference.
        if (after - first > 1) throw new NotSupportedException($"several values of {type.Name} are equal to {constant}, because the comparison rounds them");
        if (first < after) stored.Add(write(first));
    }

    public override Filter? Compare(Operand operand, Order order, object constant)
    {
        (Int128 first, Int128 after) = Cut(constant);
        return order switch
        {
            Order.Less => Below(operand, Order.Less, first),
            Order.LessOrEqual => Below(operand, Order.LessOrEqual, after - 1),
            Order.Greater => Above(operand, Order.Greater, after - 1),
            Order.GreaterOrEqual => Above(operand, Order.GreaterOrEqual, first),
            _ when first == after => null,
            _ when first + 1 == after => operand.Compare(Order.Equal, write(first)),
            _ => Filter.And([operand.Compare(Order.GreaterOrEqual, write(first)), operand.Compare(Order.LessOrEqual, write(after - 1))]),
        };
    }

    private Filter? Below(Operand operand, Order order, Int128 bound) =>
        bound < minimum || (order == Order.Less && bound == minimum) ? null
        : bound > maximum || (order == Order.LessOrEqual && bound == maximum) ? operand.Exists
        : operand.Compare(order, write(bound));

    private Filter? Above(Operand operand, Order order, Int128 bound) =>
        bound > maximum || (order == Order.Greater && bound == maximum) ? null
        : bound < minimum || (order == Order.GreaterOrEqual && bound == minimum) ? operand.Exists
        : operand.Compare(order, write(bound));

    /// <summary>The first number of the type that is not below the constant, and the first one above it; one past the largest if there is none.</summary>
    private (Int128 First, Int128 After) Cut(object constant)
    {
        if (Whole(constant) is { } whole) return (Clamp(whole), Clamp(whole + 1));
        return constant switch
        {
            // Nothing equals NaN, and nothing has an order to it: the translator knows that before it asks.
            float number => Search(x => AsSingle(x).CompareTo(number)),
            double number => Search(x => AsDouble(x).CompareTo(number)),
            decimal number => Search(x => ((decimal)x).CompareTo(number)),
            _ => throw Foreign(constant, type),
        };
    }

    private (Int128 First, Int128 After) Search(Func<Int128, int> compare) => (FirstWhere(x => compare(x) >= 0), FirstWhere(x => compare(x) > 0));

    private Int128 FirstWhere(Func<Int128, bool> holds)
    {
        Int128 low = minimum, high = maximum + 1;
        while (low < high)
        {
            // Never the sum of both: it is past the largest number by one at most.
            Int128 middle = low + (high - low) / 2;
            if (holds(middle)) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    private Int128 Clamp(Int128 number) => Int128.Max(minimum, Int128.Min(number, maximum + 1));

    // As C# converts them: with the signed type, or with the only one that does not fit it.
    private float AsSingle(Int128 number) => type == typeof(ulong) ? (ulong)number : (long)number;

    private double AsDouble(Int128 number) => type == typeof(ulong) ? (ulong)number : (long)number;

    private static Int128? Whole(object value) => value switch
    {
        sbyte number => number,
        byte number => number,
        short number => number,
        ushort number => number,
        int number => number,
        uint number => number,
        long number => number,
        ulong number => number,
        _ => null,
    };
}
