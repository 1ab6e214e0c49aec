using System.Linq.Expressions;
using Valori.VectorData.Values;

namespace Valori.VectorData.Filters;

internal sealed partial class FilterTranslator
{
    /// <summary>The calls that have a translation: Contains, Any, All, Equals, StartsWith and string.IsNullOrEmpty.</summary>
    private bool TranslateCall(MethodCallExpression call, out Filter? condition)
    {
        condition = null;
        switch (call.Method.Name)
        {
            case nameof(Enumerable.Contains) when ContainsParts(call) is var (source, item):
                condition = Contains(source, item);
                return true;
            case nameof(Enumerable.Any) when call.Method.DeclaringType == typeof(Enumerable) && call.Arguments is [var source, var predicate]:
                condition = Any(source, (LambdaExpression)Unquoted(predicate));
                return true;
            case nameof(Enumerable.All) when call.Method.DeclaringType == typeof(Enumerable) && call.Arguments is [var source, var predicate] && Constants.IsConstant(source):
                condition = Each((LambdaExpression)Unquoted(predicate), source, Conditions.And, Filter.All);
                return true;
            case nameof(Equals) when EqualsParts(call) is var (left, right):
                condition = Compare(call, left, right, Order.Equal);
                return true;
            case nameof(string.IsNullOrEmpty) when call.Method.DeclaringType == typeof(string) && _binder.Bind(call.Arguments[0]) is { } text:
                condition = text.IsIn([null, ""]);
                return true;
            case nameof(string.StartsWith) when call.Method.DeclaringType == typeof(string) && _binder.Bind(call.Object!) is { } text:
                condition = StartsWith(text, call);
                return true;
            default:
                return false;
        }
    }

    private Filter? Contains(Expression source, Expression item)
    {
        if (Constants.IsConstant(item) && _binder.Bind(source) is { } array)
        {
            List<FieldValue> elements = [];
            AddElement(ArrayOf(array), Constants.Of(item), elements);
            return array.Operand.ContainsAny(elements);
        }
        if (Constants.IsConstant(source) && _binder.Bind(item) is { } property)
        {
            // Objects of two types are never equal.
            bool areObjects = !item.Type.IsValueType && item.Type != property.Type;
            return property.IsIn(Constants.MembersOf(source).Where(value => !areObjects || value is null || value.GetType() == property.Type));
        }
        throw new NotSupportedException("Contains looks for a value in a property, or for a property in a collection of values");
    }

    /// <summary>Of an array property, which of some elements it has. Of a collection of values, one condition for each.</summary>
    private Filter? Any(Expression source, LambdaExpression predicate)
    {
        if (Constants.IsConstant(source)) return Each(predicate, source, Conditions.Or, null);
        if (_binder.Bind(source) is not { } array) throw new NotSupportedException("Any asks for elements of a property, or of a collection of values");
        List<FieldValue> elements = [];
        AddElements(ArrayOf(array), predicate.Body, predicate.Parameters[0], elements);
        return array.Operand.ContainsAny(elements);
    }

    private Filter? Each(LambdaExpression predicate, Expression source, Func<Filter?, Filter?, Filter?> join, Filter? none) =>
        Constants.ElementsOf(source).Aggregate(none, (all, value) => join(all, Translate(new Replacement(predicate.Parameters[0], value).Visit(predicate.Body))));

    /// <summary>Adds the elements that a predicate of Any is true for: those that it compares with, alone or in a collection.</summary>
    private static void AddElements(ArrayCodec array, Expression predicate, ParameterExpression element, List<FieldValue> elements)
    {
        switch (predicate)
        {
            case BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either:
                AddElements(array, either.Left, element, elements);
                AddElements(array, either.Right, element, elements);
                return;
            case BinaryExpression { NodeType: ExpressionType.Equal } equal when equal.Left == element && Constants.IsConstant(equal.Right):
                AddElement(array, Constants.Of(equal.Right), elements);
                return;
            case BinaryExpression { NodeType: ExpressionType.Equal } equal when equal.Right == element && Constants.IsConstant(equal.Left):
                AddElement(array, Constants.Of(equal.Left), elements);
                return;
            case MethodCallExpression { Method.Name: nameof(Enumerable.Contains) } call when ContainsParts(call) is var (source, item) && item == element && Constants.IsConstant(source):
                foreach (object? value in Constants.MembersOf(source)) AddElement(array, value, elements);
                return;
            default:
                throw new NotSupportedException($"'{predicate}' is asked of elements of an array: a filter can only ask whether an element is one of some values");
        }
    }

