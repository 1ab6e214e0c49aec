using System.Runtime.InteropServices;
using System.Text.Json;

namespace Valori.Host.Json;

/// <content>Vectors and whole records, which may have been read as they arrived, and the commands of a transaction.</content>
internal readonly partial struct JsonFields
{
    private static readonly FieldNames ReferenceNames = new("a reference", ["ref", "item"]);

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
}
