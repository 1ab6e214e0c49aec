using System.Text.Json;

namespace Valori.Kernel.Values;

/// <summary>JSON as a C# string.</summary>
internal static class JsonText
{
    // The reader's message has all of a word that is none.
    private const int MaximumMessage = 200;

    /// <param name="what">What it should be, for the refusal if it is not JSON.</param>
    public static Outcome<T> Read<T>(string json, string what, Func<JsonElement, Outcome<T>> read) where T : class
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        // A half of a surrogate pair has no UTF-8.
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return new Refusal(RefusalKind.InvalidArgument, $"{what} not JSON: {FieldValueJson.Shown(e.Message, MaximumMessage)}");
        }
    }
}
