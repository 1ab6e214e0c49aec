using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The compression function of BLAKE3 (the BLAKE3 paper, section 2.2), by the code that this processor is fastest with.
/// <see cref="ScalarCompression"/> is the specification; rows of the state in registers (<see cref="RowCompression"/>) return the same words.
/// </summary>
internal static class Compression
{
    public const uint ChunkStart = 1;
    public const uint ChunkEnd = 2;
    public const uint Parent = 4;
    public const uint Root = 8;
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

    /// <summary>Whether single blocks are compressed by rows.</summary>
    public static readonly bool PrefersRows = RowCompression.IsSupported && AmdFamily() < FirstFamilyOfTwoCycles;

    /// <summary>Compresses a block of 64 bytes (zero-padded) into the chaining value, in place.</summary>
    public static void Compress(Span<uint> chainingValue, ReadOnlySpan<byte> block, ulong counter, uint blockLength, uint flags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chainingValue.Length, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(block.Length, BlockBytes);
        Compress(ref MemoryMarshal.GetReference(chainingValue), ref MemoryMarshal.GetReference(block), counter, blockLength, flags);
    }

    /// <summary>Compresses a block of 64 bytes that is a whole input into another place than the key's.</summary>
    public static void CompressParent(ReadOnlySpan<uint> key, ReadOnlySpan<byte> block, uint flags, Span<uint> result)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(block.Length, BlockBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(result.Length, 8);
        if (!PrefersRows)
        {
            ScalarCompression.CompressParent(
                ref MemoryMarshal.GetReference(key), ref MemoryMarshal.GetReference(block), flags, ref MemoryMarshal.GetReference(result));
            return;
        }
        Span<uint> value = stackalloc uint[8];
        key[..8].CopyTo(value);
        Compress(value, block, 0, BlockBytes, flags);
        value.CopyTo(result);
    }

    /// <summary>Compresses an input of 0 to 1024 bytes, a chunk or a parent, into the chaining value, in place.</summary>
    public static void CompressInput(
        Span<uint> chainingValue, ReadOnlySpan<byte> input, ulong counter, uint flags, uint firstBlockFlags, uint lastBlockFlags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chainingValue.Length, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, ChunkBytes);
        ref uint value = ref MemoryMarshal.GetReference(chainingValue);
        int whole = input.Length / BlockBytes, rest = input.Length % BlockBytes;
        // An empty input is one block of padding.
        bool isPadded = rest > 0 || whole == 0;
        if (whole > 0) CompressBlocks(ref value, ref MemoryMarshal.GetReference(input), whole, counter, flags, firstBlockFlags, isPadded ? 0 : lastBlockFlags);
        if (isPadded) CompressPadded(ref value, input[^rest..], counter, flags | (whole == 0 ? firstBlockFlags : 0) | lastBlockFlags);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CompressBlocks(ref uint value, ref byte block, int count, ulong counter, uint flags, uint firstFlags, uint lastFlags)
    {
        if (!PrefersRows)
        {
            ScalarCompression.CompressBlocks(ref value, ref block, count, counter, flags, firstFlags, lastFlags);
            return;
        }
        uint blockFlags = flags | firstFlags;
        for (; count > 1; count--)
        {
            RowCompression.Compress(ref value, ref block, counter, BlockBytes, blockFlags);
            block = ref Unsafe.Add(ref block, BlockBytes);
            blockFlags = flags;
        }
        RowCompression.Compress(ref value, ref block, counter, BlockBytes, blockFlags | lastFlags);
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
        else ScalarCompression.Compress(ref chainingValue, ref block, counter, blockLength, flags);
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
