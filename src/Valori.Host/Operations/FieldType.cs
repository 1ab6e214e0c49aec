using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Host.Security;
using Valori.Kernel.Values;
using Valori.Kernel.Vectors;

namespace Valori.Host.Operations;

/// <summary>How fields of one type are read.</summary>
/// <param name="Expected">What the text must be, for messages.</param>
/// <param name="FromJson">Reads the field with this name; null if it is missing.</param>
/// <param name="FromText">Reads a part of a path, or a parameter of a query; null if the text is something else.</param>
internal sealed record FieldType(string Expected, Func<JsonFields, string, object?> FromJson, Func<string, object?> FromText)
{
    /// <summary>The names of modes of a search, as a sentence lists them.</summary>
    public const string SearchModes = "exact, approximate or auto";

    /// <summary>Bytes that are read as they arrive. A line of JSON cannot hold them, so it has the path of a file with them.</summary>
    public static readonly FieldType Bytes = new("the path of a file", (fields, name) => fields.OptionalString(name) is { } path ? OpenFile(name, path) : null, NotAsText);

    private static readonly Dictionary<Type, FieldType> Known = new()
    {
        [typeof(string)] = new("text", (fields, name) => fields.OptionalString(name), text => text),
        [typeof(bool)] = new("true or false", (fields, name) => fields.OptionalBoolean(name), text => text is "true" ? true : text is "false" ? false : null),
        [typeof(byte)] = new(JsonFields.UnsignedNumber8, (fields, name) => fields.OptionalByte(name), text => WholeNumbers.Canonical<byte>(text)),
        [typeof(int)] = new(JsonFields.WholeNumber32, (fields, name) => fields.OptionalInt32(name), text => WholeNumbers.Canonical<int>(text)),
        [typeof(long)] = new(JsonFields.WholeNumber64, (fields, name) => fields.OptionalInt64(name), text => WholeNumbers.Canonical<long>(text)),
        [typeof(ulong)] = new(JsonFields.UnsignedNumber64, (fields, name) => fields.OptionalUInt64(name), text => WholeNumbers.Canonical<ulong>(text)),
        [typeof(double)] = new(JsonFields.FiniteNumber, (fields, name) => fields.OptionalDouble(name), NotAsText),
        [typeof(Metric)] = new(MetricNames.All, (fields, name) => fields.OptionalMetric(name), text => MetricNames.Find(text)),
        [typeof(KeyRole)] = new(KeyNames.Roles, (fields, name) => fields.OptionalString(name) is { } text
            ? KeyNames.FindRole(text) ?? throw new RequestException($"field '{name}' is '{Spelling.Shown(text)}'; it must be {KeyNames.Roles}")
            : null, text => KeyNames.FindRole(text)),
        [typeof(SearchModeKind)] = new(SearchModes, (fields, name) => fields.OptionalString(name) is { } text
            ? FindMode(text) ?? throw new RequestException($"field '{name}' is '{Spelling.Shown(text)}'; it must be {SearchModes}")
            : null, text => FindMode(text)),
        [typeof(EdgeDirection)] = new(GraphText.Directions, (fields, name) => fields.OptionalDirection(name), text => GraphText.FindDirection(text)),
        [typeof(IReadOnlyList<byte>)] = new("kinds from 0 to 255 with commas between them", (fields, name) => fields.OptionalKinds(name), GraphText.FindKinds),
        [typeof(RecordParts)] = new("an array of parts of a record", (fields, name) => fields.OptionalRecordParts(name), NotAsText),
        [typeof(AsOf)] = new(Valori.AsOf.Expected, (fields, name) => fields.OptionalAsOf(name), AsOfParameter),
        [typeof(Filter)] = new(
            "a filter", (fields, name) => fields.OptionalFilter(name), text => JsonFields.Accept(text.AsSpan().TrimStart() is ['{', ..] ? Filter.FromJson(text) : Filter.Parse(text))),
        [typeof(byte[])] = new("base64 text", (fields, name) => fields.OptionalBase64(name), NotAsText),
        [typeof(float[])] = new("an array of numbers", (fields, name) => fields.OptionalVector(name), NotAsText),
        [typeof(IReadOnlyList<ReadOnlyMemory<float>>)] = new("an array of vectors", (fields, name) => fields.OptionalVectors(name), NotAsText),
        [typeof(ulong[])] = new("an array of whole numbers", (fields, name) => fields.OptionalTags(name), NotAsText),
        [typeof(RecordKey)] = new("a key, 1 to 256 bytes of text", (fields, name) => fields.OptionalKey(name), text => JsonFields.Accept(RecordKey.Of(text))),
        [typeof(RecordKey[])] = new("an array of keys", (fields, name) => fields.OptionalKeys(name), NotAsText),
        [typeof(Fields)] = new("a JSON object", (fields, name) => fields.OptionalRecordFields(name), NotAsText),
        [typeof(DateTimeOffset)] = new(TimeText.Expected, (fields, name) => fields.OptionalTime(name), text => JsonFields.TimeOf(text)),
        [typeof(string[])] = new("an array of texts", (fields, name) => fields.OptionalStrings(name), NotAsText),
        [typeof(IReadOnlyList<NewRecord>)] = new("an array of objects", (fields, name) => fields.OptionalRecords(name), NotAsText),
        [typeof(NewRecord)] = new("a JSON object", (fields, name) => fields.OptionalRecord(name), NotAsText),
        [typeof(IReadOnlyList<PartRequest>)] = new("an array of objects", (fields, name) => fields.OptionalCommands(name, PartRequest.Read)?.Cast<PartRequest>().ToList(), NotAsText),
        [typeof(Stream)] = Bytes,
    };

    /// <exception cref="ArgumentException">No request has a field of this type yet.</exception>
    public static FieldType Of(Type type) =>
        Known.TryGetValue(type, out FieldType? known) ? known : throw new ArgumentException($"there is no way to read a field of the type {type}", nameof(type));

    /// <summary>What to do about a time of a query that lost its plus, because there a '+' is a space, to follow an error; empty for another text.</summary>
    public static string HintOf(string text) =>
        text.LastIndexOf(' ') is > 0 and var space && JsonFields.TimeOf($"{text[..space]}+{text[(space + 1)..]}") is not null
            ? ". Write the '+' of an offset as %2B in a query"
            : "";

    /// <summary>The mode of a search with this name; null if there is none.</summary>
    public static SearchModeKind? FindMode(string text) => text switch
    {
        "exact" => SearchModeKind.Exact,
        "approximate" => SearchModeKind.Approximate,
        "auto" => SearchModeKind.Auto,
        _ => null,
    };

    private static FileStream OpenFile(string name, string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (ArgumentException e)
        {
            throw new RequestException($"field '{name}' is not a path: {e.Message}");
        }
    }

    private static AsOf AsOfParameter(string text)
    {
        if (Valori.AsOf.Parse(text).TryGet(out AsOf? asOf, out Refusal? refusal)) return asOf;
        throw new RefusedException(refusal with { Message = refusal.Message + HintOf(text) });
    }

    private static object? NotAsText(string text) => throw new NotSupportedException("such a field is in a body, not in a path or a query");
}
