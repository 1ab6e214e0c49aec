using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>
/// A message of two chunks, which the leaf of a record of 384 components is. Both are compressed side by side as long as the
/// second one lasts, in the time of one.
/// </summary>
internal static class TwoChunks
{
    /// <summary>Whether <see cref="Hash"/> may be called.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>The chaining values of both chunks, neither the root.</summary>
    /// <param name="key">Eight words.</param>
    /// <param name="flags">Those of the mode.</param>
    /// <param name="message">1,025 to 2,048 bytes.</param>
    /// <param name="chainingValues">Takes 16 words.</param>
    public static void Hash(ReadOnlySpan<uint> key, uint flags, ReadOnlySpan<byte> message, Span<uint> chainingValues)
    {
        int second = message.Length - Compression.ChunkBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(second, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(second, Compression.ChunkBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(chainingValues.Length, 16);
        int done = HashWhileBothLast(
            ref MemoryMarshal.GetReference(key), flags, ref MemoryMarshal.GetReference(message), second, ref MemoryMarshal.GetReference(chainingValues));
        if (done < Compression.ChunkBytes)
            Compression.CompressInput(chainingValues, message[done..Compression.ChunkBytes], 0, flags, 0, Compression.ChunkEnd);
    }

    /// <returns>Bytes of the first chunk that are hashed: whole blocks.</returns>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static unsafe int HashWhileBothLast(ref uint key, uint flags, ref byte first, int secondLength, ref uint chainingValues)
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
            if (rest > Compression.BlockBytes)
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
            return done + Compression.BlockBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Words(ref byte first, ref byte second, nuint offset) =>
        Vector256.Create(Vector128.LoadUnsafe(ref first, offset).AsUInt32(), Vector128.LoadUnsafe(ref second, offset).AsUInt32());
}
