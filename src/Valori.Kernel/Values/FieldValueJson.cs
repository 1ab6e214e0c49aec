using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Valori.Kernel.Values;

/// <summary>One value as JSON (section 3 of docs/formats.md in Valori's repository), for fields and for filters.</summary>
internal static class FieldValueJson
{
    /// <summary>The member of the object that is a timestamp.</summary>
    public const string Timestamp = "$timestamp";

    private const int MaximumShown = 40;

    /// <summary>A scalar or an array of scalars; null with a fault, which follows the name of the field.</summary>
    public static FieldValue? Read(JsonElement json, out string? fault)
    {
        if (json.ValueKind != JsonValueKind.Array) return ReadScalar(json, out fault);
        List<FieldValue> elements = new(json.GetArrayLength());
        foreach (JsonElement item in json.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Array) fault = "is an array: an array of arrays is not a field's value";
            else if (ReadScalar(item, out fault) is { } element)
            {
                if (elements.Count == 0 || element.Type == elements[0].Type || ToOneType(elements, ref element, out fault))
                {
                    elements.Add(element);
                    continue;
                }
                fault ??= $"is {element.Type.Shown()} and [0] is {elements[0].Type.Shown()}: the elements of an array have one type";
            }
            fault = $"[{elements.Count}] {fault}";
            return null;
        }
        fault = null;
        return FieldValue.Array(elements);
    }

    /// <summary>
    /// Whole numbers among others are float64 too: nobody means two types by <c>[1, 2.5]</c>. Not if one of them would become another number.
    /// </summary>
    private static bool ToOneType(List<FieldValue> elements, ref FieldValue element, out string? fault)
    {
        fault = null;
        if (elements[0].Type is not (FieldValueType.Int64 or FieldValueType.Float64) || element.Type is not (FieldValueType.Int64 or FieldValueType.Float64)) return false;
        for (int i = 0; i <= elements.Count; i++)
        {
            FieldValue number = i < elements.Count ? elements[i] : element;
            if (number.Type != FieldValueType.Int64) continue;
            long whole = number.AsInt64();
            // 2^63 itself is no int64, and would be cast to the largest one.
            if ((double)whole >= 9_223_372_036_854_775_808d || (long)(double)whole != whole)
            {
                fault = $"makes this an array of float64, and [{i}] is {number.ToJson()}, which no float64 is: write it as another number, or as a text";
                return false;
            }
            if (i < elements.Count) elements[i] = (double)whole;
            else element = (double)whole;
        }
        return true;
    }

    public static FieldValue? ReadScalar(JsonElement json, out string? fault)
    {
        fault = null;
        switch (json.ValueKind)
        {
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Number: return ReadNumber(JsonMarshal.GetRawUtf8Value(json), out fault);
            case JsonValueKind.String when Text(json) is { } text: return text;
            case JsonValueKind.String: fault = "is a string with half of a surrogate pair, or bytes that are not UTF-8: it is not text"; return null;
            case JsonValueKind.Null: fault = "is null: leave out what has no value"; return null;
            case JsonValueKind.Object when IsTimestamp(json): return ReadTimestamp(json, out fault);
            case JsonValueKind.Object: fault = "is an object, which cannot stand here"; return null;
            default: fault = "is an array, which cannot stand here"; return null;
        }
    }

    /// <summary>A number as JSON or the text of a filter writes it.</summary>
    public static FieldValue? ReadNumber(ReadOnlySpan<byte> utf8, out string? fault)
    {
        fault = null;
        if (utf8.IndexOfAny("eE."u8) < 0)
        {
            if (long.TryParse(utf8, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)) return whole;
            fault = $"is {Shown(utf8)}, which does not fit an int64: write it with a decimal point to store a float64";
            return null;
        }
        if (double.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)) return number;
        fault = $"is {Shown(utf8)}, which is beyond a float64";
        return null;
    }

    /// <summary>Whether an object is a timestamp and not fields: its only member is called so.</summary>
    public static bool IsTimestamp(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.GetPropertyCount() == 1 && NameOf(json.EnumerateObject().First()) == Timestamp;

    public static void Write(Utf8JsonWriter writer, FieldValue value)
    {
        switch (value.Type)
        {
            case FieldValueType.Bool: writer.WriteBooleanValue(value.AsBool()); return;
            case FieldValueType.Int64: writer.WriteNumberValue(value.AsInt64()); return;
            case FieldValueType.Float64: writer.WriteRawValue(NumberText(value.AsFloat64())); return;
            case FieldValueType.String: writer.WriteStringValue(value.AsString()); return;
            case FieldValueType.Timestamp:
                writer.WriteStartObject();
                writer.WriteString(Timestamp, TimeText.Format(value.AsUnixMicroseconds()));
                writer.WriteEndObject();
                return;
        }
        writer.WriteStartArray();
        foreach (FieldValue element in value.Elements) Write(writer, element);
        writer.WriteEndArray();
    }

    /// <summary>A text that reads as this float64 again, and not as an int64.</summary>
    public static string NumberText(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        // .NET 10 writes a digit too few for some powers of two, such as 2^-958, and reads their neighbour.
        if (double.Parse(text, CultureInfo.InvariantCulture) != number) text = number.ToString("G17", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    /// <summary>A string, or null if it is not text.</summary>
    public static string? Text(JsonElement json) => OrNull(json, static json => json.GetString());

    /// <summary>A member's name, or null if it is not text.</summary>
    public static string? NameOf(JsonProperty member) => OrNull(member, static member => member.Name);

    public static string Shown(string text, int maximum = MaximumShown) => text.Length <= maximum ? text : $"{text[..maximum]}... ({text.Length} characters)";

    private static string Shown(ReadOnlySpan<byte> number) => Shown(Encoding.UTF8.GetString(number));

    private static FieldValue? ReadTimestamp(JsonElement json, out string? fault)
    {
        JsonElement time = json.EnumerateObject().First().Value;
        fault = null;
        if (time.ValueKind == JsonValueKind.String && Text(time) is { } text)
        {
            if (TimeText.TryParse(text, out long unixMicroseconds)) return FieldValue.Timestamp(unixMicroseconds);
            fault = $"is the {Timestamp} '{Shown(text)}', which is not {TimeText.Expected}";
            return null;
        }
        fault = $"is a {Timestamp} that is not a string: it must be {TimeText.Expected}";
        return null;
    }

    // JsonDocument takes halves of surrogate pairs, and bytes in strings that are not UTF-8. Reading them throws.
    private static string? OrNull<T>(T json, Func<T, string?> read)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
