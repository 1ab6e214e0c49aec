using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The compression function of BLAKE3 (the BLAKE3 paper, section 2.2) in portable scalar code: seven rounds with the
/// message words in the order that the permutation gives, all state in locals.
/// </summary>
internal static class Compression
{
    public const uint ChunkStart = 1;
    public const uint ChunkEnd = 2;
    public const uint Parent = 4;
    public const uint Root = 8;
    public const uint KeyedHash = 16;
    public const uint DeriveKeyContext = 32;
    public const uint DeriveKeyMaterial = 64;

    public const int BlockBytes = 64;
    public const int ChunkBytes = 1024;

    /// <summary>The first words of SHA-256's initial value.</summary>
    public static ReadOnlySpan<uint> InitialValue =>
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    /// <summary>Compresses a block of 64 bytes (zero-padded) into the chaining value, in place.</summary>
    public static void Compress(Span<uint> chainingValue, ReadOnlySpan<byte> block, ulong counter, uint blockLength, uint flags)
    {
        Span<uint> state = stackalloc uint[16];
        Mix(chainingValue, block, counter, blockLength, flags, state);
        for (int i = 0; i < 8; i++) chainingValue[i] = state[i] ^ state[i + 8];
    }

    /// <summary>Gives all 64 bytes of a root's output block.</summary>
    public static void CompressToOutput(
        ReadOnlySpan<uint> chainingValue, ReadOnlySpan<byte> block, ulong counter, uint blockLength, uint flags, Span<uint> output)
    {
        Mix(chainingValue, block, counter, blockLength, flags, output);
        for (int i = 0; i < 8; i++)
        {
            output[i] ^= output[i + 8];
            output[i + 8] ^= chainingValue[i];
        }
    }

    /// <summary>Compresses an input of 0 to 1024 bytes, a chunk or a parent, into the chaining value, in place.</summary>
    public static void CompressInput(
        Span<uint> chainingValue, ReadOnlySpan<byte> input, ulong counter, uint flags, uint firstBlockFlags, uint lastBlockFlags)
    {
        uint blockFlags = flags | firstBlockFlags;
        while (input.Length > BlockBytes)
        {
            Compress(chainingValue, input[..BlockBytes], counter, BlockBytes, blockFlags);
            input = input[BlockBytes..];
            blockFlags = flags;
        }
        blockFlags |= lastBlockFlags;
        if (input.Length == BlockBytes)
        {
            Compress(chainingValue, input, counter, BlockBytes, blockFlags);
            return;
        }
        Span<byte> block = stackalloc byte[BlockBytes];
        input.CopyTo(block);
        Compress(chainingValue, block, counter, (uint)input.Length, blockFlags);
    }

