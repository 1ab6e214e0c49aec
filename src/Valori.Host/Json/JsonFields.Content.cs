using System.Text.Json;
using Valori.Actors.Text;
using Valori.Kernel.Content;
using Valori.Kernel.Vectors;

namespace Valori.Host.Json;

/// <content>What names or describes content: keys, fields, filters, kinds, and which past state.</content>
internal readonly partial struct JsonFields
{
    public Metric? OptionalMetric(string name) => OptionalString(name) is not { } text
        ? null
        : MetricNames.Find(text) ?? throw new RequestException($"field '{name}' is '{Spelling.Shown(text)}'; it must be {MetricNames.All}");

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
}
