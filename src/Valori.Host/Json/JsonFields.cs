using System.Runtime.InteropServices;
using System.Text.Json;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Values;

namespace Valori.Host.Json;

/// <summary>
/// The fields of one JSON object, read with errors that name the field. The dialect of <c>valori exec</c> and the HTTP
/// bodies have the same fields, so this is the one reader of both.
/// </summary>
internal readonly struct JsonFields
{
    public const string WholeNumber64 = "a whole number of 64 bits", WholeNumber32 = "a whole number of 32 bits";
    public const string UnsignedNumber64 = "a whole number from 0 to 18446744073709551615", UnsignedNumber8 = "a whole number from 0 to 255";

    public const string FiniteNumber = "a number that a float64 can hold";

    private static readonly FieldNames ReferenceNames = new("a reference", ["ref", "item"]);

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

    public string String(string name) => OptionalText(Required(name)) ?? throw Wrong(name, "a string");

    public string? OptionalString(string name) => Optional(name) is null ? null : String(name);

    public ulong? OptionalUInt64(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out ulong number)
            ? number
            : throw Wrong(name, UnsignedNumber64);
    }

    public int? OptionalInt32(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(name, WholeNumber32);
    }

    public long Int64(string name) => OptionalInt64(name) ?? throw Missing(name);

    public long? OptionalInt64(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Wrong(name, WholeNumber64);
    }

    public double? OptionalDouble(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Wrong(name, FiniteNumber);
    }

    public Metric? OptionalMetric(string name) => OptionalString(name) is not { } text
        ? null
        : MetricNames.Find(text) ?? throw new RequestException($"field '{name}' is '{Spelling.Shown(text)}'; it must be {MetricNames.All}");

    public bool? OptionalBoolean(string name) => Optional(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>Which past state a query is about: a sequence number, or text as <see cref="AsOf.Parse"/> reads it; null if missing.</summary>
    public AsOf? OptionalAsOf(string name)
    {
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long sequenceNr)) return AsOf.SequenceNr(sequenceNr);
        if (value.ValueKind != JsonValueKind.String) throw Wrong(name, AsOf.Expected);
        return Accept(AsOf.Parse(String(name)));
    }

    /// <summary>A filter as a JSON object or as text; null if missing.</summary>
    public Filter? OptionalFilter(string name) => Optional(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } json => Accept(Filter.FromJson(json)),
        { ValueKind: JsonValueKind.String } => Accept(Filter.Parse(String(name))),
        _ => throw Wrong(name, "a JSON object or a text, such as \"user = 'ada'\""),
    };

    /// <summary>A record's key; null if missing.</summary>
    public RecordKey? OptionalKey(string name) => OptionalString(name) is { } text ? Accept(RecordKey.Of(text)) : null;

    /// <summary>An array of keys; null if missing.</summary>
    public RecordKey[]? OptionalKeys(string name)
    {
        if (OptionalStrings(name) is not { } texts) return null;
        RecordKey[] keys = new RecordKey[texts.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = RecordKey.Of(texts[i]).TryGet(out RecordKey? key, out Refusal? refusal) ? key : throw new RefusedException(refusal with { Message = $"{name}[{i}]: {refusal.Message}" });
        }
        return keys;
    }

    /// <summary>The fields of a record as a JSON object; null if missing.</summary>
    public Fields? OptionalRecordFields(string name) => Optional(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } json => Accept(Fields.FromJson(json)),
        _ => throw Wrong(name, "a JSON object, such as {\"user\":\"ada\"}"),
    };

    /// <summary>A time in the form that <see cref="TimeOf"/> reads; null if missing.</summary>
    public DateTimeOffset? OptionalTime(string name)
    {
        if (Optional(name) is not { } value) return null;
        return OptionalText(value) is { } text && TimeOf(text) is { } time ? time : throw Wrong(name, TimeText.Expected);
    }

    /// <summary>
    /// A time as every request has it (section 9 of docs/formats.md), in a body and in a query; null if the text is none. What .NET takes
    /// for a time beyond that, such as <c>03-04-2027</c>, means one day to one reader and another day to the next.
    /// </summary>
    public static DateTimeOffset? TimeOf(string text) =>
        TimeText.TryParse(text, out long unixMicroseconds) ? DateTimeOffset.UnixEpoch.AddTicks(unixMicroseconds * TimeSpan.TicksPerMicrosecond) : null;

    /// <summary>Which edges of a node; null if missing.</summary>
    public EdgeDirection? OptionalDirection(string name) => OptionalString(name) is not { } text
        ? null
        : GraphText.FindDirection(text) ?? throw new RequestException($"field '{name}' is '{Spelling.Shown(text)}'; it must be {GraphText.Directions}");

    /// <summary>An array of kinds of nodes or edges; null if missing.</summary>
    public IReadOnlyList<byte>? OptionalKinds(string name)
    {
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, GraphText.Kinds);
        List<byte> kinds = [];
        foreach (JsonElement kind in value.EnumerateArray())
        {
            if (kind.ValueKind != JsonValueKind.Number || !kind.TryGetByte(out byte number)) throw new RequestException($"{name}[{kinds.Count}] must be {UnsignedNumber8}, got {Shorten(kind)}");
            if (kinds.Contains(number)) throw new RequestException($"{name}[{kinds.Count}] is {number}, which appears twice");
            kinds.Add(number);
        }
        return kinds.Count > 0 ? kinds : throw new RequestException($"field '{name}' is empty: leave it out for all kinds");
    }

    /// <summary>An array of texts; null if missing.</summary>
    public string[]? OptionalStrings(string name)
    {
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array of texts");
        List<string> texts = [];
        foreach (JsonElement element in value.EnumerateArray())
        {
            texts.Add(element.ValueKind == JsonValueKind.String && TryRead(element, one => one.GetString()) is { } text
                ? text
                : throw new RequestException($"{name}[{texts.Count}] must be a text, got {Shorten(element)}"));
        }
        return [.. texts];
    }

    /// <summary>An array of names of parts of a record, each once; null if missing.</summary>
    public RecordParts? OptionalRecordParts(string name)
    {
        if (OptionalStrings(name) is not { } names) return null;
        RecordParts parts = RecordParts.None;
        for (int i = 0; i < names.Length; i++)
        {
            RecordParts part = RecordPartNames.Find(names[i]) ?? throw new RequestException($"{name}[{i}] is '{Spelling.Shown(names[i])}'; it must be {RecordPartNames.All}");
            if ((parts & part) != 0) throw new RequestException($"{name}[{i}] is '{names[i]}' again; name each part once");
            parts |= part;
        }
        return parts;
    }

    /// <summary>New records, each an object; null if missing.</summary>
    public IReadOnlyList<NewRecord>? OptionalRecords(string name)
    {
        if (name is "records" or "chunks" && _arrays?.Records is { } read) return read;
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array of objects");
        List<NewRecord> records = new(value.GetArrayLength());
        foreach (JsonElement element in value.EnumerateArray()) records.Add(At($"{name}[{records.Count}]", element, RecordJson.Names, RecordJson.Read));
        return records;
    }

    /// <summary>A new record as an object; null if missing.</summary>
    public NewRecord? OptionalRecord(string name) => Optional(name) is { } value ? At(name, value, RecordJson.Names, RecordJson.Read) : null;

    /// <summary>The commands of a transaction, each an object; null if missing.</summary>
    public IReadOnlyList<object>? OptionalCommands(string name, Func<JsonFields, object> read)
    {
        if (_arrays?.Commands is { } there) return there;
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array of objects");
        CommandsReader.CheckCount(value.GetArrayLength());
        List<object> commands = new(value.GetArrayLength());
        foreach (JsonElement element in value.EnumerateArray()) commands.Add(At($"command {commands.Count}", () => read(OfAny(element))));
        return commands;
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

    /// <summary>What a command of a transaction has in the place of an id: <c>{"ref":2,"item":0}</c>, a command and a position; null if it is not an object.</summary>
    public (int Command, int Item)? OptionalReference(string name)
    {
        if (Optional(name) is not { ValueKind: JsonValueKind.Object } value) return null;
        return At(name, () =>
        {
            JsonFields fields = new(value, ReferenceNames);
            return (fields.OptionalInt32("ref") ?? throw Missing("ref"), fields.OptionalInt32("item") ?? 0);
        });
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

    public byte? OptionalByte(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetByte(out byte number) ? number : throw Wrong(name, UnsignedNumber8);
    }

    public byte[]? OptionalBase64(string name)
    {
        if (Optional(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String
            && TryRead(value, element => element.TryGetBytesFromBase64(out byte[]? decoded) ? decoded : null) is { } bytes
                ? bytes
                : throw Wrong(name, "base64 text");
    }

    /// <summary>32 bytes as 64 hex digits.</summary>
    public Digest Digest(string name) => Kernel.Blake3.Digest.TryParse(String(name), out Digest digest) ? digest : throw Wrong(name, "64 hex digits");

    /// <summary>The time of a place in the history, in microseconds since 1970: whatever number it is, as answers write it.</summary>
    public long TimeOfPlace(string name) =>
        OptionalText(Required(name)) is { } text && Iso8601.TryParse(text, out long unixMicroseconds) ? unixMicroseconds : throw Wrong(name, TimeText.Expected);

    /// <summary>A vector: decimal numbers, each read to the nearest float32.</summary>
    public float[] Vector(string name) => OptionalVector(name) ?? throw Missing(name);

    /// <summary>As <see cref="Vector"/>; null if it is missing.</summary>
    public float[]? OptionalVector(string name)
    {
        if (name == "vector" && _arrays?.Vector is { } read) return read;
        return Optional(name) is { } value ? ToVector(value, name) : null;
    }

    public IReadOnlyList<ReadOnlyMemory<float>>? OptionalVectors(string name)
    {
        if (name == "vectors" && _arrays?.Vectors is { } read) return read;
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array of vectors");
        List<ReadOnlyMemory<float>> vectors = new(value.GetArrayLength());
        foreach (JsonElement vector in value.EnumerateArray()) vectors.Add(ToVector(vector, $"{name}[{vectors.Count}]"));
        return vectors;
    }

    public ulong[]? OptionalTags(string name)
    {
        if (name == "tags" && _arrays?.Tags is { } read) return read;
        if (Optional(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array of whole numbers");
        ulong[] tags = new ulong[value.GetArrayLength()];
        int i = 0;
        foreach (JsonElement tag in value.EnumerateArray())
        {
            if (tag.ValueKind != JsonValueKind.Number || !tag.TryGetUInt64(out tags[i]))
                throw new RequestException($"{name}[{i}] must be {UnsignedNumber64}, got {Shorten(tag)}");
            i++;
        }
        return tags;
    }

    internal static float[] ToVector(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array) throw new RequestException($"{name} must be an array of numbers, got {Shorten(value)}");
        float[] vector = new float[value.GetArrayLength()];
        (int i, int vanished) = (0, -1);
        foreach (JsonElement component in value.EnumerateArray())
        {
            if (component.ValueKind != JsonValueKind.Number || !component.TryGetSingle(out vector[i]))
                throw new RequestException($"{name}[{i}] must be a number, got {Shorten(component)}");
            if (!Float32.IsInRange(vector[i]))
                throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"{name}[{i}] is {Shorten(component)}, {Float32.OutOfRange}"));
            if (vector[i] == 0 && Float32.IsNotZero(JsonMarshal.GetRawUtf8Value(component))) vanished = i;
            i++;
        }
        if (vanished >= 0 && !vector.ContainsAnyExcept(0f)) throw new RefusedException(Float32.RefuseVanished(name == "vector" ? "" : $"{name}: ", vanished));
        return vector;
    }

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
