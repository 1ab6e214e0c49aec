using System.Text.Json;
using Valori.Actors.Text;
using Valori.Kernel.Values;

namespace Valori.Host.Json;

/// <summary>
/// The fields of one JSON object, read with errors that name the field. The dialect of <c>valori exec</c> and the HTTP
/// bodies have the same fields, so this is the one reader of both.
/// </summary>
internal readonly partial struct JsonFields
{
    private readonly JsonElement _object;
    private readonly BodyArrays? _arrays;

    /// <summary>The fields of a request.</summary>
    /// <param name="names">Those that it may have. Taken once each, as JSON says nothing of which of two counts.</param>
    /// <param name="arrays">What was taken out of the object before it became a document.</param>
    /// <exception cref="RequestException">It is not an object, or has a field that is unknown, <c>null</c>, or there twice.</exception>
    public JsonFields(JsonElement value, FieldNames names, BodyArrays? arrays = null)
    {
        ulong seen = 0;
        foreach (JsonProperty property in Properties(value))
        {
            names.Take("field", NameOf(property), ref seen);
            if (property.Value.ValueKind == JsonValueKind.Null) throw new RequestException($"field '{NameOf(property)}' is null: leave out what has no value");
        }
        _object = value;
        _arrays = arrays;
    }

    private JsonFields(JsonElement value, BodyArrays? arrays = null) => (_object, _arrays) = (value, arrays);

    /// <summary>The fields of an object that may have others too, such as an answer that was kept. None may be there twice.</summary>
    /// <exception cref="RequestException">It is not an object, or has a field twice.</exception>
    public static JsonFields OfAny(JsonElement value)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty property in Properties(value))
        {
            if (!names.Add(NameOf(property))) throw new RequestException($"field '{Spelling.Shown(property.Name)}' appears more than once");
        }
        return new JsonFields(value);
    }

    /// <exception cref="RequestException">The text is not a JSON object.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8, JsonText.Options);
        }
        catch (JsonException e)
        {
            throw new RequestException($"not a JSON object: {JsonText.Reason(e)}");
        }
    }

    /// <summary>The same object, which may have these fields and no others.</summary>
    /// <exception cref="RequestException">It has another one, or one that is <c>null</c>.</exception>
    public JsonFields With(FieldNames names) => new(_object, names, _arrays);

    /// <summary>The fields of an object that may have others too, of which arrays were taken out before.</summary>
    /// <exception cref="RequestException">It is not an object, or has a field twice.</exception>
    public static JsonFields OfAny(JsonElement value, BodyArrays arrays)
    {
        OfAny(value);
        return new JsonFields(value, arrays);
    }

    /// <summary>Reads an object within, with errors that begin with its place.</summary>
    public static T At<T>(string place, JsonElement element, FieldNames names, Func<JsonFields, T> read) => At(place, () => read(new JsonFields(element, names)));

    /// <summary>Reads something within, with errors that begin with its place.</summary>
    public static T At<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (RequestException e)
        {
            throw new RequestException($"{place}: {e.Message}");
        }
        catch (RefusedException e)
        {
            throw new RefusedException(e.Refusal with { Message = $"{place}: {e.Message}" });
        }
    }

    /// <exception cref="RefusedException">It was refused.</exception>
    public static T Accept<T>(Outcome<T> outcome) where T : class => outcome.TryGet(out T? value, out Refusal? refusal) ? value : throw new RefusedException(refusal);

    /// <summary>The object within, as <see cref="OfAny(JsonElement)"/> reads it; null if there is none.</summary>
    public JsonFields? OptionalObject(string name) => Optional(name) is { } value ? OfAny(value) : null;

    private static JsonElement.ObjectEnumerator Properties(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject()
        : throw new RequestException($"expected a JSON object, got {Name(value.ValueKind)}");

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw new RequestException("a field's name has half of a surrogate pair: it is not text");
        }
    }

    private JsonElement Required(string name) => Optional(name) ?? throw Missing(name);

    private JsonElement? Optional(string name) =>
        _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private RequestException Wrong(string name, string expected) =>
        Optional(name) is { } found ? new RequestException($"field '{name}' must be {expected}, got {Shorten(found)}") : Missing(name);

    /// <summary>A string; null if it is something else, or not text.</summary>
    private static string? OptionalText(JsonElement value) => value.ValueKind == JsonValueKind.String ? TryRead(value, element => element.GetString()) : null;

    private static RequestException Missing(string name) => new($"field '{name}' is missing");

    /// <summary>
    /// Null if an escape is half of a surrogate pair, or a byte is not UTF-8: JsonDocument takes both, but they are not text, and
    /// JsonElement throws.
    /// </summary>
    private static T? TryRead<T>(JsonElement value, Func<JsonElement, T?> read) where T : class
    {
        try
        {
            return read(value);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Shorten(JsonElement value)
    {
        if (TryRead(value, element => element.GetRawText()) is not { } text) return $"{Name(value.ValueKind)} that is not UTF-8";
        return text.Length <= 40 ? text : $"{Name(value.ValueKind)} ({text.Length} characters)";
    }

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
