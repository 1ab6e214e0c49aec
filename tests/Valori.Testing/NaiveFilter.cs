using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Valori.Testing;

/// <summary>What a filter is about, as plain objects: bool, long, double, string, DateTimeOffset, and arrays of these.</summary>
public sealed record FilteredRecord(ulong Id, ulong Tag, string? Key, IReadOnlyDictionary<string, object> Fields)
{
    public static FilteredRecord Of(ulong id, ulong tag, string? key, Fields? fields) =>
        new(id, tag, key, (fields ?? Valori.Fields.Empty).ToDictionary(field => field.Key, field => Plain(field.Value)));

    private static object Plain(FieldValue value) => value.Type switch
    {
        FieldValueType.Bool => value.AsBool(),
        FieldValueType.Int64 => value.AsInt64(),
        FieldValueType.Float64 => value.AsFloat64(),
        FieldValueType.String => value.AsString(),
        FieldValueType.Timestamp => value.AsTimestamp(),
        _ => value.Elements.Select(Plain).ToArray(),
    };
}

/// <summary>
/// Evaluates a filter on plain objects, written from docs/formats.md and not from the code: it reads the filter's JSON, and knows none of
/// its types.
/// </summary>
public static class NaiveFilter
{
    public static bool Matches(Filter filter, FilteredRecord record) => Of(filter)(record);

    /// <summary>The filter, to be asked about many records.</summary>
    public static Func<FilteredRecord, bool> Of(Filter filter)
    {
        using JsonDocument json = JsonDocument.Parse(filter.ToJson(), new JsonDocumentOptions { MaxDepth = 128 });
        JsonElement parsed = json.RootElement.Clone();
        return record => Matches(parsed, record);
    }

    private static bool Matches(JsonElement filter, FilteredRecord record) => filter.EnumerateObject().All(member => member.Name switch
    {
        "and" => member.Value.EnumerateArray().All(inner => Matches(inner, record)),
        "or" => member.Value.EnumerateArray().Any(inner => Matches(inner, record)),
        "not" => !Matches(member.Value, record),
        _ => Condition(ValueOf(member.Name, record), member.Value),
    });

    private static object? ValueOf(string name, FilteredRecord record) => name switch
    {
        "key" => record.Key,
        "tag" => record.Tag,
        "id" => record.Id,
        _ => record.Fields.GetValueOrDefault(name.StartsWith("$fields.", StringComparison.Ordinal) ? name["$fields.".Length..] : name),
    };

    private static bool Condition(object? value, JsonElement condition) => condition.ValueKind == JsonValueKind.Object && !condition.TryGetProperty("$timestamp", out _)
        ? condition.EnumerateObject().All(member => Operator(value, member.Name, member.Value))
        : Operator(value, "=", condition);

    private static bool Operator(object? value, string name, JsonElement operand) => name switch
    {
        "=" => Order(value, operand) == 0,
        "!=" => Order(value, operand) != 0,
        "<" => Order(value, operand) < 0,
        "<=" => Order(value, operand) <= 0,
        ">" => Order(value, operand) > 0,
        ">=" => Order(value, operand) >= 0,
        "exists" => (value is not null) == operand.GetBoolean(),
        "in" => operand.EnumerateArray().Any(item => Order(value, item) == 0),
        "contains" => value is object[] array && array.Any(element => Order(element, operand) == 0),
        "contains_any" => value is object[] array && operand.EnumerateArray().Any(item => array.Any(element => Order(element, item) == 0)),
        "starts_with" => value is string text && text.StartsWith(operand.GetString()!, StringComparison.Ordinal),
        _ => throw new InvalidOperationException(name),
    };

    /// <summary>Null if the two cannot be compared.</summary>
    private static int? Order(object? value, JsonElement literal) => (value, literal.ValueKind) switch
    {
        (bool flag, JsonValueKind.True or JsonValueKind.False) => flag.CompareTo(literal.GetBoolean()),
        (string text, JsonValueKind.String) => ByUtf8(text, literal.GetString()!),
        (DateTimeOffset time, JsonValueKind.String) => TimeOf(literal.GetString()!) is { } wanted ? time.CompareTo(wanted) : null,
        (DateTimeOffset time, JsonValueKind.Object) => time.CompareTo(TimeOf(literal.GetProperty("$timestamp").GetString()!)!.Value),
        (long or ulong or double, JsonValueKind.Number) => ByValue(NumberOf(value), NumberOf(literal)),
        _ => null,
    };

    private static int ByUtf8(string a, string b) =>
        string.CompareOrdinal(Convert.ToHexString(Encoding.UTF8.GetBytes(a)), Convert.ToHexString(Encoding.UTF8.GetBytes(b)));

    // The texts of the tests have no more forms than these.
    private static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    private static (BigInteger Digits, int Exponent) NumberOf(JsonElement number) => number.GetRawText() is var text && text.AsSpan().ContainsAny('.', 'e', 'E')
        ? NumberOf(double.Parse(text, CultureInfo.InvariantCulture))
        : (BigInteger.Parse(text, CultureInfo.InvariantCulture), 0);

    /// <summary>A number exactly, as digits * 2^exponent.</summary>
    private static (BigInteger Digits, int Exponent) NumberOf(object number)
    {
        if (number is not double real) return (number is long whole ? whole : (ulong)number, 0);
        int exponent = 0;
        // A float64 is a whole number after at most 1,074 doublings, which are exact once it is below 2^970.
        while (real != Math.Truncate(real))
        {
            real *= 2;
            exponent--;
        }
        return (new BigInteger(real), exponent);
    }

    private static int ByValue((BigInteger Digits, int Exponent) a, (BigInteger Digits, int Exponent) b)
    {
        int least = Math.Min(a.Exponent, b.Exponent);
        return (a.Digits << (a.Exponent - least)).CompareTo(b.Digits << (b.Exponent - least));
    }
}
