using System.Linq.Expressions;
using System.Reflection;
using static System.Linq.Expressions.Expression;

namespace Valori.VectorData.Tests.Equivalence;

internal sealed partial class FilterGenerator
{
    private static readonly MethodInfo StartsWithText = typeof(string).GetMethod(nameof(string.StartsWith), [typeof(string), typeof(StringComparison)])!;
    private static readonly MethodInfo StartsWithChar = typeof(string).GetMethod(nameof(string.StartsWith), [typeof(char)])!;
    private static readonly MethodInfo EqualsOfTexts = typeof(string).GetMethod(nameof(string.Equals), [typeof(string), typeof(string)])!;
    private static readonly MethodInfo EqualsByComparison = typeof(string).GetMethod(nameof(string.Equals), [typeof(string), typeof(string), typeof(StringComparison)])!;

    private Expression OfOneType()
    {
        Type type = choices.One(DataTypes.All);
        Expression property = Scalar(type);
        if (type == typeof(string)) return Compared(property, _constants.SomeOrNull(type, percentOfNull: 20));
        if (property.Type == type && choices.Chance(85)) return Compared(property, _constants.Some(type));
        return Compared(As(property, DataTypes.NullableOf(type)), _constants.SomeOrNull(DataTypes.NullableOf(type), percentOfNull: 25));
    }

    /// <summary>As a nullable or string, whatever the property is.</summary>
    private Expression OfMaybeNull()
    {
        Type type = choices.One(DataTypes.All);
        Type nullable = type == typeof(string) ? type : DataTypes.NullableOf(type);
        return Compared(As(Scalar(type), nullable), _constants.SomeOrNull(nullable, percentOfNull: 50));
    }

    /// <summary>C# converts both to a type that they have in common.</summary>
    private Expression OfTwoNumbers()
    {
        Type ofProperty = choices.One(DataTypes.Numbers), ofValue = choices.One(DataTypes.Numbers);
        if (DataTypes.CommonOf(ofProperty, ofValue) is not { } common) return OfTwoNumbers();
        Expression property = Scalar(ofProperty);
        if (property.Type == ofProperty) return Compared(As(property, common), As(_constants.Some(ofValue), common));
        Type nullable = DataTypes.NullableOf(common);
        return Compared(As(property, nullable), As(_constants.SomeOrNull(DataTypes.NullableOf(ofValue), percentOfNull: 15), nullable));
    }

    /// <summary>A cast, which most types of number refuse because it changes values.</summary>
    private Expression OfConvertedNumber()
    {
        Expression property = InForm(choices.One(DataTypes.Numbers), PropertyForm.Plain);
        Type type = choices.One(DataTypes.Numbers);
        if (choices.Chance(20)) property = Convert(property, choices.One(DataTypes.Numbers));
        return Compared(Convert(property, type), _constants.Some(type));
    }

    private Expression OfNullable()
    {
        Type type = choices.One([.. DataTypes.All.Where(type => type.IsValueType)]);
        Expression property = InForm(type, PropertyForm.Nullable), hasValue = Property(property, "HasValue");
        return choices.Number(4) switch
        {
            0 => hasValue,
            1 => Not(hasValue),
            2 => AndAlso(hasValue, Compared(Property(property, "Value"), _constants.Some(type))),
            _ => IsNull(property),
        };
    }

    private Expression OfFlag()
    {
        Expression flag = InForm(typeof(bool), PropertyForm.Plain);
        return choices.Chance(60) ? flag : Not(flag);
    }

    private Expression OfCall()
    {
        Type type = choices.One(DataTypes.All);
        if (type == typeof(string)) return OfCallOfString();
        Expression property = InForm(type, PropertyForm.Plain), value = _constants.Some(type);
        MethodInfo equals = type.GetMethod(nameof(Equals), [type])!;
        return choices.Chance(50) ? Call(property, equals, value) : Call(value, equals, property);
    }

    private Expression OfCallOfString()
    {
        Expression property = Scalar(typeof(string)), ordinal = Constant(StringComparison.Ordinal);
        return choices.Number(5) switch
        {
            0 => Call(EqualsOfTexts, property, _constants.SomeOrNull(typeof(string), percentOfNull: 20)),
            1 => Call(EqualsByComparison, _constants.Some(typeof(string)), property, ordinal),
            2 => Call(typeof(string), nameof(string.IsNullOrEmpty), null, property),
            3 => AndAlso(IsNotNull(property), Call(property, StartsWithText, _constants.Some(typeof(string)), ordinal)),
            // The last but one is half of a character.
            _ => AndAlso(IsNotNull(property), Call(property, StartsWithChar, _constants.Of(choices.One("aAäxİ\0 8k\ud83d\uffff".ToCharArray()), typeof(char)))),
        };
    }

    private Expression Compared(Expression left, Expression right)
    {
        if (choices.Chance(45)) (left, right) = (right, left);
        Type type = Nullable.GetUnderlyingType(left.Type) ?? left.Type;
        bool isOrdered = type != typeof(bool) && type != typeof(string);
        return choices.Number(isOrdered ? 8 : 2) switch
        {
            0 => Equal(left, right),
            1 => NotEqual(left, right),
            2 or 3 => LessThan(left, right),
            4 => LessThanOrEqual(left, right),
            5 or 6 => GreaterThan(left, right),
            _ => GreaterThanOrEqual(left, right),
        };
    }
}
