using System.Text;
using System.Text.Json.Nodes;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>An inclusion proof as its fields, with an encoding of its own after docs/formats.md, section 15. Nothing is checked.</summary>
internal sealed record NaiveInclusion(byte Kind, uint Dimension, ulong[] Counts, Digest[] Roots, byte[] Leaf, IReadOnlyList<Digest> Path)
{
    private static readonly HashContext State = new("Valori 2026-11-22 v1 state root");
    private static readonly HashContext SchemaState = new("Valori 2026-11-28 v2 state root");

    private static readonly HashContext[] LeafContexts =
    [
        new("Valori 2026-11-22 v1 record leaf"), new("Valori 2026-11-22 v1 node leaf"), new("Valori 2026-11-22 v1 edge leaf"),
    ];

    private static readonly HashContext[] AttributedLeafContexts =
    [
        new("Valori 2026-11-28 v1 attributed record leaf"), new("Valori 2026-11-28 v1 attributed node leaf"), new("Valori 2026-11-28 v1 attributed edge leaf"),
    ];

    private static readonly string[] Kinds = ["record", "node", "edge"];
    private static readonly string[] Trees = ["records", "nodes", "edges"];

    private static readonly string[] Metrics = ["l2", "cosine", "dot"];

    public byte Metric { get; init; }

    public sbyte ScaleExponent { get; init; }

    private uint Version => Metric == 0 && ScaleExponent == 0 ? 1u : 2u;

    public static Digest HashLeaf(int kind, byte[] leaf) => (leaf is [2, ..] ? AttributedLeafContexts : LeafContexts)[kind - 1].Hash(leaf);

    /// <summary>The state hash (docs/formats.md, section 6), over the roots of all three trees.</summary>
    public Digest StateHash()
    {
        MemoryStream bytes = new();
        BinaryWriter writer = new(bytes);
        writer.Write(Version);
        writer.Write(Dimension);
        WriteMetric(writer);
        for (int tree = 0; tree < 3; tree++)
        {
            writer.Write(Counts[tree]);
            writer.Write(Roots[tree].ToArray());
        }
        return (Version == 1 ? State : SchemaState).Hash(bytes.ToArray());
    }

    /// <summary>A proof about a state with one leaf of the kind, so that any leaf at all has its own state hash.</summary>
    public static NaiveInclusion OfOne(byte kind, uint dimension, byte[] leaf, ulong count = 1)
    {
        ulong[] counts = [9, 9, 9];
        Digest[] roots = [HashLeaf(1, [1]), HashLeaf(2, [2]), HashLeaf(3, [3])];
        counts[kind - 1] = count;
        roots[kind - 1] = HashLeaf(kind, leaf);
        return new NaiveInclusion(kind, dimension, counts, roots, leaf, []);
    }

    public byte[] ToBytes()
    {
        MemoryStream bytes = new();
        BinaryWriter writer = new(bytes);
        writer.Write("VALORIIP"u8);
        writer.Write(Version);
        writer.Write(Kind);
        writer.Write(Dimension);
        WriteMetric(writer);
        foreach (ulong count in Counts) writer.Write(count);
        for (int tree = 0; tree < 3; tree++)
        {
            if (tree != Kind - 1) writer.Write(Roots[tree].ToArray());
        }
        writer.Write((uint)Leaf.Length);
        writer.Write(Leaf);
        WritePath(writer, Path);
        return bytes.ToArray();
    }

    public JsonObject ToJson()
    {
        JsonObject json = new()
        {
            ["format"] = "valori-inclusion-proof",
            ["version"] = Version,
            ["kind"] = Kinds[Kind - 1],
            ["dimension"] = Dimension,
        };
        if (Version == 2)
        {
            json["metric"] = Metrics[Metric];
            json["scale_exponent"] = ScaleExponent;
        }
        for (int tree = 0; tree < 3; tree++)
        {
            JsonObject own = new() { ["count"] = Counts[tree] };
            if (tree != Kind - 1) own["root"] = Roots[tree].ToString();
            json[Trees[tree]] = own;
        }
        json["leaf"] = Convert.ToBase64String(Leaf);
        json["path"] = JsonPath(Path);
        return json;
    }

    public byte[] ToJsonBytes() => Encoding.UTF8.GetBytes(ToJson().ToJsonString());

    private void WriteMetric(BinaryWriter writer)
    {
        if (Version == 1) return;
        writer.Write(Metric);
        writer.Write(ScaleExponent);
    }

    public static void WritePath(BinaryWriter writer, IReadOnlyList<Digest> path)
    {
        writer.Write((byte)path.Count);
        foreach (Digest digest in path) writer.Write(digest.ToArray());
    }

    public static JsonArray JsonPath(IReadOnlyList<Digest> path) => new([.. path.Select(digest => (JsonNode)digest.ToString())]);
}
