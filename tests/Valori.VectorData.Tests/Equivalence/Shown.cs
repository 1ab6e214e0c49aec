using System.Collections;
using System.Globalization;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Values as the message of a failed test has them.</summary>
internal static class Shown
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"))}\"",
        DateTime time => $"{time:O} {time.Kind}",
        IEnumerable values => $"[{string.Join(", ", values.Cast<object?>().Select(Of))}]",
        IFormattable other => other.ToString(value is DateTimeOffset or DateOnly or TimeOnly ? "O" : null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
