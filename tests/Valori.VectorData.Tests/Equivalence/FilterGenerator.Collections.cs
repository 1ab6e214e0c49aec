using System.Linq.Expressions;
using System.Reflection;
using static System.Linq.Expressions.Expression;

namespace Valori.VectorData.Tests.Equivalence;

internal sealed partial class FilterGenerator
{
    // C# prefers these for an array. Of a type that is not IEquatable, such as a nullable, it takes the one with a comparer.
    private static readonly MethodInfo[] ContainsOfSpan = [.. typeof(MemoryExtensions).GetMethods().Where(method => method is { Name: nameof(MemoryExtensions.Contains), IsGenericMethodDefinition: true } && method.GetParameters()[0].ParameterType.Name == "ReadOnlySpan`1")];

    /// <summary>values.Contains(property)</summary>
    private Expression IsOneOfValues()
    {
        Type type = choices.One(DataTypes.All);
        Expression property = Scalar(type);
        if (DataTypes.Numbers.Contains(type) && choices.Chance(25) && DataTypes.CommonOf(type, choices.One(DataTypes.Numbers)) is { } common)
            property = As(property, property.Type == type ? common : DataTypes.NullableOf(common));
        return IsIn(choices.Values(property.Type, 5), property);
    }

    /// <summary>property.Contains(value), or property.Any(...), of a property that is not null.</summary>
    private Expression OfElements()
    {
        Type type = choices.One(DataTypes.All);
        Expression property = InForm(type, choices.Chance(50) ? PropertyForm.List : PropertyForm.Array);
        // Bytes are one value.
        if (property.Type == typeof(byte[])) return choices.Chance(50) ? IsNull(property) : IsNotNull(property);
        Expression has = choices.Chance(50) ? Contains(property, _constants.Some(type)) : AnyElement(property, type);
        return choices.Number(3) switch
        {
            0 => AndAlso(IsNotNull(property), has),
            1 => AndAlso(IsNotNull(property), Not(has)),
            _ => OrElse(IsNull(property), has),
        };
    }

    private MethodCallExpression AnyElement(Expression property, Type type)
    {
        ParameterExpression element = Parameter(type, "x");
        return Call(typeof(Enumerable), nameof(Enumerable.Any), [type], property, Lambda(OfElement(element, 2), element));
    }

    private Expression OfElement(ParameterExpression element, int depth)
    {
        if (depth > 0 && choices.Chance(35)) return OrElse(OfElement(element, depth - 1), OfElement(element, depth - 1));
        if (choices.Chance(50)) return IsIn(choices.Values(element.Type, 4), element);
        return choices.Chance(50) ? Equal(element, _constants.Some(element.Type)) : Equal(_constants.Some(element.Type), element);
    }

    /// <summary>values.Any(v => ...) or All, of a property and v.</summary>
    private MethodCallExpression OfEachValue()
    {
        Type type = choices.One(DataTypes.All);
        Expression property = Scalar(type);
        ParameterExpression value = Parameter(property.Type, "v");
        Expression condition = type == typeof(bool) || type == typeof(string) || choices.Chance(70) ? Equal(property, value) : GreaterThan(property, value);
        if (choices.Chance(20)) condition = Not(condition);
        if (choices.Chance(30)) condition = AndAlso(condition, Single());
        return AnyOrAll(choices.Values(property.Type, 4), value, condition);
    }

    /// <summary>values.Any(v => property.Contains(v)) or All.</summary>
    private MethodCallExpression OfEachWantedElement()
    {
        Type type = choices.One(DataTypes.All);
        Expression property = InForm(type, type == typeof(byte) || choices.Chance(50) ? PropertyForm.List : PropertyForm.Array);
        ParameterExpression value = Parameter(type, "v");
        return AnyOrAll(choices.Values(type, 4), value, AndAlso(IsNotNull(property), Contains(property, value)));
    }

    private MethodCallExpression AnyOrAll(Array values, ParameterExpression value, Expression condition) => Call(
        typeof(Enumerable), choices.Chance(50) ? nameof(Enumerable.Any) : nameof(Enumerable.All), [value.Type], ConstantGenerator.Variable(values, values.GetType()), Lambda(condition, value));

    /// <summary>An array or list property has an element.</summary>
    private MethodCallExpression Contains(Expression property, Expression element) => choices.Chance(50) ? ByEnumerable(property, element)
        : property.Type.IsArray ? BySpan(property, element)
        : ByItself(property, element);

    /// <summary>An item is one of some values, which stand in an array, list or set.</summary>
    private MethodCallExpression IsIn(Array values, Expression item)
    {
        Expression array = ConstantGenerator.Variable(values, values.GetType());
        Expression OfType(Type collection)
        {
            Type type = collection.MakeGenericType(item.Type);
            return ConstantGenerator.Variable(Activator.CreateInstance(type, values), type);
        }
        return choices.Number(5) switch
        {
            0 => BySpan(array, item),
            1 => ByItself(OfType(typeof(List<>)), item),
            2 => ByItself(OfType(typeof(HashSet<>)), item),
            3 => ByEnumerable(NewArrayInit(item.Type, values.Cast<object?>().Select(value => Constant(value, item.Type))), item),
            _ => ByEnumerable(array, item),
        };
    }

    private static MethodCallExpression ByItself(Expression collection, Expression item) => Call(collection, collection.Type.GetMethod("Contains", [item.Type])!, item);

    private static MethodCallExpression ByEnumerable(Expression collection, Expression item) => Call(typeof(Enumerable), nameof(Enumerable.Contains), [item.Type], collection, item);

    private static MethodCallExpression BySpan(Expression array, Expression item)
    {
        Expression span = Call(typeof(ReadOnlySpan<>).MakeGenericType(item.Type).GetMethod("op_Implicit", [array.Type])!, array);
        bool isEquatable = typeof(IEquatable<>).MakeGenericType(item.Type).IsAssignableFrom(item.Type);
        MethodInfo contains = ContainsOfSpan.Single(method => method.GetParameters().Length == (isEquatable ? 2 : 3)).MakeGenericMethod(item.Type);
        return isEquatable ? Call(contains, span, item) : Call(contains, span, item, Constant(null, typeof(IEqualityComparer<>).MakeGenericType(item.Type)));
    }
}
