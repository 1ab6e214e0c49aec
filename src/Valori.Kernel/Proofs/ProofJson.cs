using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Valori.Kernel.Proofs;

/// <summary>Writes the JSON forms of proofs (section 15 of docs/formats.md in Valori's repository).</summary>
internal static class ProofJson
{
    /// <summary>A JSON object with the properties that <paramref name="writeProperties"/> writes.</summary>
    public static string Of(Action<Utf8JsonWriter> writeProperties)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writeProperties(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    public static void WriteDigest(this Utf8JsonWriter writer, string name, Digest digest) => writer.WriteString(name, digest.ToString());

    public static void WritePath(this Utf8JsonWriter writer, string name, IReadOnlyList<Digest> path)
    {
        writer.WriteStartArray(name);
        foreach (Digest digest in path) writer.WriteStringValue(digest.ToString());
        writer.WriteEndArray();
    }
}
