using System.Text.Json;
using System.Text.Json.Serialization;

namespace Valori.Host.Json;

/// <summary>A proof in the JSON form that verifiers take (docs/formats.md, section 15), as the kernel writes it.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct ProofForm(string Json)
{
    private sealed class Converter : JsonConverter<ProofForm>
    {
        public override ProofForm Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            using JsonDocument proof = JsonDocument.ParseValue(ref reader);
            return new ProofForm(proof.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, ProofForm value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json, skipInputValidation: true);
    }
}
