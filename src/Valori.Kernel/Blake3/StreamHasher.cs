using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Blake3;

/// <summary>
/// BLAKE3 of an input that comes in parts. Whole subtrees are taken side by side, which is why this is not the Blake3 package's
/// hasher (docs/adr/0016 in Valori's repository). Not thread-safe. A mutable struct: pass it by reference.
/// </summary>
internal struct StreamHasher
{
    private ChainingValueStack _stack;
    private Words8 _key;
    private Words8 _chunk;
    private Block _block;
    private ulong _chunks;
    private int _blocksInChunk;
    private int _blockLength;
    private uint _flags;

    /// <param name="key">The eight words that every chunk and parent starts from.</param>
    /// <param name="flags">Those of the mode.</param>
    internal StreamHasher(ReadOnlySpan<uint> key, uint flags)
    {
        _flags = flags;
        key.CopyTo(_key);
        key.CopyTo(_chunk);
    }

    /// <summary>Takes the next part of the input.</summary>
    public void Update(ReadOnlySpan<byte> input)
    {
        while (input.Length > 0)
        {
            // A block is compressed only when a byte after it is known: the last one needs the end flags.
            if (_blockLength == Compression.BlockBytes) CompressBlock();
            if (_blockLength == 0 && _blocksInChunk == 0 && input.Length > 2 * Compression.ChunkBytes) input = UpdateSubtrees(input);
            if (_blockLength == 0 && input.Length > Compression.BlockBytes)
            {
                input = UpdateWholeBlocks(input);
                continue;
            }
            int length = Math.Min(Compression.BlockBytes - _blockLength, input.Length);
            input[..length].CopyTo(((Span<byte>)_block)[_blockLength..]);
            _blockLength += length;
            input = input[length..];
        }
    }

    /// <summary>The hash of the input so far. More input may follow.</summary>
    public readonly Digest Finalize()
    {
        // A default value is one that no constructor made: only the plain mode has no flags, and its key is not 0.
        Invariant.Holds(_flags != 0 || _key[0] != 0);
        Span<uint> chainingValue = stackalloc uint[8];
        Span<byte> block = stackalloc byte[Compression.BlockBytes];
        ((ReadOnlySpan<uint>)_chunk).CopyTo(chainingValue);
        ((ReadOnlySpan<byte>)_block)[.._blockLength].CopyTo(block);
        ulong counter = _chunks;
        uint length = (uint)_blockLength;
        uint flags = _flags | StartFlag | Compression.ChunkEnd;

        // Fold the open chunk with the subtrees on its left; the last compression, held back, is the root's.
        for (int depth = BitOperations.PopCount(_chunks) - 1; depth >= 0; depth--)
        {
            Compression.Compress(chainingValue, block, counter, length, flags);
            ChainingValueStack.ParentBlock(((ReadOnlySpan<uint>)_stack).Slice(depth * 8, 8), chainingValue, block);
            ((ReadOnlySpan<uint>)_key).CopyTo(chainingValue);
            (counter, length, flags) = (0, Compression.BlockBytes, _flags | Compression.Parent);
        }
        Compression.Compress(chainingValue, block, counter, length, flags | Compression.Root);
        return Digest.Read(MemoryMarshal.AsBytes(chainingValue));
    }

    private readonly uint StartFlag => _blocksInChunk == 0 ? Compression.ChunkStart : 0;

    /// <summary>
    /// Takes chunks from a chunk's boundary on as the largest complete subtrees that they make up, but never the last byte:
    /// the root's compression needs a flag of its own.
    /// </summary>
    private ReadOnlySpan<byte> UpdateSubtrees(ReadOnlySpan<byte> input)
    {
        while (true)
        {
            int chunks = Math.Min(Subtree.MaximumChunks, (int)BitOperations.RoundUpToPowerOf2((uint)(input.Length - 1) / Compression.ChunkBytes + 1) / 2);
            // A subtree of 2^k chunks starts at a multiple of 2^k.
            if (_chunks != 0) chunks = Math.Min(chunks, 1 << Math.Min(BitOperations.TrailingZeroCount(_chunks), 30));
            if (chunks < 2) return input;
            int length = chunks * Compression.ChunkBytes;
            Subtree.Hash(_key, _flags, _chunks, input[..length], _chunk);
            _stack.Push(_key, _flags, _chunks, (ulong)chunks, _chunk);
            _chunks += (ulong)chunks;
            ((ReadOnlySpan<uint>)_key).CopyTo(_chunk);
            input = input[length..];
        }
    }

    /// <summary>Takes whole blocks, but never the last byte, up to the chunk's end at most.</summary>
    private ReadOnlySpan<byte> UpdateWholeBlocks(ReadOnlySpan<byte> input)
    {
        do
        {
            CompressBlock(input[..Compression.BlockBytes]);
            input = input[Compression.BlockBytes..];
        }
        while (input.Length > Compression.BlockBytes && _blocksInChunk > 0);
        return input;
    }

    private void CompressBlock()
    {
        CompressBlock(_block);
        _blockLength = 0;
    }

    /// <summary>Compresses a whole block that is not the input's last.</summary>
    private void CompressBlock(ReadOnlySpan<byte> block)
    {
        const int blocksPerChunk = Compression.ChunkBytes / Compression.BlockBytes;
        bool endsChunk = _blocksInChunk == blocksPerChunk - 1;
        uint flags = _flags | StartFlag | (endsChunk ? Compression.ChunkEnd : 0);
        Compression.Compress(_chunk, block, _chunks, Compression.BlockBytes, flags);
        _blocksInChunk++;
        if (!endsChunk) return;
        _stack.Push(_key, _flags, _chunks, 1, _chunk);
        _chunks++;
        _blocksInChunk = 0;
        ((ReadOnlySpan<uint>)_key).CopyTo(_chunk);
    }

    [InlineArray(8)]
    private struct Words8
    {
        private uint _first;
    }

    [InlineArray(Compression.BlockBytes)]
    private struct Block
    {
        private byte _first;
    }
}
