using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori;

/// <content>Inclusion proofs: one record, node or edge belongs to a state.</content>
public static partial class ProofVerifier
{
    private static readonly HashContext StateContext = new("Valori 2026-11-22 v1 state root");
    private static readonly HashContext SchemaStateContext = new("Valori 2026-11-28 v2 state root");

    private static readonly string[] TreeNames = ["records", "nodes", "edges"];

    private static readonly string[] MetricNames = ["l2", "cosine", "dot"];

    private enum LeafKind
    {
        Record = 1,
        Node = 2,
        Edge = 3,
    }

    /// <summary>
    /// What an inclusion proof shows of the state with this hash. Follows RFC 9162 section 2.1.3.2.
    /// </summary>
    /// <param name="proof">The binary form, or the JSON form in UTF-8.</param>
    /// <param name="stateHash">The hash that the caller trusts, as from a receipt.</param>
    /// <returns>The record, node or edge with its content, or null content for a tombstone; a <see cref="RefusalKind.InvalidProof"/>
    /// if the bytes are not such a proof or lead to another state hash.</returns>
    public static Outcome<ProvenContent> VerifyInclusion(ReadOnlySpan<byte> proof, Digest stateHash) => VerifyInclusion(proof, stateHash, out _);

    /// <summary>The same, and the schema of the collection, by which a vector's raw values can be shown. Null if nothing is proven.</summary>
    public static Outcome<ProvenContent> VerifyInclusion(ReadOnlySpan<byte> proof, Digest stateHash, out EngineSchema? schema)
    {
        schema = null;
        InclusionParts parts = IsJson(proof) ? ReadInclusionJson(proof, out Refusal? refusal) : ReadInclusionBytes(proof, out refusal);
        if (refusal is not null) return refusal;
        ProvenContent content = ReadLeaf(parts, out ulong index, out refusal);
        if (refusal is not null) return refusal;

        ulong count = parts.Counts[parts.OwnTree];
        if (CheckInclusionLength(parts.Path, index, count, "path") is { } wrongLength) return wrongLength;
        parts.Roots[parts.OwnTree] = FoldInclusion(HashLeaf(parts.Kind, parts.Leaf), index, count, parts.Path);
        Digest found = HashState(parts);
        if (found != stateHash) return Invalid($"expected a proof for the state hash {stateHash}, found one for {found}");
        schema = new EngineSchema((int)parts.Dimension, (Metric)parts.Metric, parts.ScaleExponent);
        return content;
    }

    /// <summary>The state hash (section 6 of docs/formats.md in Valori's repository).</summary>
    private static Digest HashState(in InclusionParts parts)
    {
        const int TreeBytes = sizeof(ulong) + Digest.SizeBytes;
        int headBytes = parts.HasMetric ? 10 : 8;
        Span<byte> bytes = stackalloc byte[headBytes + 3 * TreeBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, parts.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], parts.Dimension);
        if (parts.HasMetric) (bytes[8], bytes[9]) = (parts.Metric, (byte)parts.ScaleExponent);
        for (int tree = 0; tree < TreeNames.Length; tree++)
        {
            Span<byte> place = bytes.Slice(headBytes + tree * TreeBytes, TreeBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(place, parts.Counts[tree]);
            parts.Roots[tree].CopyTo(place[sizeof(ulong)..]);
        }
        return (parts.HasMetric ? SchemaStateContext : StateContext).Hash(bytes);
    }

    private static Refusal? CheckDimension(ulong dimension) => dimension is >= Limits.MinimumDimension and <= Limits.MaximumDimension
        ? null
        : Invalid($"expected a dimension of {Limits.MinimumDimension} to {Limits.MaximumDimension}, found {dimension}");

    private static Refusal? CheckVersion(ulong version, uint newest) => version >= FormatVersion && version <= newest
        ? null
        : Invalid($"expected version {(newest == FormatVersion ? "" : $"{FormatVersion} to ")}{newest} of the proof's format, found {version}");

    /// <summary>A schema without a metric of its own and without a scale has one form: that of version 1.</summary>
    private static Refusal? CheckSchema(in InclusionParts parts)
    {
        if (CheckDimension(parts.Dimension) is { } wrong) return wrong;
        if (parts.Metric > (byte)Metric.Dot) return Invalid($"expected a metric of 0 (l2), 1 (cosine) or 2 (dot), found {parts.Metric}");
        int largest = parts.Metric == (byte)Metric.Cosine ? 14 : 16;
        if (parts.ScaleExponent < -16 || parts.ScaleExponent > largest)
            return Invalid($"expected a scale exponent of -16 to {largest} with the metric {MetricNames[parts.Metric]}, found {parts.ScaleExponent}");
        return parts.HasMetric && parts.Metric == 0 && parts.ScaleExponent == 0
            ? Invalid($"expected version {FormatVersion} of the proof's format for the metric l2 without a scale, found {SchemaFormatVersion}")
            : null;
    }

    /// <summary>What both forms of an inclusion proof hold.</summary>
    private ref struct InclusionParts()
    {
        public uint Version;
        public LeafKind Kind;
        public uint Dimension;
        public byte Metric;
        public sbyte ScaleExponent;

        public readonly bool HasMetric => Version == SchemaFormatVersion;

        /// <summary>Of records, nodes and edges, tombstones included.</summary>
        public readonly ulong[] Counts = new ulong[3];

        /// <summary>Of records, nodes and edges; the proof leaves out that of the leaf's own tree.</summary>
        public readonly Digest[] Roots = new Digest[3];

        public ReadOnlySpan<byte> Leaf;
        public ReadOnlySpan<byte> Path;

        public readonly int OwnTree => (int)Kind - 1;
    }
}
