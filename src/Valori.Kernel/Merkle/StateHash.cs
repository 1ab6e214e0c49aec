using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Merkle;

/// <summary>The state hash of docs/formats.md, section 6: a function of content alone. Frozen.</summary>
internal static class StateHash
{
    private const uint FormatVersion = 1;

    private static readonly HashContext Context = new("Valori 2026-11-22 v1 state root");

    /// <summary><c>u32 1, u32 dimension</c>, then for records, nodes, edges: <c>u64 count, 32-byte root</c>.</summary>
    public static Digest Compute(int dimension, in TreeHead records, in TreeHead nodes, in TreeHead edges)
    {
        Span<byte> bytes = stackalloc byte[8 + 3 * 40];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], dimension);
        WriteTree(bytes[8..], records);
        WriteTree(bytes[48..], nodes);
        WriteTree(bytes[88..], edges);
        return Context.Hash(bytes);
    }

    private static void WriteTree(Span<byte> bytes, in TreeHead tree)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, tree.Count);
        tree.Root.CopyTo(bytes[8..]);
    }
}
