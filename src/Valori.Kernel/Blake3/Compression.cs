using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The compression function of BLAKE3 (the BLAKE3 paper, section 2.2). <see cref="CompressScalar"/> is the specification:
/// portable, seven rounds with the message words in the order that the permutation gives. Rows of the state in registers
/// (<see cref="RowCompression"/>) give the same words.
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

    // A compression is one long chain, so the latency of an instruction decides. AMD's family 26 (Zen 5) takes two cycles for a
    // vector instruction: 76 ns a block, where scalar code takes 53. Elsewhere vector instructions take one (docs/adr/0016).
    private const int FirstFamilyOfTwoCycles = 26;

    private static readonly bool PrefersRows = RowCompression.IsSupported && AmdFamily() < FirstFamilyOfTwoCycles;

    /// <summary>Compresses a block of 64 bytes (zero-padded) into the chaining value, in place.</summary>
    public static void Compress(Span<uint> chainingValue, ReadOnlySpan<byte> block, ulong counter, uint blockLength, uint flags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chainingValue.Length, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(block.Length, BlockBytes);
        Compress(ref MemoryMarshal.GetReference(chainingValue), ref MemoryMarshal.GetReference(block), counter, blockLength, flags);
    }

    /// <summary>Compresses an input of 0 to 1024 bytes, a chunk or a parent, into the chaining value, in place.</summary>
    public static void CompressInput(
        Span<uint> chainingValue, ReadOnlySpan<byte> input, ulong counter, uint flags, uint firstBlockFlags, uint lastBlockFlags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chainingValue.Length, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, ChunkBytes);
        ref uint value = ref MemoryMarshal.GetReference(chainingValue);
        ref byte block = ref MemoryMarshal.GetReference(input);
        int rest = input.Length;
        uint blockFlags = flags | firstBlockFlags;
        for (; rest > BlockBytes; rest -= BlockBytes)
        {
            Compress(ref value, ref block, counter, BlockBytes, blockFlags);
            block = ref Unsafe.Add(ref block, BlockBytes);
            blockFlags = flags;
        }
        if (rest == BlockBytes) Compress(ref value, ref block, counter, BlockBytes, blockFlags | lastBlockFlags);
        else CompressPadded(ref value, input[^rest..], counter, blockFlags | lastBlockFlags);
    }

    // Apart, so that whole blocks do not pay for the memory on the stack.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CompressPadded(ref uint chainingValue, ReadOnlySpan<byte> input, ulong counter, uint flags)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        input.CopyTo(block);
        Compress(ref chainingValue, ref MemoryMarshal.GetReference(block), counter, (uint)input.Length, flags);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compress(ref uint chainingValue, ref byte block, ulong counter, uint blockLength, uint flags)
    {
        if (PrefersRows) RowCompression.Compress(ref chainingValue, ref block, counter, blockLength, flags);
        else CompressScalar(ref chainingValue, ref block, counter, blockLength, flags);
    }

    /// <summary>The specification of <see cref="Compress(Span{uint}, ReadOnlySpan{byte}, ulong, uint, uint)"/>.</summary>
    /// <param name="chainingValue">The first of 8 words.</param>
    /// <param name="block">The first of 64 bytes.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void CompressScalar(ref uint chainingValue, ref byte block, ulong counter, uint blockLength, uint flags)
    {
        uint s0 = chainingValue, s1 = Unsafe.Add(ref chainingValue, 1), s2 = Unsafe.Add(ref chainingValue, 2), s3 = Unsafe.Add(ref chainingValue, 3);
        uint s4 = Unsafe.Add(ref chainingValue, 4), s5 = Unsafe.Add(ref chainingValue, 5), s6 = Unsafe.Add(ref chainingValue, 6), s7 = Unsafe.Add(ref chainingValue, 7);
        uint s8 = 0x6A09E667, s9 = 0xBB67AE85, s10 = 0x3C6EF372, s11 = 0xA54FF53A;
        uint s12 = (uint)counter, s13 = (uint)(counter >> 32), s14 = blockLength, s15 = flags;

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 0, 1);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 2, 3);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 4, 5);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 6, 7);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 8, 9);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 10, 11);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 12, 13);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 14, 15);

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 2, 6);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 3, 10);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 7, 0);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 4, 13);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 1, 11);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 12, 5);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 9, 14);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 15, 8);

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 3, 4);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 10, 12);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 13, 2);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 7, 14);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 6, 5);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 9, 0);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 11, 15);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 8, 1);

        Quarter(ref s0, ref s4, ref s8, ref s12, ref block, 10, 7);
        Quarter(ref s1, ref s5, ref s9, ref s13, ref block, 12, 9);
        Quarter(ref s2, ref s6, ref s10, ref s14, ref block, 14, 3);
        Quarter(ref s3, ref s7, ref s11, ref s15, ref block, 13, 15);
        Quarter(ref s0, ref s5, ref s10, ref s15, ref block, 4, 0);
        Quarter(ref s1, ref s6, ref s11, ref s12, ref block, 11, 2);
        Quarter(ref s2, ref s7, ref s8, ref s13, ref block, 5, 8);
        Quarter(ref s3, ref s4, ref s9, ref s14, ref block, 1, 6);

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

        // Stored at once: a copy of the whole value would wait until single words arrive in the cache.
        Vector256.Create(s0 ^ s8, s1 ^ s9, s2 ^ s10, s3 ^ s11, s4 ^ s12, s5 ^ s13, s6 ^ s14, s7 ^ s15).StoreUnsafe(ref chainingValue);
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

    /// <summary>AMD's number of the processor's generation; 0 for others, and if rows are not supported.</summary>
    private static int AmdFamily()
    {
        const int authenticAmdLastLetters = 0x444D4163; // "cAMD"
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Ecx != authenticAmdLastLetters) return 0;
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = signature >> 8 & 0xF;
        return family == 0xF ? family + (signature >> 20 & 0xFF) : family;
    }
}
