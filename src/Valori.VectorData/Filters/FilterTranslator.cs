using System.Linq.Expressions;
using System.Runtime.ExceptionServices;
using Valori.VectorData.Model;
using Valori.VectorData.Values;

namespace Valori.VectorData.Filters;

/// <summary>
/// Translates a C# expression on a record into a filter of the kernel that lets through the same records. Nothing is left to be evaluated
/// afterwards: what has no translation is refused, with the part that has none.
/// </summary>
internal sealed partial class FilterTranslator
{
    private readonly PropertyBinder _binder;

    private FilterTranslator(PropertyBinder binder) => _binder = binder;

    /// <summary>The filter; null if it lets no record through.</summary>
    /// <exception cref="NotSupportedException">A part of the expression has no translation, or the filter is larger than one may be.</exception>
    /// <exception cref="InvalidOperationException">It names a property that there is not.</exception>
    public static Filter? Translate(LambdaExpression expression, CollectionShape shape)
    {
        FilterTranslator translator = new(new PropertyBinder(shape, expression.Parameters[0]));
        try
        {
            return translator.Translate(expression.Body);
        }
        catch (FilterPartException e)
        {
            throw new NotSupportedException(e.Message, e.InnerException);
        }
        catch (Constants.CallerException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }

    private Filter? Translate(Expression expression)
    {
        try
        {
            return Constants.IsConstant(expression) ? Conditions.Constant((bool?)Constants.Of(expression) == true) : TranslatePart(expression);
        }
        // The kernel refuses what is too large, and a codec what it cannot compare: here it is known which part that was.
        catch (Exception e) when (e is ArgumentException and not ArgumentNullException or NotSupportedException)
        {
            throw new FilterPartException($"The filter has '{expression}', which cannot be translated: {e.Message}", e);
        }
    }

    private Filter? TranslatePart(Expression expression)
    {
        switch (expression)
        {
            // The right side is looked at only if C# would evaluate it.
            case BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.And } both when both.Type == typeof(bool):
                return Translate(both.Left) is { } left ? Conditions.And(left, Translate(both.Right)) : null;
            case BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either when either.Type == typeof(bool):
                Filter? first = Translate(either.Left);
                return first is not null && first.Equals(Filter.All) ? first : Conditions.Or(first, Translate(either.Right));
            case UnaryExpression { NodeType: ExpressionType.Not } not when not.Type == typeof(bool):
                // Of r.Flag.Value, C# asks no record that has null.
                if (_binder.Bind(not.Operand) is { } negated) return negated.IsEqual(false);
                return Conditions.Not(Translate(not.Operand));
            case BinaryExpression { NodeType: ExpressionType.Equal } equal:
                return Compare(equal, equal.Left, equal.Right, Order.Equal);
            case BinaryExpression { NodeType: ExpressionType.NotEqual } unequal:
                return Conditions.Not(Compare(unequal, unequal.Left, unequal.Right, Order.Equal));
            case BinaryExpression { NodeType: ExpressionType.LessThan } less:
                return Compare(less, less.Left, less.Right, Order.Less);
            case BinaryExpression { NodeType: ExpressionType.LessThanOrEqual } less:
                return Compare(less, less.Left, less.Right, Order.LessOrEqual);
            case BinaryExpression { NodeType: ExpressionType.GreaterThan } greater:
                return Compare(greater, greater.Left, greater.Right, Order.Greater);
            case BinaryExpression { NodeType: ExpressionType.GreaterThanOrEqual } greater:
                return Compare(greater, greater.Left, greater.Right, Order.GreaterOrEqual);
            case MemberExpression { Member.Name: nameof(Nullable<int>.HasValue), Expression: { } of } when Nullable.GetUnderlyingType(of.Type) is not null && _binder.Bind(of) is { } property:
                return property.IsNotNull;
            case MethodCallExpression call when TranslateCall(call, out Filter? condition):
                return condition;
        }
        // A bool property alone, as it is or converted from an object.
        if (IsBool(expression.Type) && _binder.Bind(expression) is { } flag) return flag.IsEqual(true);
        if (expression is UnaryExpression { NodeType: ExpressionType.Convert, Method: null } convert && IsBool(convert.Type) && IsBool(convert.Operand.Type)) return Translate(convert.Operand);
        throw new NotSupportedException("it is not a comparison of a property with a value, nor one of the calls that a filter may have");
    }

    private Filter? Compare(Expression whole, Expression left, Expression right, Order order)
    {
        if (Constants.IsConstant(left)) (left, right, order) = (right, left, Reversed(order));
        if (!Constants.IsConstant(right)) throw new NotSupportedException("both sides depend on the record; a filter compares a property with a value");
        if (_binder.Bind(left) is { } property)
        {
            object? value = Constants.Of(right);
            return order == Order.Equal ? property.IsEqual(value) : property.Has(order, value);
        }
        // A condition compared with true, false or null.
        if (order == Order.Equal && IsBool(left.Type))
            return Constants.Of(right) is bool wanted ? Is(left, wanted) : Conditions.And(Conditions.Not(Is(left, true)), Conditions.Not(Is(left, false)));
        throw new NotSupportedException($"'{left}' is not a property of the record");
    }

    /// <summary>The condition that an expression is true, or false: one of the type bool? is neither if it is null.</summary>
    private Filter? Is(Expression expression, bool wanted)
    {
        if (Constants.IsConstant(expression)) return Conditions.Constant(Constants.Of(expression) is bool value && value == wanted);
        if (expression.Type == typeof(bool)) return wanted ? Translate(expression) : Conditions.Not(Translate(expression));
        switch (expression)
        {
            case UnaryExpression { NodeType: ExpressionType.Convert, Operand: var of } when of.Type == typeof(bool):
                return Is(of, wanted);
            case UnaryExpression { NodeType: ExpressionType.Not, Operand: var of }:
                return Is(of, !wanted);
            case BinaryExpression { NodeType: ExpressionType.And or ExpressionType.Or } both:
                // A conjunction is false, and a disjunction true, as soon as one side is.
                bool needsBoth = both.NodeType == ExpressionType.And == wanted;
                Filter? left = Is(both.Left, wanted), right = Is(both.Right, wanted);
                return needsBoth ? Conditions.And(left, right) : Conditions.Or(left, right);
        }
        return _binder.Bind(expression) is { } flag ? flag.IsEqual(wanted) : throw new NotSupportedException("it is not a bool property, nor a condition");
    }

    private static Order Reversed(Order order) => order switch
    {
        Order.Less => Order.Greater,
        Order.LessOrEqual => Order.GreaterOrEqual,
        Order.Greater => Order.Less,
        Order.GreaterOrEqual => Order.LessOrEqual,
        _ => order,
    };

    private static bool IsBool(Type type) => type == typeof(bool) || type == typeof(bool?);

    /// <summary>A part without translation, found within a larger one: that part is the one to name.</summary>
    private sealed class FilterPartException(string message, Exception inner) : Exception(message, inner);
}
