using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Valori.Kernel.Blake3;

/// <summary>
/// The rest of a chunk, compressed by rows, a round a step, beside another chunk whose blocks are compressed word by word. Vectors and
/// words have units of their own, so both go on at once.
/// </summary>
internal ref struct RowsBeside : IBeside
{
    private const int Rounds = 7;

    private readonly ref uint _chainingValue;
    private readonly ref byte _lastBlock;
    private readonly uint _lastLength;
    private readonly uint _flags;
    private readonly uint _counter;
    private Vector128<uint> _a, _b, _c, _d;
    private Vector128<uint> _w0, _w1, _w2, _w3;
    private ref byte _block;
    private int _blocks;
    private int _rounds;

    /// <param name="chainingValue">Of the chunk so far; takes that of the whole chunk.</param>
    /// <param name="rest">Of the chunk, 1 byte or more.</param>
    /// <param name="counter">The chunk's number.</param>
    /// <param name="flags">Those of the mode.</param>
    /// <param name="firstFlags">Those of the first of these blocks.</param>
    /// <param name="lastBlock">Memory for the last block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowsBeside(ref uint chainingValue, ReadOnlySpan<byte> rest, uint counter, uint flags, uint firstFlags, Span<byte> lastBlock)
    {
        _chainingValue = ref chainingValue;
        _block = ref MemoryMarshal.GetReference(rest);
        _blocks = BlocksOf(rest.Length);
        (_counter, _flags) = (counter, flags);
        _lastLength = (uint)(rest.Length - (_blocks - 1) * Compression.BlockBytes);
        _lastBlock = ref MemoryMarshal.GetReference(lastBlock);
        lastBlock.Clear();
        rest[^(int)_lastLength..].CopyTo(lastBlock);
        _a = Vector128.LoadUnsafe(ref chainingValue);
        _b = Vector128.LoadUnsafe(ref chainingValue, 4);
        Begin(firstFlags);
    }

    /// <summary>Blocks of a second chunk of so many bytes.</summary>
    public static int BlocksOf(int bytes) => (bytes + Compression.BlockBytes - 1) / Compression.BlockBytes;

    /// <summary>Whether so many blocks end not later than the blocks of the other chunk.</summary>
    public static bool Fit(int blocks, int blocksOfOther) => blocks * Rounds <= blocksOfOther * ScalarCompression.StepsBeside;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Step()
    {
        if (_blocks == 0) return;
        RowRounds<Rows128, Lanes128, Vector128<uint>>.Round(ref _a, ref _b, ref _c, ref _d, _w0, _w1, _w2, _w3);
        RowRounds<Rows128, Lanes128, Vector128<uint>>.Permute(ref _w0, ref _w1, ref _w2, ref _w3);
        if (--_rounds > 0) return;
        (_a, _b) = (_a ^ _c, _b ^ _d);
        if (--_blocks > 0)
        {
            _block = ref Unsafe.Add(ref _block, Compression.BlockBytes);
            Begin(0);
            return;
        }
        _a.StoreUnsafe(ref _chainingValue);
        _b.StoreUnsafe(ref _chainingValue, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin(uint blockFlags)
    {
        uint length = Compression.BlockBytes, flags = _flags | blockFlags;
        if (_blocks == 1)
        {
            _block = ref _lastBlock;
            (length, flags) = (_lastLength, flags | Compression.ChunkEnd);
        }
        _c = Vector128.Create(0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A);
        _d = Vector128.Create(_counter, 0, length, flags);
        (_w0, _w1, _w2, _w3) = RowRounds<Rows128, Lanes128, Vector128<uint>>.InOrderOfFirstRound(
            RowCompression.Words(ref _block, 0), RowCompression.Words(ref _block, 16), RowCompression.Words(ref _block, 32), RowCompression.Words(ref _block, 48));
        _rounds = Rounds;
    }
}
