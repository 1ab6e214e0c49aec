using System.Text.Json;
using System.Text.Json.Serialization;

namespace Valori.Kernel.Proofs;

/// <summary>The JSON form of an <see cref="InclusionProof"/> (section 15 of docs/formats.md in Valori's repository).</summary>
/// <param name="Metric">Left out if the schema is the default, as the exponent of the scale is.</param>
/// <param name="Leaf">Base64.</param>
internal sealed record InclusionProofJson(
    string Format, uint Version, string Kind, int Dimension,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Metric,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ScaleExponent,
    TreeHeadJson Records, TreeHeadJson Nodes, TreeHeadJson Edges, byte[] Leaf, IReadOnlyList<string> Path);

/// <param name="Root">Left out of the tree that the proof is about: its root follows from the path.</param>
internal sealed record TreeHeadJson(ulong Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Root);

/// <summary>The JSON form of a <see cref="HistoryProof"/>.</summary>
internal sealed record HistoryProofJson(
    string Format, uint Version, long From, long To, string PreviousChainFrom, string PreviousChainTo,
    IReadOnlyList<string> InclusionFrom, IReadOnlyList<string> InclusionTo, IReadOnlyList<string> Consistency);

/// <summary>Writes the JSON forms of proofs.</summary>
internal static class ProofJson
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Write<TForm>(TForm form) => JsonSerializer.Serialize(form, Options);
}
