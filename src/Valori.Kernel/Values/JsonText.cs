using System.Globalization;
using System.Text.Json;

namespace Valori.Kernel.Values;

/// <summary>JSON as a C# string.</summary>
internal static class JsonText
{
    // The reader's message has all of a word that is not JSON.
    private const int MaximumMessage = 200;

    /// <summary>
    /// For documents with a filter: each of its levels is an object and an array of it, then there are the condition, its list and a
    /// timestamp, and a request around them.
    /// </summary>
    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = 2 * Limits.MaximumFilterDepth + 8 };

    /// <param name="what">What it should be, for the refusal if it is not JSON.</param>
    public static Outcome<T> Read<T>(string json, string what, Func<JsonElement, Outcome<T>> read) where T : class
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Options);
            return read(document.RootElement);
        }
        // A half of a surrogate pair has no UTF-8.
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return new Refusal(RefusalKind.InvalidArgument, $"{what} not JSON: {FieldValueJson.Shown(Reason(e), MaximumMessage)}");
        }
    }

    /// <summary>What is wrong with text that is not JSON, and where. The reader's own message advises on options that a caller does not have.</summary>
    public static string Reason(Exception e)
    {
        if (e is not JsonException json) return e.Message;
        string place = json.LineNumber is { } line && json.BytePositionInLine is { } at
            ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {at + 1})") : "";
        return $"{ReasonAlone(json)}{place}";
    }

    /// <summary>The same without the place.</summary>
    public static string ReasonAlone(JsonException e)
    {
        int end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).Replace(" which is not supported in this mode. Change the reader options", "", StringComparison.Ordinal).TrimEnd('.');
    }
}