    private static void Mix(ReadOnlySpan<uint> chainingValue, ReadOnlySpan<byte> block, ulong counter, uint blockLength, uint flags, Span<uint> state)
    {
        ReadOnlySpan<uint> m = MemoryMarshal.Cast<byte, uint>(block);
        uint m15 = m[15], m14 = m[14], m13 = m[13], m12 = m[12], m11 = m[11], m10 = m[10], m9 = m[9], m8 = m[8];
        uint m7 = m[7], m6 = m[6], m5 = m[5], m4 = m[4], m3 = m[3], m2 = m[2], m1 = m[1], m0 = m[0];
        uint s7 = chainingValue[7], s6 = chainingValue[6], s5 = chainingValue[5], s4 = chainingValue[4];
        uint s3 = chainingValue[3], s2 = chainingValue[2], s1 = chainingValue[1], s0 = chainingValue[0];
        uint s8 = 0x6A09E667, s9 = 0xBB67AE85, s10 = 0x3C6EF372, s11 = 0xA54FF53A;
        uint s12 = (uint)counter, s13 = (uint)(counter >> 32), s14 = blockLength, s15 = flags;

        Quarter(ref s0, ref s4, ref s8, ref s12, m0, m1);
        Quarter(ref s1, ref s5, ref s9, ref s13, m2, m3);
        Quarter(ref s2, ref s6, ref s10, ref s14, m4, m5);
        Quarter(ref s3, ref s7, ref s11, ref s15, m6, m7);
        Quarter(ref s0, ref s5, ref s10, ref s15, m8, m9);
        Quarter(ref s1, ref s6, ref s11, ref s12, m10, m11);
        Quarter(ref s2, ref s7, ref s8, ref s13, m12, m13);
        Quarter(ref s3, ref s4, ref s9, ref s14, m14, m15);

        Quarter(ref s0, ref s4, ref s8, ref s12, m2, m6);
        Quarter(ref s1, ref s5, ref s9, ref s13, m3, m10);
        Quarter(ref s2, ref s6, ref s10, ref s14, m7, m0);
        Quarter(ref s3, ref s7, ref s11, ref s15, m4, m13);
        Quarter(ref s0, ref s5, ref s10, ref s15, m1, m11);
        Quarter(ref s1, ref s6, ref s11, ref s12, m12, m5);
        Quarter(ref s2, ref s7, ref s8, ref s13, m9, m14);
        Quarter(ref s3, ref s4, ref s9, ref s14, m15, m8);

        Quarter(ref s0, ref s4, ref s8, ref s12, m3, m4);
        Quarter(ref s1, ref s5, ref s9, ref s13, m10, m12);
        Quarter(ref s2, ref s6, ref s10, ref s14, m13, m2);
        Quarter(ref s3, ref s7, ref s11, ref s15, m7, m14);
        Quarter(ref s0, ref s5, ref s10, ref s15, m6, m5);
        Quarter(ref s1, ref s6, ref s11, ref s12, m9, m0);
        Quarter(ref s2, ref s7, ref s8, ref s13, m11, m15);
        Quarter(ref s3, ref s4, ref s9, ref s14, m8, m1);

        Quarter(ref s0, ref s4, ref s8, ref s12, m10, m7);
        Quarter(ref s1, ref s5, ref s9, ref s13, m12, m9);
        Quarter(ref s2, ref s6, ref s10, ref s14, m14, m3);
        Quarter(ref s3, ref s7, ref s11, ref s15, m13, m15);
        Quarter(ref s0, ref s5, ref s10, ref s15, m4, m0);
        Quarter(ref s1, ref s6, ref s11, ref s12, m11, m2);
        Quarter(ref s2, ref s7, ref s8, ref s13, m5, m8);
        Quarter(ref s3, ref s4, ref s9, ref s14, m1, m6);

        Quarter(ref s0, ref s4, ref s8, ref s12, m12, m13);
        Quarter(ref s1, ref s5, ref s9, ref s13, m9, m11);
        Quarter(ref s2, ref s6, ref s10, ref s14, m15, m10);
        Quarter(ref s3, ref s7, ref s11, ref s15, m14, m8);
        Quarter(ref s0, ref s5, ref s10, ref s15, m7, m2);
        Quarter(ref s1, ref s6, ref s11, ref s12, m5, m3);
        Quarter(ref s2, ref s7, ref s8, ref s13, m0, m1);
        Quarter(ref s3, ref s4, ref s9, ref s14, m6, m4);

        Quarter(ref s0, ref s4, ref s8, ref s12, m9, m14);
        Quarter(ref s1, ref s5, ref s9, ref s13, m11, m5);
        Quarter(ref s2, ref s6, ref s10, ref s14, m8, m12);
        Quarter(ref s3, ref s7, ref s11, ref s15, m15, m1);
        Quarter(ref s0, ref s5, ref s10, ref s15, m13, m3);
        Quarter(ref s1, ref s6, ref s11, ref s12, m0, m10);
        Quarter(ref s2, ref s7, ref s8, ref s13, m2, m6);
        Quarter(ref s3, ref s4, ref s9, ref s14, m4, m7);

        Quarter(ref s0, ref s4, ref s8, ref s12, m11, m15);
        Quarter(ref s1, ref s5, ref s9, ref s13, m5, m0);
        Quarter(ref s2, ref s6, ref s10, ref s14, m1, m9);
        Quarter(ref s3, ref s7, ref s11, ref s15, m8, m6);
        Quarter(ref s0, ref s5, ref s10, ref s15, m14, m10);
        Quarter(ref s1, ref s6, ref s11, ref s12, m2, m12);
        Quarter(ref s2, ref s7, ref s8, ref s13, m3, m4);
        Quarter(ref s3, ref s4, ref s9, ref s14, m7, m13);

        state[15] = s15;
        state[14] = s14;
        state[13] = s13;
        state[12] = s12;
        state[11] = s11;
        state[10] = s10;
        state[9] = s9;
        state[8] = s8;
        state[7] = s7;
        state[6] = s6;
        state[5] = s5;
        state[4] = s4;
        state[3] = s3;
        state[2] = s2;
        state[1] = s1;
        state[0] = s0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
    {
        a += b + x;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a += b + y;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }
}
