using System.Globalization;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>
/// States of many sizes over the same leaves, written after docs/formats.md, section 4: live ones and tombstones, with and without metadata or a
/// record, told by the id alone.
/// </summary>
internal sealed class NaiveState
{
    public const uint Dimension = 2;

    private readonly (byte[] Bytes, string Text)[][] _leaves;
    private readonly NaiveTree[] _trees;

    public NaiveState(int records, int nodes, int edges)
    {
        _leaves =
        [
            [.. Enumerable.Range(0, records).Select(RecordLeaf)],
            [.. Enumerable.Range(0, nodes).Select(NodeLeaf)],
            [.. Enumerable.Range(0, edges).Select(EdgeLeaf)],
        ];
        _trees = [.. Enumerable.Range(1, 3).Select(kind =>
            NaiveTree.Over([.. _leaves[kind - 1].Select(leaf => NaiveInclusion.HashLeaf(kind, leaf.Bytes))]))];
    }

    public string Text(int kind, int id) => _leaves[kind - 1][id].Text;

    public Digest StateHash(params ulong[] counts) => Prove(1, 0, counts).StateHash();

    /// <param name="counts">Records, nodes and edges of the state: the first of those that there are.</param>
    public NaiveInclusion Prove(byte kind, int id, params ulong[] counts) => new(
        kind,
        Dimension,
        counts,
        [.. _trees.Select((tree, i) => tree.Root(counts[i]))],
        _leaves[kind - 1][id].Bytes,
        _trees[kind - 1].Path((ulong)id, counts[kind - 1]));

    /// <summary>What the verifier found, in the words of this class.</summary>
    public static string Describe(ProvenContent content) => content switch
    {
        ProvenRecord { Content: { } record } proven when proven.Id == record.Id =>
            DescribeRecord(record.Id.Value, record.Tag, record.Vector.ToArray(), record.Metadata?.ToArray())
                + DescribeAttributes(record.Key?.ToString(), record.Fields.IsEmpty ? null : record.Fields.Canonical.ToArray(), record.ExpiresAtUnixMicroseconds),
        ProvenNode { Content: { } node } proven when proven.Id == node.Id => DescribeNode(node.Id.Value, node.Kind.Value, node.Record?.Value),
        ProvenEdge { Content: { } edge } proven when proven.Id == edge.Id =>
            DescribeEdge(edge.Id.Value, edge.Kind.Value, edge.From.Value, edge.To.Value),
        ProvenRecord { Content: null } record => $"record {record.Id} deleted",
        ProvenNode { Content: null } node => $"node {node.Id} deleted",
        ProvenEdge { Content: null } edge => $"edge {edge.Id} deleted",
        _ => throw new InvalidOperationException($"two ids: {content}"),
    };

    public static string DescribeRecord(ulong id, ulong tag, int[] raw, byte[]? metadata) => string.Create(
        CultureInfo.InvariantCulture,
        $"record {id} tag {tag} raw {string.Join(' ', raw)} metadata {(metadata is null ? "none" : Convert.ToHexString(metadata))}");

    public static string DescribeAttributes(string? key, byte[]? fields, long? expiry) => key is null && fields is null && expiry is null ? ""
        : $" key {key ?? "none"} fields {(fields is null ? "none" : Convert.ToHexString(fields))} expires {expiry?.ToString(CultureInfo.InvariantCulture) ?? "never"}";

    public static string DescribeNode(ulong id, byte kind, ulong? record) => $"node {id} kind {kind} record {record}";

    public static string DescribeEdge(ulong id, byte kind, ulong from, ulong to) => $"edge {id} kind {kind} {from} -> {to}";

    public static byte[] RecordLeaf(ulong id, ulong tag, int[] raw, byte[]? metadata)
    {
        MemoryStream bytes = new();
        BinaryWriter writer = new(bytes);
        writer.Write((byte)1);
        writer.Write(id);
        writer.Write(tag);
        writer.Write(raw.Length);
        foreach (int value in raw) writer.Write(value);
        writer.Write(metadata is not null);
        if (metadata is not null)
        {
            writer.Write(metadata.Length);
            writer.Write(metadata);
        }
        return bytes.ToArray();
    }

    /// <summary>A record's leaf with attributes.</summary>
    public static byte[] Attributed(byte[] leaf, byte[]? key, byte[]? fields, long? expiry)
    {
        MemoryStream bytes = new();
        BinaryWriter writer = new(bytes);
        writer.Write((byte)2);
        writer.Write(leaf.AsSpan(1));
        writer.Write(key is not null);
        if (key is not null) writer.Write((ushort)key.Length);
        writer.Write(key ?? []);
        writer.Write(fields is not null);
        if (fields is not null) writer.Write((uint)fields.Length);
        writer.Write(fields ?? []);
        writer.Write(expiry is not null);
        if (expiry is { } microseconds) writer.Write(microseconds);
        return bytes.ToArray();
    }

    public static byte[] NodeLeaf(ulong id, byte kind, ulong? record) => record is { } recordId
        ? [1, .. BitConverter.GetBytes(id), kind, 1, .. BitConverter.GetBytes(recordId)]
        : [1, .. BitConverter.GetBytes(id), kind, 0];

    public static byte[] EdgeLeaf(ulong id, byte kind, ulong from, ulong to) =>
        [1, .. BitConverter.GetBytes(id), kind, .. BitConverter.GetBytes(from), .. BitConverter.GetBytes(to)];

    public static byte[] Tombstone(ulong id) => [0, .. BitConverter.GetBytes(id)];

    private static (byte[], string) RecordLeaf(int id)
    {
        if (id % 5 == 3) return (Tombstone((ulong)id), $"record {id} deleted");
        int[] raw = [id * 1_000 - 70_000, 5 - id];
        byte[]? metadata = (id % 4) switch
        {
            0 => null,
            1 => [],
            _ => [(byte)id, 0xFF, (byte)(id / 3)],
        };
        ulong tag = id % 7 == 0 ? ulong.MaxValue : (ulong)id % 3;
        byte[] leaf = RecordLeaf((ulong)id, tag, raw, metadata);
        string text = DescribeRecord((ulong)id, tag, raw, metadata);
        if (id % 6 != 5) return (leaf, text);
        // A bool "a", which is true.
        byte[]? fields = id > 5 ? [1, 0, 1, 0, (byte)'a', 1, 1] : null;
        string? key = id < 17 ? $"key {id}" : null;
        long? expiry = id > 5 ? 1_795_478_400_000_000 + id : null;
        return (Attributed(leaf, key is null ? null : System.Text.Encoding.UTF8.GetBytes(key), fields, expiry), text + DescribeAttributes(key, fields, expiry));
    }

    private static (byte[], string) NodeLeaf(int id)
    {
        if (id % 5 == 2) return (Tombstone((ulong)id), $"node {id} deleted");
        ulong? record = id % 3 == 0 ? null : (ulong)id / 2;
        return (NodeLeaf((ulong)id, (byte)(id * 37), record), DescribeNode((ulong)id, (byte)(id * 37), record));
    }

    private static (byte[], string) EdgeLeaf(int id)
    {
        if (id % 4 == 1) return (Tombstone((ulong)id), $"edge {id} deleted");
        ulong from = (ulong)id / 2, to = (ulong)id / 3;
        return (EdgeLeaf((ulong)id, (byte)(id * 91), from, to), DescribeEdge((ulong)id, (byte)(id * 91), from, to));
    }
}
