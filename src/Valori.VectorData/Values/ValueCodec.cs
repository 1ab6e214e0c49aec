
namespace Valori.VectorData.Values;

/// <summary>How an operand of a filter compares with a constant. Inequality is the negation of equality.</summary>
internal enum Order
{
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>
/// How the values of one .NET type are stored in fields and keys, and which stored values compare with a constant as .NET compares the
/// originals. So a filter on what is stored has the meaning of the C# expression. A condition is null if no record matches it.
/// </summary>
internal abstract class ValueCodec
{
    /// <summary>The value as it is stored.</summary>
    /// <exception cref="ArgumentException">There is no stored form of it. The message says why.</exception>
    public abstract FieldValue Write(object value);

    /// <summary>The value of what is stored.</summary>
    /// <exception cref="FormatException">It was not stored by this codec.</exception>
    public abstract object Read(FieldValue value);

    /// <summary>One for all of the stored values that are equal to a stored one, in their order.</summary>
    public virtual FieldValue Plain(FieldValue stored) => stored;

    /// <summary>Adds the stored values that are equal to a constant: none if no value is.</summary>
    /// <exception cref="NotSupportedException">Values of this type, or with this constant, cannot be compared.</exception>
    public abstract void AddEqual(object constant, List<FieldValue> stored);

    /// <summary>The condition that a value has an order to a constant.</summary>
    /// <param name="operand">What holds the value: a field, or the key.</param>
    /// <exception cref="NotSupportedException">Values of this type, or with this constant, cannot be compared so.</exception>
    public virtual Filter? Compare(Operand operand, Order order, object constant)
    {
        if (order != Order.Equal) throw new NotSupportedException("values of this type have no order");
        List<FieldValue> stored = [];
        AddEqual(constant, stored);
        return operand.In(stored);
    }

    protected static NotSupportedException Foreign(object constant, Type type) =>
        new($"a {type.Name} is compared with a {constant.GetType().Name}");

    protected static FormatException Unexpected(FieldValue value, Type type) =>
        new($"{Shown(value)} is stored, which is not a {type.Name}");

    private static string Shown(FieldValue value)
    {
        string text = value.ToString();
        return text.Length > 64 ? text[..64] + "..." : text;
    }
}
