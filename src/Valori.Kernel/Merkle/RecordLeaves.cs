using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Storage;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Merkle;

/// <summary>
/// The leaves of the records of one dimension, with the memory to lay out their bytes in. The leaves of a batch have equal
/// lengths, so they are hashed side by side.
/// </summary>
internal sealed class RecordLeaves
{
    // As many as the widest register has lanes; at dimension 384 their bytes still fit the first cache.
    public const int LeavesPerGroup = 16;

    private readonly int _dimension;
    private readonly int _stride;
    private byte[] _bytes;

    public RecordLeaves(int dimension)
    {
        _dimension = dimension;
        // Whole blocks apart: a load of 16 bytes then never crosses a cache line, if the array starts at a multiple of 16.
        _stride = (Leaves.RecordBytes(dimension, null) + Compression.BlockBytes - 1) & -Compression.BlockBytes;
        _bytes = new byte[_stride];
    }

    /// <summary>The leaf of one record, with metadata if it has any.</summary>
    public Digest Hash(RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata)
    {
        Reserve(Leaves.RecordBytes(_dimension, metadata?.Length));
        return Leaves.Record(id, tag, raw, metadata, _bytes);
    }

    /// <summary>The leaves of records without metadata, whose ids follow each other.</summary>
    /// <param name="firstId">The id of the first one.</param>
    /// <param name="tags">One for each record.</param>
    /// <param name="vectors">Holds the records' vectors, one after another.</param>
    /// <param name="firstRow">The row of the first one.</param>
    /// <param name="leaves">Takes one leaf for each record.</param>
    public void Hash(RecordId firstId, ReadOnlySpan<ulong> tags, VectorBlock vectors, int firstRow, Span<Digest> leaves)
    {
        Reserve(Math.Min(LeavesPerGroup, leaves.Length) * _stride);
        for (int first = 0; first < leaves.Length; first += LeavesPerGroup)
        {
            int count = Math.Min(LeavesPerGroup, leaves.Length - first);
            for (int i = 0; i < count; i++)
                vectors.CopyRow(firstRow + first + i, LayOut(i, new RecordId(firstId.Value + (ulong)(first + i)), tags[first + i]));
            HashLaidOut(leaves.Slice(first, count));
        }
    }

    /// <summary>The leaves of records of a segment that have no metadata, whose ids follow each other.</summary>
    /// <param name="firstId">The id of the first one.</param>
    /// <param name="firstRow">The row of the first one.</param>
    /// <param name="leaves">Takes one leaf for each record.</param>
    public void Hash(RecordId firstId, RecordSegment segment, int firstRow, Span<Digest> leaves)
    {
        Reserve(Math.Min(LeavesPerGroup, leaves.Length) * _stride);
        VectorColumn vectors = segment.Vectors!;
        for (int first = 0; first < leaves.Length; first += LeavesPerGroup)
        {
            int count = Math.Min(LeavesPerGroup, leaves.Length - first);
            for (int i = 0; i < count; i++)
            {
                int row = firstRow + first + i;
                vectors.CopyRow(row, _dimension, LayOut(i, new RecordId(firstId.Value + (ulong)(first + i)), segment.Tags[row]));
            }
            HashLaidOut(leaves.Slice(first, count));
        }
    }

    /// <summary>Writes a leaf into its place of a group, but for the raw values, whose place it returns.</summary>
    private Span<int> LayOut(int place, RecordId id, ulong tag)
    {
        Span<byte> leaf = _bytes.AsSpan(place * _stride, Leaves.RecordBytes(_dimension, null));
        leaf[^1] = 0; // no metadata
        return MemoryMarshal.Cast<byte, int>(Leaves.WriteRecordHead(leaf, id, tag, _dimension));
    }

    private void HashLaidOut(Span<Digest> leaves) =>
        Leaves.RecordContext.HashMany(_bytes, Leaves.RecordBytes(_dimension, null), _stride, leaves);

    private void Reserve(int bytes)
    {
        if (_bytes.Length < bytes) _bytes = new byte[bytes];
    }
}
