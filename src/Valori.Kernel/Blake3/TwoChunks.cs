using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>
/// A message of two chunks, which the leaf of a record of 384 components is. If rows are fast, both chunks are compressed side by side as
/// long as the second one lasts, in the time of one. If words are faster, the first chunk is compressed word by word, and the second one
/// by rows beside it (<see cref="RowsBeside"/>).
/// </summary>
internal static class TwoChunks
{
    private const int BlocksOfChunk = Compression.ChunkBytes / Compression.BlockBytes;

    /// <summary>Whether this processor has what it takes.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>The chaining values of both chunks, neither the root.</summary>
    /// <param name="key">Eight words.</param>
    /// <param name="flags">Those of the mode.</param>
    /// <param name="message">1,025 to 2,048 bytes.</param>
    /// <param name="chainingValues">Takes 16 words.</param>
    public static void Hash(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> message, Span<uint> chainingValues) =>
        Hash(key, flags, message, chainingValues, Compression.PrefersRows);

    /// <param name="prefersRows">Decides how, not what.</param>
    internal static void Hash(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> message, Span<uint> chainingValues, bool prefersRows)
    {
        int second = message.Length - Compression.ChunkBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(second, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(second, Compression.ChunkBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(chainingValues.Length, 16);
        int blocks = RowsBeside.BlocksOf(second), together = blocks;
        // Rows that would not be done beside the words of the first chunk are done side by side before.
        if (!prefersRows)
        {
            for (together = 0; !RowsBeside.Fit(blocks - together, BlocksOfChunk - together);) together++;
        }
        ref byte first = ref MemoryMarshal.GetReference(message);
        ref uint values = ref MemoryMarshal.GetReference(chainingValues);
        if (together > 0)
        {
            HashTogether(ref MemoryMarshal.GetReference(key), flags, ref first, second, together, ref values);
        }
        else
        {
            key[..8].CopyTo(chainingValues);
            key[..8].CopyTo(chainingValues[8..]);
        }
        int done = together * Compression.BlockBytes;
        uint firstFlags = together == 0 ? Compression.ChunkStart : 0;
        if (together < blocks)
            HashBeside(ref values, flags, firstFlags, ref Unsafe.Add(ref first, done), BlocksOfChunk - together, message[(Compression.ChunkBytes + done)..]);
        else if (together < BlocksOfChunk)
            Compression.CompressInput(chainingValues, message[done..Compression.ChunkBytes], 0, flags, 0, Compression.ChunkEnd);
    }

    /// <summary>Takes the rest of both chunks: the first one's word by word.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void HashBeside(ref uint chainingValues, uint flags, uint firstFlags, ref byte first, int firstBlocks, ReadOnlySpan<byte> second)
    {
        Span<byte> lastBlock = stackalloc byte[Compression.BlockBytes];
        RowsBeside beside = new(ref Unsafe.Add(ref chainingValues, 8), second, 1, flags, firstFlags, lastBlock);
        ScalarCompression.Compress(ref chainingValues, ref first, firstBlocks, 0, Compression.BlockBytes, flags, firstFlags, Compression.ChunkEnd, ref beside);
    }

    /// <summary>Takes the first blocks of both chunks side by side.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static unsafe void HashTogether(ref uint key, uint flags, ref byte first, int secondLength, int blocks, ref uint chainingValues)
    {
        ref byte second = ref Unsafe.Add(ref first, Compression.ChunkBytes);
        Vector256<uint> a = Vector256.Create(Vector128.LoadUnsafe(ref key)), b = Vector256.Create(Vector128.LoadUnsafe(ref key, 4));
        byte* padded = stackalloc byte[Compression.BlockBytes];
        uint firstFlags = flags | Compression.ChunkStart, secondFlags = firstFlags;
        for (int done = 0; ; done += Compression.BlockBytes)
        {
            int rest = secondLength - done;
            if (rest <= Compression.BlockBytes)
            {
                Span<byte> block = new(padded, Compression.BlockBytes);
                block.Clear();
                MemoryMarshal.CreateReadOnlySpan(ref second, rest).CopyTo(block);
                second = ref *padded;
                secondFlags |= Compression.ChunkEnd;
                if (done == Compression.ChunkBytes - Compression.BlockBytes) firstFlags |= Compression.ChunkEnd;
            }
            Vector256<uint> c = Vector256.Create(Vector128.Create(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A));
            Vector256<uint> d = Vector256.Create(0, 0, Compression.BlockBytes, firstFlags, 1, 0, (uint)Math.Min(rest, Compression.BlockBytes), secondFlags);
            RowRounds<Rows256, Lanes256, Vector256<uint>>.Run(
                ref a,
                ref b,
                ref c,
                ref d,
                Words(ref first, ref second, 0),
                Words(ref first, ref second, 16),
                Words(ref first, ref second, 32),
                Words(ref first, ref second, 48));
            (a, b) = (a ^ c, b ^ d);
            if (--blocks > 0)
            {
                first = ref Unsafe.Add(ref first, Compression.BlockBytes);
                second = ref Unsafe.Add(ref second, Compression.BlockBytes);
                firstFlags = secondFlags = flags;
                continue;
            }
            a.GetLower().StoreUnsafe(ref chainingValues);
            b.GetLower().StoreUnsafe(ref chainingValues, 4);
            a.GetUpper().StoreUnsafe(ref chainingValues, 8);
            b.GetUpper().StoreUnsafe(ref chainingValues, 12);
            return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Words(ref byte first, ref byte second, nuint offset) =>
        Vector256.Create(Vector128.LoadUnsafe(ref first, offset).AsUInt32(), Vector128.LoadUnsafe(ref second, offset).AsUInt32());
}
