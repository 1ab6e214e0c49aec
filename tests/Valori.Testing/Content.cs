using System.Collections;
using System.Reflection;

namespace Valori.Testing;

/// <summary>
/// Compares messages by all that they hold, field by field, however deep. Records compare their lists and bytes by reference, and bytes
/// that are written from both do not tell of a field that is not written.
/// </summary>
public static class Content
{
    /// <summary>Fails with the first field that differs.</summary>
    public static void AssertEqual(object? expected, object? actual)
    {
        string? difference = Difference(expected, actual, expected?.GetType().Name ?? "it");
        Assert.True(difference is null, difference);
    }

    /// <summary>The first field that differs and its two values, or null if both hold the same.</summary>
    public static string? Difference(object? expected, object? actual, string place)
    {
        if (ReferenceEquals(expected, actual)) return null;
        if (expected is IEnumerable and not string && actual is IEnumerable and not string) return DifferenceOfLists(Elements(expected), Elements(actual), place);
        if (expected is null || actual is null || expected.GetType() != actual.GetType()) return Differs(expected, actual, place);
        Type type = expected.GetType();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>))
        {
            MethodInfo toArray = type.GetMethod(nameof(ReadOnlyMemory<>.ToArray))!;
            return Difference(toArray.Invoke(expected, null), toArray.Invoke(actual, null), place);
        }
        if (!HasFieldsToCompare(type)) return expected.Equals(actual) ? null : Differs(expected, actual, place);
        return FieldsOf(type).Select(field => Difference(field.GetValue(expected), field.GetValue(actual), $"{place}.{NameOf(field)}")).FirstOrDefault(difference => difference is not null);
    }

    private static string? DifferenceOfLists(object?[] expected, object?[] actual, string place) => expected.Length != actual.Length
        ? Differs($"{expected.Length} elements", $"{actual.Length} elements", place)
        : expected.Select((element, i) => Difference(element, actual[i], $"{place}[{i}]")).FirstOrDefault(difference => difference is not null);

    // Other types of ours that say when they are equal compare what they hold.
    private static bool HasFieldsToCompare(Type type) => type is { IsPrimitive: false, IsEnum: false } && type.Namespace?.StartsWith("Valori", StringComparison.Ordinal) == true
        && (type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null || type.GetMethod(nameof(Equals), [typeof(object)])!.DeclaringType == typeof(object));

    private static IEnumerable<FieldInfo> FieldsOf(Type? type) => type is null
        ? []
        : [.. FieldsOf(type.BaseType), .. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)];

    private static string NameOf(FieldInfo field) => field.Name.Split('<', '>') is [_, var property, _] ? property : field.Name;

    // A list may arrive as another type of list.
    private static object?[] Elements(object list) => [.. ((IEnumerable)list).Cast<object?>()];

    private static string Differs(object? expected, object? actual, string place) => $"{place} was {expected ?? "null"} and is {actual ?? "null"}";
}
