using System.Collections;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Linq.Expressions;
using System.Reflection;

namespace Valori.VectorData.Filters;

/// <summary>The values of the parts of an expression that the record takes no part in: constants, captured variables, calls.</summary>
internal static class Constants
{
    // Others may ask a comparer that nobody can see, as the keys of a dictionary do.
    private static readonly HashSet<Type> Lists =
        [typeof(List<>), typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(Queue<>), typeof(Stack<>), typeof(LinkedList<>)];

    /// <summary>The value of an expression without parameters.</summary>
    /// <remarks>
    /// What the expression throws leaves the translation as it is: the value of a nullable without one is an <see cref="InvalidOperationException"/>, as in C#. Only a
    /// <see cref="NotSupportedException"/> may also be of the interpreter, so it is reported with its part.
    /// </remarks>
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
        return Run(Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true));
    }

    /// <summary>Whether an expression can be computed without the record: no parameter occurs in it, except those of its own lambdas.</summary>
    public static bool IsConstant(Expression expression)
    {
        ParameterSearch search = new();
        search.Visit(expression);
        return !search.HasFound;
    }

    /// <summary>The values of a collection that is a constant.</summary>
    /// <exception cref="NotSupportedException">It is not one.</exception>
    public static IEnumerable<object?> ElementsOf(Expression source) => ListOf(CollectionOf(source));

    /// <summary>The values for which Contains of a collection is true.</summary>
    /// <exception cref="NotSupportedException">It may find other values than those that are equal: it is a set of strings that ignores case, or the keys of a dictionary.</exception>
    public static IEnumerable<object?> MembersOf(Expression source)
    {
        IEnumerable collection = CollectionOf(source);
        if (FindsWhatIsEqual(collection)) return ListOf(collection);
        throw new NotSupportedException($"'{source}' is a {collection.GetType().Name}, which may compare its elements by a comparer of its own: "
            + "with ToArray() they are compared as by ==");
    }

    /// <summary>Whether a type is a collection of .NET, and not one of the program's own, which may contain what it likes.</summary>
    public static bool IsOfNet(Type type) => type.Assembly.GetName().Name!.StartsWith("System.", StringComparison.Ordinal)
        && (type.Namespace == "System.Linq" || type.Namespace!.StartsWith("System.Collections", StringComparison.Ordinal));

    private static IEnumerable CollectionOf(Expression source)
    {
        object collection = Of(source) ?? throw new ArgumentNullException($"{source}", "a collection that the filter names is null");
        return collection is not string && collection is IEnumerable elements ? elements : throw new NotSupportedException($"'{source}' is not a collection of values");
    }

    // A query is the caller's code too.
    private static List<object?> ListOf(IEnumerable collection) => Run(() => collection.Cast<object?>().ToList());

    private static T Run<T>(Func<T> callers)
    {
        try
        {
            return callers();
        }
        catch (ArgumentException e)
        {
            throw new CallerException(e);
        }
    }

    private static bool FindsWhatIsEqual(IEnumerable collection)
    {
        Type type = collection.GetType();
        // What has no Contains of its own is walked, and the compiler's own types are what it makes of [1, 2].
        if (type.IsArray || !type.GetInterfaces().Any(HasContains) || type.Name.StartsWith("<>", StringComparison.Ordinal)) return true;
        if (!IsOfNet(type)) return false;
        if (type.Namespace == "System.Linq" || (type.IsGenericType && Lists.Contains(type.GetGenericTypeDefinition()))) return true;
        PropertyInfo? ofSet = type.GetProperty("Comparer") ?? type.GetProperty("KeyComparer");
        if (ofSet?.GetValue(collection) is not { } comparer) return false;
        Type element = ofSet.PropertyType.GetGenericArguments()[0];
        return ReferenceEquals(comparer, StringComparer.Ordinal) || comparer.Equals(typeof(EqualityComparer<>).MakeGenericType(element).GetProperty("Default")!.GetValue(null));
    }

    private static bool HasContains(Type type) => type == typeof(IList) || (type.IsGenericType && type.GetGenericTypeDefinition() is { } generic
        && (generic == typeof(ICollection<>) || generic == typeof(IReadOnlySet<>)));

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    /// <summary>What the caller's own code threw. The translator throws it on, and does not take it for a part without translation.</summary>
    public sealed class CallerException(ArgumentException thrown) : Exception(thrown.Message, thrown);

    private sealed class ParameterSearch : ExpressionVisitor
    {
        private readonly List<ParameterExpression> _own = [];

        public bool HasFound { get; private set; }

        protected override Expression VisitLambda<T>(Expression<T> node)
        {
            _own.AddRange(node.Parameters);
            return base.VisitLambda(node);
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            HasFound |= !_own.Contains(node);
            return node;
        }

        public override Expression? Visit(Expression? node) => HasFound ? node : base.Visit(node);
    }
}
