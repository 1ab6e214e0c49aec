using System.Text.Json;
using System.Text.Json.Serialization;
using Valori.Kernel.Values;

namespace Valori.Host.Json;

/// <summary>Fields of an answer: the object that a request has too.</summary>
internal sealed class FieldsConverter : JsonConverter<Fields>
{
    public override Fields Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        Fields.FromJson(JsonElement.ParseValue(ref reader)).TryGet(out Fields? fields, out Refusal? refusal) ? fields : throw new JsonException(refusal.Message);

    public override void Write(Utf8JsonWriter writer, Fields value, JsonSerializerOptions options) => value.WriteTo(writer);
}

/// <summary>The value of a field in an answer, as it stands among fields.</summary>
internal sealed class FieldValueConverter : JsonConverter<FieldValue>
{
    public override FieldValue Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        FieldValueJson.Read(JsonElement.ParseValue(ref reader), out string? fault) ?? throw new JsonException($"the value {fault}");

    public override void Write(Utf8JsonWriter writer, FieldValue value, JsonSerializerOptions options) => FieldValueJson.Write(writer, value);
}

internal static class AnsweredFields
{
    /// <summary>Null for none, which answers leave out.</summary>
    public static Fields? OrNull(this Fields fields) => fields.IsEmpty ? null : fields;
}
