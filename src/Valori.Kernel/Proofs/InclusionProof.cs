using Valori.Kernel.Blake3;
using Valori.Kernel.Merkle;

namespace Valori.Kernel.Proofs;

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

    /// <summary>The same as JSON: what a verifier takes too.</summary>
    public string ToJson() => ProofJson.Write(ToJsonForm());

    internal InclusionProofJson ToJsonForm() => new(
        Format, Version, Kind switch { ContentKind.Record => "record", ContentKind.Node => "node", _ => "edge" }, Schema.Dimension,
        Schema.IsDefault ? null : Schema.Metric.Name(), Schema.IsDefault ? null : Schema.ScaleExponent,
        HeadOf(ContentKind.Record, Records), HeadOf(ContentKind.Node, Nodes), HeadOf(ContentKind.Edge, Edges), Leaf.ToArray(), TextOf(Path));

    internal static string[] TextOf(IEnumerable<Digest> path) => [.. path.Select(digest => digest.ToString())];

    private TreeHeadJson HeadOf(ContentKind kind, TreeHead head) => new(head.Count, kind == Kind ? null : head.Root.ToString());
}