    private static void AddElement(ArrayCodec array, object? value, List<FieldValue> elements)
    {
        // No stored array has null, and none has NaN.
        if (value is not (null or double.NaN or float.NaN)) array.Element.AddEqual(value, elements);
    }

    private static ArrayCodec ArrayOf(BoundProperty property) =>
        property.Codec as ArrayCodec ?? throw new NotSupportedException($"the property '{property.Model.ModelName}' is a {property.Type.Name}, and not an array or list");

    private static Filter? StartsWith(BoundProperty text, MethodCallExpression call)
    {
        object? prefix = Constants.IsConstant(call.Arguments[0]) ? Constants.Of(call.Arguments[0]) : throw new NotSupportedException("both sides depend on the record");
        // Without a comparison, a string is compared by the rules of a culture, which differ between machines.
        bool isOrdinal = prefix is char || (call.Arguments.Count == 2 && Constants.Of(call.Arguments[1]) is StringComparison.Ordinal);
        if (!isOrdinal) throw new NotSupportedException("StartsWith needs StringComparison.Ordinal: otherwise it depends on the culture of the machine");
        string start = prefix?.ToString() ?? throw new ArgumentNullException(nameof(call), "StartsWith of null");
        return start.Length == 0 ? text.IsNotNull : Filter.StartsWith(text.Operand.Name, start);
    }

    /// <summary>The collection and the item of a Contains: of Enumerable, of MemoryExtensions, or of a collection itself. Not that of a string.</summary>
    private static (Expression Source, Expression Item)? ContainsParts(MethodCallExpression call)
    {
        bool hasComparer = call.Arguments.Count == (call.Object is null ? 3 : 2);
        if (hasComparer && !(Constants.IsConstant(call.Arguments[^1]) && Constants.Of(call.Arguments[^1]) is null)) throw new NotSupportedException("Contains has a comparer of its own");
        if (call.Method.DeclaringType == typeof(Enumerable)) return (Unspanned(call.Arguments[0]), call.Arguments[1]);
        if (call.Method.DeclaringType == typeof(MemoryExtensions)) return (Unspanned(call.Arguments[0]), call.Arguments[1]);
        return call is { Object: { } source, Arguments: [var item] } && source.Type != typeof(string) && Constants.IsOfNet(call.Method.DeclaringType!) ? (source, item) : null;
    }

    /// <summary>The array that C# makes a span of, or takes for an array of objects: neither changes what it holds.</summary>
    private static Expression Unspanned(Expression expression) => expression switch
    {
        MethodCallExpression { Method.Name: "op_Implicit", Arguments: [var array] } call when call.Type.IsByRefLike => Unspanned(array),
        UnaryExpression { NodeType: ExpressionType.Convert, Operand: var operand, Type: var type } when type.IsByRefLike || !type.IsValueType => Unspanned(operand),
        _ => expression,
    };

    private static (Expression Left, Expression Right)? EqualsParts(MethodCallExpression call)
    {
        bool isOfStrings = call.Method.DeclaringType == typeof(string);
        IReadOnlyList<Expression> all = call.Object is { } left ? [left, .. call.Arguments] : call.Arguments;
        if (all.Count == 3 && isOfStrings)
        {
            return Constants.IsConstant(all[2]) && Constants.Of(all[2]) is StringComparison.Ordinal ? (all[0], all[1])
                : throw new NotSupportedException("Equals needs StringComparison.Ordinal, or none: no other comparison can be made in a filter");
        }
        // Objects of two types are never equal, which a filter cannot tell of numbers. A method of the program's own may mean something else.
        return all.Count == 2 && all[0].Type == all[1].Type && (call.Method.DeclaringType == all[0].Type || call.Method.DeclaringType == typeof(Nullable)) ? (all[0], all[1]) : null;
    }

    private static Expression Unquoted(Expression expression) => expression is UnaryExpression { NodeType: ExpressionType.Quote, Operand: var lambda } ? lambda : expression;

    /// <summary>An expression with a value in the place of a parameter.</summary>
    private sealed class Replacement(ParameterExpression parameter, object? value) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? Expression.Constant(value, node.Type) : node;
    }
}
