using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Valori.Host.Json;

/// <summary>How requests and answers are written as JSON: lower snake case, the same words in <c>exec</c>, over HTTP and with <c>--json</c>.</summary>
internal static class AnswerJson
{
    public static readonly JsonSerializerOptions Options = Create();

    /// <summary>One line, for <c>--json</c>.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>An enumeration's value as a word for programs: lower snake case.</summary>
    public static string Word(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static JsonSerializerOptions Create()
    {
        JsonSerializerOptions options = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.Never,
            // Quotes in messages as people write them; no answer is ever put into HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new FieldsConverter(), new FieldValueConverter() },
        };
        // Types are resolved once from then on, and not at every answer.
        options.MakeReadOnly();
        return options;
    }
}
