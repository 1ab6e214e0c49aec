using System.Linq.Expressions;
using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData.Model;
using Valori.VectorData.Values;

namespace Valori.VectorData.Filters;

/// <summary>Finds the property of the record that an expression names, as <c>r.Name</c> or <c>r["Name"]</c>, through conversions and <c>.Value</c>.</summary>
internal sealed class PropertyBinder(CollectionShape shape, ParameterExpression record)
{
    /// <summary>The property; null if the expression is something else.</summary>
    /// <exception cref="InvalidOperationException">There is no such property.</exception>
    /// <exception cref="NotSupportedException">It is a vector, or converted to a type in which a filter cannot compare it.</exception>
    public BoundProperty? Bind(Expression expression)
    {
        Stack<Type> conversions = [];
        while (true)
        {
            if (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked, Method: null } convert)
            {
                conversions.Push(Nullable.GetUnderlyingType(convert.Type) ?? convert.Type);
                expression = convert.Operand;
            }
            else if (IsConversionToDecimal(expression))
            {
                conversions.Push(typeof(decimal));
                expression = ((UnaryExpression)expression).Operand;
            }
            else if (IsValueOfNullable(expression))
            {
                expression = ((MemberExpression)expression).Expression!;
            }
            else
            {
                break;
            }
        }
        if (NameOf(expression) is not { } name) return null;
        if (!shape.Model.PropertyMap.TryGetValue(name, out PropertyModel? model))
            throw new InvalidOperationException($"The filter names the property '{name}', which the collection's definition has not.");
        BoundProperty property = model switch
        {
            KeyPropertyModel => new BoundProperty(model, Operand.Key, shape.Key),
            DataPropertyModel => new BoundProperty(model, Operand.Field(model.StorageName), shape.ByName[model.StorageName].Codec),
            _ => throw new NotSupportedException($"The filter names the vector property '{name}'. A filter compares the key and data properties."),
        };
        CheckConversions(property, conversions);
        return property;
    }

    /// <summary>Whether this is the record, or the record as one of its base types or interfaces.</summary>
    private bool IsRecord(Expression? expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.TypeAs } convert && !convert.Type.IsValueType) expression = convert.Operand;
        return expression == record;
    }

    private string? NameOf(Expression expression) => expression switch
    {
        // A dictionary has members of its own, such as Count, which are not of the record that it holds.
        MemberExpression member when IsRecord(member.Expression) && record.Type != typeof(Dictionary<string, object?>) => member.Member.Name,
        MethodCallExpression { Method.Name: "get_Item", Object: { } of, Arguments: [var key] } when of == record && Constants.IsConstant(key) => Constants.Of(key) as string,
        IndexExpression { Object: { } of, Arguments: [var key] } when of == record && Constants.IsConstant(key) => Constants.Of(key) as string,
        _ => null,
    };

    // decimal has its conversions as methods.
    private static bool IsConversionToDecimal(Expression expression) =>
        expression is UnaryExpression { NodeType: ExpressionType.Convert, Method.Name: "op_Implicit", Type: var type } && (Nullable.GetUnderlyingType(type) ?? type) == typeof(decimal);

    private static bool IsValueOfNullable(Expression expression) =>
        expression is MemberExpression { Member.Name: nameof(Nullable<int>.Value), Expression.Type: var type } && Nullable.GetUnderlyingType(type) is not null;

    private static void CheckConversions(BoundProperty property, Stack<Type> conversions)
    {
        Type now = property.Type;
        while (conversions.TryPop(out Type? next))
        {
            // A reference stays the value that it is, and a comparison with an object is one with its value.
            if (next == now || next.IsAssignableFrom(now)) continue;
            bool isKept = Numbers.AreKept(now, next) || (conversions.Count == 0 && Numbers.AreRounded(now, next));
            if (!isKept)
            {
                throw new NotSupportedException($"The filter converts the property '{property.Model.ModelName}' from {now.Name} to {next.Name}, which may change its value. "
                    + $"Compare it as a {property.Type.Name}.");
            }
            now = next;
        }
    }
}
