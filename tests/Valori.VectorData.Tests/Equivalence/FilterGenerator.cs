using System.Linq.Expressions;
using static System.Linq.Expressions.Expression;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Filters as a program may write them: conditions on every data type, joined in every way that C# has.</summary>
internal sealed partial class FilterGenerator(Choices choices)
{
    private static readonly ParameterExpression Record = Parameter(typeof(EveryType), "r");

    private readonly ConstantGenerator _constants = new(choices);

    public Expression<Func<EveryType, bool>> Next() => Lambda<Func<EveryType, bool>>(Joined(choices.Number(4)), Record);

    private Expression Joined(int depth)
    {
        if (depth == 0) return Single();
        Expression Part() => Joined(depth - 1);
        switch (choices.Number(14))
        {
            case < 3: return AndAlso(Part(), Part());
            case < 6: return OrElse(Part(), Part());
            case < 8: return Not(Part());
            case 8: return Equal(Part(), _constants.Bool());
            case 9: return NotEqual(_constants.Bool(), Part());
            case 10: return choices.Chance(50) ? And(Part(), Part()) : Or(Part(), Part());
            case 11: return choices.Chance(50) ? AndAlso(_constants.Bool(), Part()) : OrElse(Part(), _constants.Bool());
            case 12: return Equal(Convert(Part(), typeof(bool?)), _constants.Of(choices.Chance(50), typeof(bool?)));
            default:
                Expression value = _constants.SomeOrNull(typeof(bool?), percentOfNull: 33);
                return choices.Chance(50) ? Equal(OfThreeValues(2), value) : NotEqual(OfThreeValues(2), value);
        }
    }

    /// <summary>A condition of the type bool?, which is true, false or null.</summary>
    private Expression OfThreeValues(int depth)
    {
        if (depth == 0 || choices.Chance(20)) return choices.Chance(60) ? Property(Record, nameof(EveryType.NullableBoolean)) : Convert(Single(), typeof(bool?));
        Expression Part() => OfThreeValues(depth - 1);
        return choices.Number(3) switch { 0 => And(Part(), Part()), 1 => Or(Part(), Part()), _ => Not(Part()) };
    }

    private Expression Single() => choices.Number(17) switch
    {
        < 3 => OfOneType(),
        < 6 => OfTwoNumbers(),
        6 => OfConvertedNumber(),
        7 => OfNullable(),
        8 => OfFlag(),
        < 11 => IsOneOfValues(),
        < 13 => OfElements(),
        13 => OfEachValue(),
        14 => OfEachWantedElement(),
        15 => OfCall(),
        _ => OfMaybeNull(),
    };

    /// <summary>The key, or a property that has one value of a type or null.</summary>
    private MemberExpression Scalar(Type type)
    {
        if (type == typeof(string)) return Property(Record, choices.Chance(25) ? nameof(EveryType.Key) : nameof(EveryType.String));
        return InForm(type, choices.Chance(45) ? PropertyForm.Nullable : PropertyForm.Plain);
    }

    private static MemberExpression InForm(Type type, PropertyForm form) => Property(Record, DataTypes.PropertyOf(type, form));

    private static Expression As(Expression expression, Type type) => expression.Type == type ? expression : Convert(expression, type);

    private static BinaryExpression IsNull(Expression expression) => Equal(expression, Constant(null, expression.Type));

    private static BinaryExpression IsNotNull(Expression expression) => NotEqual(expression, Constant(null, expression.Type));
}
