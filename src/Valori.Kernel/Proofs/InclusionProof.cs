using System.Text.Json;
using Valori.Kernel.Proofs;
using Valori.Kernel.Vectors;

namespace Valori;

/// <summary>
/// Proves that a state hash is that of a state which holds one record, node or edge, live with this content or as a tombstone
/// (section 15 of docs/formats.md in Valori's repository). <see cref="ProofVerifier"/> checks its bytes without any of this code.
/// </summary>
/// <param name="Leaf">The bytes that are hashed for the record, node or edge (section 4 of docs/formats.md in Valori's repository).</param>
/// <param name="Path">The inclusion path of RFC 9162 section 2.1.3.1, from the leaf's sibling upwards.</param>
public sealed record InclusionProof(
    ContentKind Kind, EngineSchema Schema, TreeHead Records, TreeHead Nodes, TreeHead Edges, ReadOnlyMemory<byte> Leaf, IReadOnlyList<Digest> Path)
{
    private const uint FormatVersion = 1;
    private const uint SchemaFormatVersion = 2;

    /// <summary>What its JSON form has as <c>format</c>.</summary>
    internal const string Format = "valori-inclusion-proof";

    /// <summary>How its binary form begins.</summary>
    internal static ReadOnlySpan<byte> Magic => "VALORIIP"u8;

    private uint Version => Schema.IsDefault ? FormatVersion : SchemaFormatVersion;

    /// <summary>The compact form: what a verifier takes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[8 + 4 + 1 + 4 + (Schema.IsDefault ? 0 : 2) + 3 * 8 + 2 * Digest.SizeBytes + 4 + Leaf.Length + ProofWriter.PathBytes(Path)];
        ProofWriter writer = new(bytes);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write((byte)Kind);
        writer.Write((uint)Schema.Dimension);
        if (!Schema.IsDefault)
        {
            writer.Write((byte)Schema.Metric);
            writer.Write((byte)Schema.ScaleExponent);
        }
        writer.Write(Records.Count);
        writer.Write(Nodes.Count);
        writer.Write(Edges.Count);
        if (Kind != ContentKind.Record) writer.Write(Records.Root);
        if (Kind != ContentKind.Node) writer.Write(Nodes.Root);
        if (Kind != ContentKind.Edge) writer.Write(Edges.Root);
        writer.Write((uint)Leaf.Length);
        writer.Write(Leaf.Span);
        writer.WritePath(Path);
        return bytes;
    }

    /// <summary>The same as JSON. A verifier takes it too, as UTF-8 bytes (<see cref="System.Text.Encoding.UTF8"/>).</summary>
    public string ToJson() => ProofJson.Of(writer =>
    {
        writer.WriteString("format", Format);
        writer.WriteNumber("version", Version);
        writer.WriteString("kind", Kind switch { ContentKind.Record => "record", ContentKind.Node => "node", _ => "edge" });
        writer.WriteNumber("dimension", Schema.Dimension);
        if (!Schema.IsDefault)
        {
            writer.WriteString("metric", Schema.Metric.Name());
            writer.WriteNumber("scale_exponent", Schema.ScaleExponent);
        }
        WriteHead(writer, "records", ContentKind.Record, Records);
        WriteHead(writer, "nodes", ContentKind.Node, Nodes);
        WriteHead(writer, "edges", ContentKind.Edge, Edges);
        writer.WriteBase64String("leaf", Leaf.Span);
        writer.WritePath("path", Path);
    });

    /// <summary>The tree that the proof is about has no root: it follows from the path.</summary>
    private void WriteHead(Utf8JsonWriter writer, string name, ContentKind kind, TreeHead head)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count", head.Count);
        if (kind != Kind) writer.WriteDigest("root", head.Root);
        writer.WriteEndObject();
    }
}
