using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Merkle;

/// <summary>
/// The leaves of the records of one dimension, with the memory to lay out their bytes in. The leaves of a batch have equal
/// lengths, so they are hashed side by side, as are those that have equal lengths with metadata and attributes.
/// </summary>
internal sealed class RecordLeaves
{
    // As many as the widest register has lanes; at dimension 384 their bytes still fit the first cache.
    public const int LeavesPerGroup = 16;

    // Of segments: how many are sorted at once, and the mark of those with attributes in a sort key, below the length.
    private const int RowsAtOnce = 256;
    private const ulong IsAttributed = 1UL << 16;

    // From here on, a leaf alone fills the lanes with its chunks.
    private const int LongestSideBySide = 16 * Compression.ChunkBytes;

    private readonly int _dimension;
    private readonly int _stride;
    private byte[] _bytes = [];

    public RecordLeaves(int dimension)
    {
        _dimension = dimension;
        // Whole blocks apart: a load of 16 bytes then never crosses a cache line, if the array starts at a multiple of 16.
        _stride = (Leaves.RecordBytes(dimension, null) + Compression.BlockBytes - 1) & -Compression.BlockBytes;
    }

    /// <summary>The leaf of one record, with metadata if it has any.</summary>
    public Digest Hash(RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata) => Hash(id, tag, raw, metadata, default);

    /// <summary>The leaf of one record, with metadata and attributes if it has any.</summary>
    public Digest Hash(RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata, in PackedAttributes attributes)
    {
        int length = Leaves.RecordBytes(_dimension, metadata?.Length, attributes);
        Reserve(length);
        Span<byte> leaf = _bytes.AsSpan(0, length);
        Leaves.WriteRecord(leaf, id, tag, raw, metadata, attributes);
        return Leaves.ContextOfRecord(leaf).Hash(leaf);
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

    /// <summary>The leaves of rows of a segment, live or deleted, as of a version.</summary>
    /// <param name="firstId">The id of the first one: the next ones follow it, unless the segment is packed.</param>
    /// <param name="firstRow">The row of the first one.</param>
    /// <param name="leaves">Takes one leaf for each record.</param>
    public void Hash(RecordId firstId, RecordSegment segment, int firstRow, Span<Digest> leaves, ulong version)
    {
        for (; leaves.Length > 0; leaves = leaves[Math.Min(leaves.Length, RowsAtOnce)..])
        {
            HashSorted(firstId, segment, firstRow, leaves[..Math.Min(leaves.Length, RowsAtOnce)], version);
            firstId = new RecordId(firstId.Value + RowsAtOnce);
            firstRow += RowsAtOnce;
        }
    }

    /// <summary>
    /// Leaves that are equally long are hashed side by side. Those with attributes seldom are, so the rows are sorted by it first: of 256,
    /// most then have company.
    /// </summary>
    // A single insert would pay for clearing 2 kB.
    [SkipLocalsInit]
    private void HashSorted(RecordId firstId, RecordSegment segment, int firstRow, Span<Digest> leaves, ulong version)
    {
        Span<ulong> sorted = stackalloc ulong[RowsAtOnce];
        int count = 0;
        for (int i = 0; i < leaves.Length; i++)
        {
            int row = firstRow + i;
            if (!segment.IsLive(row, version))
            {
                leaves[i] = Leaves.RecordTombstone(IdOf(firstId, segment, firstRow, i));
                continue;
            }
            PackedAttributes attributes = segment.GetAttributes(row, version);
            int length = Leaves.RecordBytes(_dimension, segment.GetMetadata(row, version)?.Length, attributes);
            sorted[count++] = (ulong)length << 32 | (attributes.IsNone ? 0u : IsAttributed) | (uint)i;
        }
        sorted = sorted[..count];
        if (count > 1) sorted.Sort();
        while (sorted.Length > 0)
        {
            int length = (int)(sorted[0] >> 32);
            int group = 1, most = Math.Min(sorted.Length, length <= LongestSideBySide ? LeavesPerGroup : 1);
            while (group < most && (sorted[group] ^ sorted[0]) < IsAttributed) group++;
            HashGroup(firstId, segment, firstRow, sorted[..group], length, leaves, version);
            sorted = sorted[group..];
        }
    }

    /// <param name="group">Of equal length and context; the low bits say which.</param>
    [SkipLocalsInit]
    private void HashGroup(RecordId firstId, RecordSegment segment, int firstRow, ReadOnlySpan<ulong> group, int length, Span<Digest> leaves, ulong version)
    {
        int stride = (length + Compression.BlockBytes - 1) & -Compression.BlockBytes;
        Reserve(group.Length * stride);
        VectorColumn vectors = segment.Vectors!;
        for (int place = 0; place < group.Length; place++)
        {
            int i = (int)(group[place] & (IsAttributed - 1)), row = firstRow + i;
            Span<byte> leaf = _bytes.AsSpan(place * stride, length);
            vectors.CopyRow(row, _dimension, MemoryMarshal.Cast<byte, int>(Leaves.WriteRecordHead(leaf, IdOf(firstId, segment, firstRow, i), segment.Tags[row], _dimension)));
            Leaves.WriteRecordTail(leaf, _dimension, segment.GetMetadata(row, version), segment.GetAttributes(row, version));
        }
        Span<Digest> digests = stackalloc Digest[LeavesPerGroup];
        Leaves.ContextOfRecord(_bytes).HashMany(_bytes, length, stride, digests[..group.Length]);
        for (int place = 0; place < group.Length; place++) leaves[(int)(group[place] & (IsAttributed - 1))] = digests[place];
    }

    private static RecordId IdOf(RecordId firstId, RecordSegment segment, int firstRow, int i) =>
        new(segment.Ids is { } ids ? ids[firstRow + i] : firstId.Value + (ulong)i);

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
