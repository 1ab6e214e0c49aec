using System.Runtime.InteropServices;

namespace Valori.Kernel.Blake3;

/// <summary>The chaining value of a complete subtree of a long message: all chunks at once, then level after level.</summary>
internal static class Subtree
{
    /// <summary>Chunks of the largest subtree taken at once: enough for every register width to stay full up the levels.</summary>
    public const int MaximumChunks = 64;

    /// <summary>Hashes 2 to <see cref="MaximumChunks"/> whole chunks, a power of two, that are not the whole message.</summary>
    public static void Hash(ReadOnlySpan<uint> key, uint flags, ulong firstChunk, ReadOnlySpan<byte> chunks, Span<uint> chainingValue)
    {
        int count = chunks.Length / Compression.ChunkBytes;
        Span<byte> values = stackalloc byte[MaximumChunks * Digest.SizeBytes];
        HashJob leaves = new()
        {
            Key = key,
            Length = Compression.ChunkBytes,
            InputStride = Compression.ChunkBytes,
            Counter = firstChunk,
            CounterStep = 1,
            Flags = flags,
            FirstBlockFlags = Compression.ChunkStart,
            LastBlockFlags = Compression.ChunkEnd,
        };
        ManyHasher.Hash(leaves, chunks, count, values);

        HashJob parents = new()
        {
            Key = key,
            Length = Compression.BlockBytes,
            InputStride = Compression.BlockBytes,
            Flags = flags | Compression.Parent,
        };
        while ((count /= 2) > 0) ManyHasher.Hash(parents, values, count, values);
        MemoryMarshal.Cast<byte, uint>(values[..Digest.SizeBytes]).CopyTo(chainingValue);
    }
}
