using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Blake3;

/// <summary>
/// Incremental BLAKE3, in the shape of the Blake3 package so that the package could take its place. The default mode is
/// the plain hash; keyed hashing and key derivation are the other two modes of the BLAKE3 paper, section 2.3. Not
/// thread-safe. A mutable struct: pass it by reference.
/// </summary>
public struct Hasher : IDisposable
{
    private ChainingValueStack _stack;
    private Words8 _key;
    private Words8 _chunk;
    private Block _block;
    private ulong _chunks;
    private int _blocksInChunk;
    private int _blockLength;
    private uint _flags;

    /// <summary>A hasher in the plain mode.</summary>
    public static Hasher New() => New(Compression.InitialValue, 0);

    /// <summary>A hasher keyed by 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Hasher NewKeyed(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32) throw new ArgumentException($"a key has 32 bytes, not {key.Length}", nameof(key));
        return New(MemoryMarshal.Cast<byte, uint>(key), Compression.KeyedHash);
    }

    /// <summary>A hasher that derives keys in the given context.</summary>
    public static Hasher NewDeriveKey(string context) => new HashContext(context).NewHasher();

    /// <summary>The hash of an input that is there as a whole.</summary>
    public static Digest Hash(ReadOnlySpan<byte> input)
    {
        Hasher hasher = New();
        hasher.Update(input);
        return hasher.Finalize();
    }

    internal static Hasher New(ReadOnlySpan<uint> key, uint flags)
    {
        Hasher hasher = new() { _flags = flags };
        key.CopyTo(hasher._key);
        key.CopyTo(hasher._chunk);
        return hasher;
    }

    /// <summary>Takes the next part of the input.</summary>
    public void Update(ReadOnlySpan<byte> input)
    {
        while (input.Length > 0)
        {
            // A block is compressed only when a byte behind it is known: the last one needs the end flags.
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
        Span<byte> bytes = stackalloc byte[Digest.SizeBytes];
        Finalize(bytes);
        return Digest.Read(bytes);
    }

    /// <summary>As many bytes of the extendable output as the span is long. More input may follow.</summary>
    public readonly void Finalize(Span<byte> output)
    {
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
        WriteOutput(chainingValue, block, length, flags | Compression.Root, output);
    }

    /// <summary>Forgets the input; mode and key stay.</summary>
    public void Reset() => this = New(_key, _flags);

    /// <summary>Nothing to release; here because the package has it.</summary>
    public readonly void Dispose()
    {
    }

    private readonly uint StartFlag => _blocksInChunk == 0 ? Compression.ChunkStart : 0;

    private static void WriteOutput(ReadOnlySpan<uint> chainingValue, ReadOnlySpan<byte> block, uint length, uint flags, Span<byte> output)
    {
        Span<uint> words = stackalloc uint[16];
        for (ulong counter = 0; output.Length > 0; counter++)
        {
            Compression.CompressToOutput(chainingValue, block, counter, length, flags, words);
            int part = Math.Min(output.Length, Compression.BlockBytes);
            MemoryMarshal.AsBytes(words)[..part].CopyTo(output);
            output = output[part..];
        }
    }

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
