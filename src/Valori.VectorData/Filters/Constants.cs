using System.Collections;
using System.Linq.Expressions;
using System.Reflection;

namespace Valori.VectorData.Filters;

/// <summary>The values of the parts of an expression that the record takes no part in: constants, captured variables, calls.</summary>
internal static class Constants
{
    /// <summary>The value of an expression without parameters.</summary>
    /// <remarks>What it throws is thrown as it is: the value of a nullable without one is an <see cref="InvalidOperationException"/>, as in C#.</remarks>
    public static object? Of(Expression expression)
    {
        switch (expression)
        {
            case ConstantExpression constant:
                return constant.Value;
            case MemberExpression { Member: FieldInfo { IsStatic: true } field }:
                return field.GetValue(null);
            // A captured variable is a field of an object that the compiler made.
            case MemberExpression { Expression: { } of, Member: FieldInfo field } when Of(of) is { } instance:
                return field.GetValue(instance);
            case UnaryExpression { NodeType: ExpressionType.Convert, Method: null } convert when Plain(convert.Type) == Plain(convert.Operand.Type) || convert.Type == typeof(object):
                object? value = Of(convert.Operand);
                // As a value that cannot be null it is computed below, which throws what C# throws.
                if (value is not null || !convert.Type.IsValueType || Nullable.GetUnderlyingType(convert.Type) is not null) return value;
                break;
            case NewArrayExpression { NodeType: ExpressionType.NewArrayInit } array:
                Array elements = Array.CreateInstance(array.Type.GetElementType()!, array.Expressions.Count);
                for (int i = 0; i < elements.Length; i++) elements.SetValue(Of(array.Expressions[i]), i);
                return elements;
        }
        return Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)();
    }

    /// <summary>Whether an expression can be computed without the record: no parameter occurs in it.</summary>
    public static bool IsConstant(Expression expression)
    {
        ParameterSearch search = new();
        search.Visit(expression);
        return !search.HasFound;
    }

    /// <summary>The values of a collection that is a constant.</summary>
    /// <exception cref="NotSupportedException">It is not one, or it compares its elements in a way of its own.</exception>
    public static IEnumerable<object?> ElementsOf(Expression source)
    {
        object collection = Of(source) ?? throw new ArgumentNullException($"{source}", "a collection that the filter names is null");
        if (collection is string || collection is not IEnumerable elements) throw new NotSupportedException($"'{source}' is not a collection of values");
        // A set of strings may ignore case, which == does not.
        foreach (string name in new[] { "Comparer", "KeyComparer" })
        {
            object? comparer = collection.GetType().GetProperty(name)?.GetValue(collection);
            if (comparer is null || ReferenceEquals(comparer, StringComparer.Ordinal)) continue;
            Type element = collection.GetType().GetGenericArguments().FirstOrDefault() ?? typeof(object);
            object? ordinary = typeof(EqualityComparer<>).MakeGenericType(element).GetProperty("Default")!.GetValue(null);
            if (!comparer.Equals(ordinary)) throw new NotSupportedException($"'{source}' compares its elements by a comparer of its own, {comparer}");
        }
        return elements.Cast<object?>();
    }

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private sealed class ParameterSearch : ExpressionVisitor
    {
        public bool HasFound { get; private set; }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            HasFound = true;
            return node;
        }

        public override Expression? Visit(Expression? node) => HasFound ? node : base.Visit(node);
    }
}
