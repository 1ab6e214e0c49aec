using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The chaining values of complete subtrees, left to right, as the BLAKE3 paper's section 5.1.2 keeps them: after n chunks
/// there is one for each 1 bit of n. 54 levels are enough for 2^64 bytes.
/// </summary>
[InlineArray(54 * 8)]
internal struct ChainingValueStack
{
    private uint _first;

    /// <summary>Adds the value of a finished chunk, or of a finished subtree, merging the subtrees that it completes.</summary>
    /// <param name="chunksBefore">Chunks added before; a multiple of <paramref name="chunks"/>.</param>
    /// <param name="chunks">Chunks under the value: a power of two.</param>
    /// <param name="value">The chaining value; holds that of the largest subtree completed afterwards.</param>
    public void Push(scoped ReadOnlySpan<uint> key, uint flags, ulong chunksBefore, ulong chunks, scoped Span<uint> value)
    {
        Span<uint> stack = this;
        int depth = BitOperations.PopCount(chunksBefore);
        for (ulong completed = chunksBefore / chunks; (completed & 1) != 0; completed >>= 1)
            Merge(key, flags, stack.Slice(--depth * 8, 8), value);
        value.CopyTo(stack[(depth * 8)..]);
    }

    /// <summary>The block (left value, right value) of the parent at a stack level.</summary>
    public static void ParentBlock(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right, Span<byte> block)
    {
        MemoryMarshal.AsBytes(left).CopyTo(block);
        MemoryMarshal.AsBytes(right).CopyTo(block[32..]);
    }

    /// <summary>Replaces the right value by the parent of both.</summary>
    public static void Merge(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<uint> left, Span<uint> right)
    {
        Span<byte> block = stackalloc byte[Compression.BlockBytes];
        ParentBlock(left, right, block);
        key.CopyTo(right);
        Compression.Compress(right, block, 0, Compression.BlockBytes, flags | Compression.Parent);
    }
}
