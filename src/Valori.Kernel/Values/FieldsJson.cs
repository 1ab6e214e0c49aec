using System.Text;
using System.Text.Json;

namespace Valori.Kernel.Values;

/// <summary>
/// Fields as a JSON object (section 3 of docs/formats.md in Valori's repository): nested objects are dotted names, and are written nested
/// again.
/// </summary>
internal static class FieldsJson
{
    public static Outcome<Fields> Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) return Wrong("the fields must be a JSON object");
        FieldsBuilder fields = [];
        if (ReadMembers(json, "", 1, fields) is { } fault) return Wrong(fault);
        return fields.TryBuild(out fault) is { } built ? built : Wrong(fault!);
    }

    public static void Write(Utf8JsonWriter writer, Fields fields)
    {
        writer.WriteStartObject();
        // Names below one parent are neighbours in the order of their bytes, so each object is opened once.
        List<string> open = [];
        foreach ((string name, FieldValue value) in fields)
        {
            string[] segments = name.Split('.');
            int shared = 0;
            while (shared < open.Count && shared < segments.Length - 1 && open[shared] == segments[shared]) shared++;
            Close(writer, open, shared);
            for (; open.Count < segments.Length - 1; open.Add(segments[open.Count])) writer.WriteStartObject(segments[open.Count]);
            writer.WritePropertyName(segments[^1]);
            FieldValueJson.Write(writer, value);
        }
        Close(writer, open, 0);
        writer.WriteEndObject();
    }

    private static void Close(Utf8JsonWriter writer, List<string> open, int left)
    {
        for (; open.Count > left; open.RemoveAt(open.Count - 1)) writer.WriteEndObject();
    }

    private static string? ReadMembers(JsonElement json, string parent, int level, FieldsBuilder fields)
    {
        if (level > Limits.MaximumFieldDepth) return $"'{FieldValueJson.Shown(parent)}' is nested more than {Limits.MaximumFieldDepth} levels deep";
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (FieldValueJson.NameOf(member) is not { } segment) return $"a field's name{(parent.Length == 0 ? "" : $" in '{FieldValueJson.Shown(parent)}'")} is not text";
            string name = parent.Length == 0 ? segment : $"{parent}.{segment}";
            if (ReadMember(member.Value, name, level, fields) is { } fault) return fault;
        }
        return null;
    }

    private static string? ReadMember(JsonElement value, string name, int level, FieldsBuilder fields)
    {
        string shown = FieldValueJson.Shown(name);
        if (value.ValueKind == JsonValueKind.Object && !FieldValueJson.IsTimestamp(value))
            return value.GetPropertyCount() == 0 ? $"the field '{shown}' is an empty object: leave it out" : ReadMembers(value, name, level + 1, fields);
        if (value.ValueKind == JsonValueKind.Null) return $"the field '{shown}' is null: leave out what has no value. To remove a field, use remove_fields";
        if (FieldName.Fault(Encoding.UTF8.GetBytes(name)) is { } fault) return fault;
        if (FieldValueJson.Read(value, out string? reason) is not { } read) return $"the field '{shown}'{(reason!.StartsWith('[') ? "" : " ")}{reason}";
        return fields.TryAdd(name, read) ? null : $"the field '{shown}' appears twice";
    }

    private static Refusal Wrong(string message) => new(RefusalKind.InvalidArgument, message);
}
