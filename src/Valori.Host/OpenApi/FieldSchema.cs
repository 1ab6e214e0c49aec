using System.Text.Json.Nodes;
using Valori.Host.Operations;
using Valori.Host.Security;

namespace Valori.Host.OpenApi;

/// <summary>The fields of requests as JSON Schema, each with an example that the service takes.</summary>
internal static class FieldSchema
{
    public const string RecordName = "Record";

    private static readonly Dictionary<Type, (string Schema, string Example)> Known = new()
    {
        [typeof(string)] = ("""{"type":"string"}""", "\"user\""),
        [typeof(bool)] = ("""{"type":"boolean"}""", "true"),
        [typeof(byte)] = ("""{"type":"integer","minimum":0,"maximum":255}""", "2"),
        [typeof(int)] = ("""{"type":"integer","format":"int32"}""", "3"),
        [typeof(long)] = ("""{"type":"integer","format":"int64"}""", "1"),
        [typeof(ulong)] = ("""{"type":"integer","format":"uint64","minimum":0,"maximum":18446744073709551615}""", "0"),
        [typeof(double)] = ("""{"type":"number","format":"double"}""", "0.5"),
        [typeof(Metric)] = ("""{"type":"string","enum":["l2","cosine","dot"]}""", "\"l2\""),
        [typeof(SearchModeKind)] = ("""{"type":"string","enum":["exact","approximate","auto"]}""", "\"exact\""),
        [typeof(EdgeDirection)] = ("""{"type":"string","enum":["out","in","both"]}""", "\"both\""),
        [typeof(KeyRole)] = ("""{"type":"string","enum":["read","write","admin"]}""", "\"read\""),
        [typeof(IReadOnlyList<byte>)] = ("""{"type":"array","items":{"type":"integer","minimum":0,"maximum":255}}""", "[1,2]"),
        [typeof(RecordParts)] = ("""{"type":"array","items":{"type":"string","enum":["key","fields","metadata","vector","tag","expires_at"]},"uniqueItems":true}""", "[\"key\",\"fields\"]"),
        [typeof(AsOf)] = ("""{"type":["integer","string"],"description":"a sequence number, a time, or a state hash"}""", "2"),
        [typeof(Filter)] = ("""{"type":["string","object"],"description":"a filter as a line of text, or as JSON"}""", "\"user = 'ada'\""),
        [typeof(byte[])] = ("""{"type":"string","contentEncoding":"base64"}""", "\"aGVsbG8=\""),
        [typeof(float[])] = ("""{"type":"array","items":{"type":"number","format":"float"}}""", "[0.9,0.1,0]"),
        [typeof(IReadOnlyList<ReadOnlyMemory<float>>)] = ("""{"type":"array","items":{"type":"array","items":{"type":"number","format":"float"}}}""", "[[0.9,0.1,0]]"),
        [typeof(ulong[])] = ("""{"type":"array","items":{"type":"integer","format":"uint64","minimum":0}}""", "[0]"),
        [typeof(RecordKey)] = ("""{"type":"string","minLength":1,"maxLength":256}""", "\"note-1\""),
        [typeof(RecordKey[])] = ("""{"type":"array","items":{"type":"string","minLength":1,"maxLength":256}}""", "[\"note-1\"]"),
        [typeof(Fields)] = ("""{"type":"object"}""", """{"user":"ada"}"""),
        [typeof(DateTimeOffset)] = ("""{"type":"string","description":"a date, or a date with a time of day"}""", "\"2100-01-01T00:00:00Z\""),
        [typeof(string[])] = ("""{"type":"array","items":{"type":"string"}}""", "[\"user\"]"),
        [typeof(NewRecord)] = ($"{{\"$ref\":\"#/components/schemas/{RecordName}\"}}", """{"vector":[0.9,0.1,0],"fields":{"user":"ada"}}"""),
        [typeof(IReadOnlyList<NewRecord>)] = ($"{{\"type\":\"array\",\"items\":{{\"$ref\":\"#/components/schemas/{RecordName}\"}}}}", """[{"vector":[0.9,0.1,0],"key":"note-2"}]"""),
        [typeof(IReadOnlyList<PartRequest>)] = ("""{"type":"array","items":{"type":"object","required":["op"],"properties":{"op":{"type":"string"}}}}""", """[{"op":"insert","vector":[0.9,0.1,0]}]"""),
        [typeof(Stream)] = ("""{}""", "\"\""),
    };

    // Whose type alone says too little of them.
    private static readonly Dictionary<string, string> Examples = new(StringComparer.Ordinal)
    {
        ["name"] = "\"notes\"",
        ["other"] = "\"copy\"",
        ["order_by"] = "\"id\"",
        ["cursor"] = "\"YqPCM0uGVOkAAAAAAAAAAA\"",
        ["collections"] = "[\"notes\"]",
        ["clear"] = "[\"valid_to\"]",
        ["scale"] = "1",
        ["with_nodes"] = "true",
        ["to"] = "2",
    };

    /// <summary>What a value must be.</summary>
    /// <exception cref="InvalidOperationException">No field had this type before.</exception>
    public static JsonObject Of(RequestField field) => JsonNode.Parse(Find(field).Schema)!.AsObject();

    public static JsonNode ExampleOf(RequestField field) => JsonNode.Parse(Examples.GetValueOrDefault(field.Name) ?? Find(field).Example)!;

    private static (string Schema, string Example) Find(RequestField field) => Known.TryGetValue(field.ValueType, out (string, string) known)
        ? known
        : throw new InvalidOperationException($"there is no schema for the type {field.ValueType} of the field '{field.Name}'");
}
