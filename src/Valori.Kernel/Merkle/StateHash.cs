using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Merkle;

/// <summary>The state hash (section 6 of docs/formats.md in Valori's repository): a function of content alone. Frozen.</summary>
internal static class StateHash
{
    private const uint FormatVersion = 1;
    private const uint SchemaFormatVersion = 2;
    private const int SchemaHeadBytes = 10;

    private static readonly HashContext Context = new("Valori 2026-11-22 v1 state root");
    private static readonly HashContext SchemaContext = new("Valori 2026-11-28 v2 state root");

    /// <summary>
    /// <c>u32 1, u32 dimension</c>, or <c>u32 2, u32 dimension, u8 metric, i8 scale exponent</c> if the schema has more than a dimension;
    /// then for records, nodes, edges: <c>u64 count, 32-byte root</c>.
    /// </summary>
    public static Digest Compute(EngineSchema schema, in TreeHead records, in TreeHead nodes, in TreeHead edges)
    {
        int head = schema.IsDefault ? 8 : SchemaHeadBytes;
        Span<byte> room = stackalloc byte[SchemaHeadBytes + 3 * 40], bytes = room[..(head + 3 * 40)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, schema.IsDefault ? FormatVersion : SchemaFormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], schema.Dimension);
        if (!schema.IsDefault) (bytes[8], bytes[9]) = ((byte)schema.Metric, (byte)schema.ScaleExponent);
        WriteTree(bytes[head..], records);
        WriteTree(bytes[(head + 40)..], nodes);
        WriteTree(bytes[(head + 80)..], edges);
        return (schema.IsDefault ? Context : SchemaContext).Hash(bytes);
    }

    private static void WriteTree(Span<byte> bytes, in TreeHead tree)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, tree.Count);
        tree.Root.CopyTo(bytes[8..]);
    }
}
