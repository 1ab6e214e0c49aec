using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The compression function of BLAKE3, word by word (the BLAKE3 paper, section 2.2): the specification, portable. Seven rounds with the
/// message words in the order of the permutation.
/// </summary>
internal static class ScalarCompression
{
    /// <summary>Steps of what goes on beside one compression.</summary>
    public const int StepsBeside = 4;

    /// <summary>Compresses a block of 64 bytes (zero-padded) into the chaining value, in place.</summary>
    /// <param name="chainingValue">The first of 8 words.</param>
    /// <param name="block">The first of 64 bytes.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Compress(ref uint chainingValue, ref byte block, ulong counter, uint blockLength, uint flags)
    {
        Nothing nothing = default;
        Compress(ref chainingValue, ref block, 1, counter, blockLength, flags, 0, 0, ref nothing);
    }

    /// <summary>Compresses neighbouring whole blocks, one or more, into the chaining value, which stays in registers meanwhile.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void CompressBlocks(ref uint chainingValue, ref byte blocks, int count, ulong counter, uint flags, uint firstFlags, uint lastFlags)
    {
        Nothing nothing = default;
        Compress(ref chainingValue, ref blocks, count, counter, Compression.BlockBytes, flags, firstFlags, lastFlags, ref nothing);
    }

    /// <summary>
    /// Compresses a block in a chain of parents. The result is stored word by word, because the next compression reads it so, and need
    /// not wait.
    /// </summary>
    /// <param name="key">The first of 8 words.</param>
    /// <param name="block">The first of 64 bytes.</param>
    /// <param name="result">The first of 8 words.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void CompressParent(ref readonly uint key, ref readonly byte block, uint flags, ref uint result)
    {
        ref uint start = ref Unsafe.AsRef(in key);
        uint s0 = start, s1 = Unsafe.Add(ref start, 1), s2 = Unsafe.Add(ref start, 2), s3 = Unsafe.Add(ref start, 3);
        uint s4 = Unsafe.Add(ref start, 4), s5 = Unsafe.Add(ref start, 5), s6 = Unsafe.Add(ref start, 6), s7 = Unsafe.Add(ref start, 7);
        uint s8 = 0x6A09E667, s9 = 0xBB67AE85, s10 = 0x3C6EF372, s11 = 0xA54FF53A, s12 = 0, s13 = 0, s14 = Compression.BlockBytes, s15 = flags;
        Nothing nothing = default;
        Rounds(
            ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7,
            ref s8, ref s9, ref s10, ref s11, ref s12, ref s13, ref s14, ref s15,
            ref Unsafe.AsRef(in block),
            ref nothing);
        result = s0 ^ s8;
        Unsafe.Add(ref result, 1) = s1 ^ s9;
        Unsafe.Add(ref result, 2) = s2 ^ s10;
        Unsafe.Add(ref result, 3) = s3 ^ s11;
        Unsafe.Add(ref result, 4) = s4 ^ s12;
        Unsafe.Add(ref result, 5) = s5 ^ s13;
        Unsafe.Add(ref result, 6) = s6 ^ s14;
        Unsafe.Add(ref result, 7) = s7 ^ s15;
    }

    /// <summary>Compresses neighbouring blocks of one length, and does something else beside it.</summary>
    /// <param name="beside">Takes <see cref="StepsBeside"/> steps a block. The processor overlaps them if they take other units than words do.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Compress<TBeside>(
        ref uint chainingValue, ref byte block, int count, ulong counter, uint blockLength, uint flags, uint firstFlags, uint lastFlags, ref TBeside beside)
        where TBeside : struct, IBeside, allows ref struct
    {
        uint s0 = chainingValue, s1 = Unsafe.Add(ref chainingValue, 1), s2 = Unsafe.Add(ref chainingValue, 2), s3 = Unsafe.Add(ref chainingValue, 3);
        uint s4 = Unsafe.Add(ref chainingValue, 4), s5 = Unsafe.Add(ref chainingValue, 5), s6 = Unsafe.Add(ref chainingValue, 6), s7 = Unsafe.Add(ref chainingValue, 7);
        uint blockFlags = flags | firstFlags;
        while (true)
        {
            if (--count == 0) blockFlags |= lastFlags;
            uint s8 = 0x6A09E667, s9 = 0xBB67AE85, s10 = 0x3C6EF372, s11 = 0xA54FF53A;
            uint s12 = (uint)counter, s13 = (uint)(counter >> 32), s14 = blockLength, s15 = blockFlags;
            Rounds(
                ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7,
                ref s8, ref s9, ref s10, ref s11, ref s12, ref s13, ref s14, ref s15,
                ref block,
                ref beside);
            (s0, s1, s2, s3) = (s0 ^ s8, s1 ^ s9, s2 ^ s10, s3 ^ s11);
            (s4, s5, s6, s7) = (s4 ^ s12, s5 ^ s13, s6 ^ s14, s7 ^ s15);
            if (count == 0) break;
            block = ref Unsafe.Add(ref block, Compression.BlockBytes);
            blockFlags = flags;
        }
        // Stored at once: a copy of the whole value would wait until single words arrive in the cache.
        Vector256.Create(s0, s1, s2, s3, s4, s5, s6, s7).StoreUnsafe(ref chainingValue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds<TBeside>(
        ref uint s0, ref uint s1, ref uint s2, ref uint s3, ref uint s4, ref uint s5, ref uint s6, ref uint s7,
        ref uint s8, ref uint s9, ref uint s10, ref uint s11, ref uint s12, ref uint s13, ref uint s14, ref uint s15,
        ref byte block,
        ref TBeside beside)
        where TBeside : struct, IBeside, allows ref struct
    {
        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 0, 1);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 2, 3);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 4, 5);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 6, 7);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 8, 9);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 10, 11);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 12, 13);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 14, 15);
        beside.Step();

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 2, 6);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 3, 10);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 7, 0);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 4, 13);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 1, 11);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 12, 5);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 9, 14);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 15, 8);
        beside.Step();

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 3, 4);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 10, 12);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 13, 2);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 7, 14);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 6, 5);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 9, 0);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 11, 15);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 8, 1);
        beside.Step();

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 10, 7);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 12, 9);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 14, 3);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 13, 15);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 4, 0);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 11, 2);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 5, 8);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 1, 6);
        beside.Step();

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 12, 13);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 9, 11);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 15, 10);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 14, 8);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 7, 2);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 5, 3);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 0, 1);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 6, 4);

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 9, 14);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 11, 5);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 8, 12);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 15, 1);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 13, 3);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 0, 10);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 2, 6);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 4, 7);

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 11, 15);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 5, 0);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 1, 9);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 8, 6);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 14, 10);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 2, 12);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 3, 4);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 7, 13);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d, ref byte block, int x, int y)
    {
        a += Word(ref block, x);
        a += b;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a += Word(ref block, y);
        a += b;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }

    /// <summary>A word of a block, which may begin at any address.</summary>
    /// <remarks>
    /// On x86 volatile: the compiler would keep words for later rounds, in more memory than the state leaves registers, and take 1.05
    /// of the time. Elsewhere a volatile read is an acquiring load, which faults at an address that is not a multiple of 4 (Arm64).
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Word(ref byte block, int index)
    {
        ref byte word = ref Unsafe.Add(ref block, index * sizeof(uint));
        return X86Base.IsSupported ? Volatile.Read(ref Unsafe.As<byte, uint>(ref word)) : Unsafe.ReadUnaligned<uint>(ref word);
    }

    private readonly struct Nothing : IBeside
    {
        public void Step()
        {
        }
    }
}
