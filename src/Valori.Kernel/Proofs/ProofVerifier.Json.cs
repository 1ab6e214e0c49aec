using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori;

/// <content>The JSON forms (section 15 of docs/formats.md in Valori's repository): exactly the fields, each once, in any order.</content>
public static partial class ProofVerifier
{
    private static readonly string[] SchemaFields = ["metric", "scale_exponent"];

    private static readonly string[] InclusionFields = ["format", "version", "kind", "dimension", .. TreeNames, "leaf", "path", .. SchemaFields];

    private static readonly string[] TreeFields = ["count", "root"];

    private static readonly string[] KindNames = ["record", "node", "edge"];

    private static readonly string[] HistoryFields =
    [
        "format", "version", "from", "to", "previous_chain_from", "previous_chain_to", "inclusion_from", "inclusion_to", "consistency",
    ];

    private static InclusionParts ReadInclusionJson(ReadOnlySpan<byte> proof, out Refusal? refusal)
    {
        InclusionParts parts = new();
        JsonReader reader = new(proof);
        try
        {
            ReadInclusionFields(ref reader, ref parts);
            reader.ReadEnd();
        }
        catch (Exception e) when (IsOfTheBytes(e))
        {
            reader.Refuse($"expected JSON: {JsonText.Reason(e)}");
        }
        refusal = reader.Refusal;
        return parts;
    }

    private static HistoryParts ReadHistoryJson(ReadOnlySpan<byte> proof, out Refusal? refusal)
    {
        HistoryParts parts = default;
        JsonReader reader = new(proof);
        try
        {
            ReadHistoryFields(ref reader, ref parts);
            reader.ReadEnd();
        }
        catch (Exception e) when (IsOfTheBytes(e))
        {
            reader.Refuse($"expected JSON: {JsonText.Reason(e)}");
        }
        refusal = reader.Refusal;
        return parts;
    }

    /// <summary>How Utf8JsonReader tells of bytes that are not JSON, and of strings that are not Unicode, as lone surrogates.</summary>
    private static bool IsOfTheBytes(Exception e) => e is JsonException or InvalidOperationException;

    private static void ReadInclusionFields(ref JsonReader reader, ref InclusionParts parts)
    {
        uint seen = 0, roots = 0;
        reader.ReadObject("proof");
        while (reader.ReadField(InclusionFields, ref seen) is { } field)
        {
            switch (field)
            {
                case "format": reader.ReadOneOf(field, ["valori-inclusion-proof"]); break;
                case "version": parts.Version = ReadVersion(ref reader, SchemaFormatVersion); break;
                case "kind": parts.Kind = (LeafKind)(reader.ReadOneOf(field, KindNames) + 1); break;
                case "dimension": parts.Dimension = ReadDimension(ref reader); break;
                case "metric": parts.Metric = (byte)Math.Max(reader.ReadOneOf(field, MetricNames), 0); break;
                case "scale_exponent": parts.ScaleExponent = reader.ReadSByte(field); break;
                case "leaf": parts.Leaf = reader.ReadBase64(field, MaximumLeafBytes); break;
                case "path": parts.Path = reader.ReadDigests(field); break;
                default: ReadTree(ref reader, ref parts, Array.IndexOf(TreeNames, field), ref roots); break;
            }
        }
        int plain = InclusionFields.Length - SchemaFields.Length;
        reader.Require(parts.HasMetric ? InclusionFields : InclusionFields.AsSpan(0, plain), seen);
        if (!parts.HasMetric && seen >> plain != 0) reader.Refuse($"expected neither {SchemaFields[0]} nor {SchemaFields[1]} in version {FormatVersion} of the proof's format");
        if (CheckSchema(parts) is { } wrong) reader.Refuse(wrong.Message);
        for (int tree = 0; tree < TreeNames.Length; tree++)
        {
            bool hasRoot = (roots >> tree & 1) == 1, isOwn = tree == parts.OwnTree;
            if (hasRoot == isOwn) reader.Refuse($"expected {(isOwn ? "no" : "a")} root of the {TreeNames[tree]} in a proof of that kind");
        }
    }

    /// <param name="roots">Takes a bit for the tree if it has a root: whether it may is known when all fields are.</param>
    private static void ReadTree(ref JsonReader reader, ref InclusionParts parts, int tree, ref uint roots)
    {
        uint seen = 0;
        reader.ReadObject(TreeNames[tree]);
        while (reader.ReadField(TreeFields, ref seen) is { } field)
        {
            if (field == "count")
            {
                parts.Counts[tree] = reader.ReadNumber(field, ulong.MaxValue);
            }
            else
            {
                parts.Roots[tree] = reader.ReadDigest(field);
                roots |= 1u << tree;
            }
        }
        reader.Require(TreeFields.AsSpan(0, 1), seen);
    }

    private static void ReadHistoryFields(ref JsonReader reader, ref HistoryParts parts)
    {
        uint seen = 0;
        reader.ReadObject("proof");
        while (reader.ReadField(HistoryFields, ref seen) is { } field)
        {
            switch (field)
            {
                case "format": reader.ReadOneOf(field, ["valori-history-proof"]); break;
                case "version": ReadVersion(ref reader, FormatVersion); break;
                case "from": parts.From = (long)reader.ReadNumber(field, long.MaxValue); break;
                case "to": parts.To = (long)reader.ReadNumber(field, long.MaxValue); break;
                case "previous_chain_from": parts.PreviousChainFrom = reader.ReadDigest(field); break;
                case "previous_chain_to": parts.PreviousChainTo = reader.ReadDigest(field); break;
                case "inclusion_from": parts.InclusionFrom = reader.ReadDigests(field); break;
                case "inclusion_to": parts.InclusionTo = reader.ReadDigests(field); break;
                default: parts.Consistency = reader.ReadDigests(field); break;
            }
        }
        reader.Require(HistoryFields, seen);
    }

    private static uint ReadVersion(ref JsonReader reader, uint newest)
    {
        ulong version = reader.ReadNumber("version", uint.MaxValue);
        if (CheckVersion(version, newest) is { } wrong) reader.Refuse(wrong.Message);
        return (uint)version;
    }

    private static uint ReadDimension(ref JsonReader reader)
    {
        ulong dimension = reader.ReadNumber("dimension", uint.MaxValue);
        if (CheckDimension(dimension) is { } wrong) reader.Refuse(wrong.Message);
        return (uint)dimension;
    }
}
