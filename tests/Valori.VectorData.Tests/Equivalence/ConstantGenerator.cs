using System.Linq.Expressions;
using static System.Linq.Expressions.Expression;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Values in the spellings that C# has for what the record takes no part in.</summary>
internal sealed class ConstantGenerator(Choices choices)
{
    public Expression Of(object? value, Type type)
    {
        switch (choices.Number(7))
        {
            case 0: return Variable(value, type);
            case 1: return Property(Property(Holder(value, type), "Self"), "Property");
            case 2: return Call(Holder(value, type), "Get", null);
            case 3: return Condition(Constant(true), Variable(value, type), Default(type));
            case 4 when Nullable.GetUnderlyingType(type) is { } underlying && value is not null: return Convert(Of(value, underlying), type);
            case 5:
                Array two = Array.CreateInstance(type, 2);
                two.SetValue(value, 1);
                return ArrayIndex(Variable(two, two.GetType()), Constant(1));
            default: return Constant(value, type);
        }
    }

    /// <summary>A value of a data type.</summary>
    public Expression Some(Type type) => Of(choices.Value(type), type);

    /// <summary>A value, or null, as a nullable or string.</summary>
    public Expression SomeOrNull(Type type, int percentOfNull) => Of(choices.Chance(percentOfNull) ? null : choices.Value(Nullable.GetUnderlyingType(type) ?? type), type);

    public Expression Bool() => Of(choices.Chance(50), typeof(bool));

    /// <summary>A captured variable.</summary>
    public static Expression Variable(object? value, Type type) => Field(Holder(value, type), "Value");

    private static ConstantExpression Holder(object? value, Type type) => Constant(Activator.CreateInstance(typeof(Captured<>).MakeGenericType(type), value));
}
