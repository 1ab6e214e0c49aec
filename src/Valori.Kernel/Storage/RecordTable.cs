using System.Numerics;
using System.Runtime.InteropServices;
using Valori.Kernel.Search;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Storage;

/// <summary>All records of a kernel: segments of equal capacity, so a record id is a segment and a row in it.</summary>
internal sealed class RecordTable
{
    // The headers of a value of metadata and of its bytes.
    private const int BytesOfAValue = 64;

    private readonly int _shift;
    private readonly ColumnMemory _memory = new();

    // Replaced when full; older arrays stay right for the segments that they hold.
    private volatile RecordSegment[] _segments = [];

    private long _metadataBytes;

    // Of the last full segment: alike data shares it.
    private volatile CoarseScale? _scale;

    // While many segments come at once: those whose coarse form is being made.
    private List<Task>? _coarsening;

    public RecordTable(int dimension)
    {
        Dimension = dimension;
        RowsPerSegment = RecordSegment.RowsPerSegment(dimension);
        _shift = BitOperations.Log2((uint)RowsPerSegment);
    }

    public int Dimension { get; }

    public int RowsPerSegment { get; }

    /// <summary>Rows so far, tombstones included. The writer's own: readers use the count of their View.</summary>
    public ulong Count { get; private set; }

    /// <summary>Which rows have which tag.</summary>
    public TagIndex Tags { get; } = new();

    /// <summary>About what records, their metadata and their tags take. The writer's own.</summary>
    public long ApproximateBytes => _memory.AllocatedBytes + _metadataBytes + Tags.ApproximateBytes;

    public RecordSegment Segment(int index) => _segments[index];

    /// <summary>The row of a record id and, in <paramref name="segment"/>, the index of its segment.</summary>
    public int Place(uint id, out int segment)
    {
        segment = (int)(id >> _shift);
        return (int)(id & (uint)(RowsPerSegment - 1));
    }

    public RecordSegment Find(RecordId id, out int row)
    {
        row = (int)(id.Value & (ulong)(RowsPerSegment - 1));
        return _segments[id.Value >> _shift];
    }

    /// <summary>Appends one record for each tag, with the block's vectors from <paramref name="firstBlockRow"/> on.</summary>
    public void Append(VectorBlock block, int firstBlockRow, ReadOnlySpan<ulong> tags)
    {
        Tags.Append(Count, tags);
        while (tags.Length > 0)
        {
            RecordSegment segment = SegmentWithRoom(out int row);
            int rows = Math.Min(tags.Length, RowsPerSegment - row);
            segment.Append(row, block, firstBlockRow, tags[..rows]);
            if (row + rows == RowsPerSegment) Coarsen(segment);
            firstBlockRow += rows;
            tags = tags[rows..];
            Count += (ulong)rows;
        }
    }

    public void SetMetadata(RecordId id, byte[] value, ulong version)
    {
        Find(id, out int row).SetMetadata(row, value, version);
        _metadataBytes += value.Length + BytesOfAValue;
    }

    public void AppendTombstone(ulong version)
    {
        RecordSegment segment = SegmentWithRoom(out int row);
        segment.AppendTombstone(row, version);
        if (row + 1 == RowsPerSegment) Coarsen(segment);
        Count++;
    }

    /// <summary>From here on the thread pool makes the coarse forms, until <see cref="FinishCoarsening"/>. No View may be read before.</summary>
    public void BeginCoarsening() => _coarsening = [];

    /// <summary>Waits for the coarse forms.</summary>
    public void FinishCoarsening()
    {
        Task.WaitAll(CollectionsMarshal.AsSpan(_coarsening));
        _coarsening = null;
    }

    private void Coarsen(RecordSegment segment)
    {
        if (_coarsening is null || _scale is null) _scale = segment.Coarsen(_scale) ?? _scale;
        // Which scale is the last one depends on who comes first. Any that fits will do: answers are exact whatever it is.
        else _coarsening.Add(Task.Run(() => _scale = segment.Coarsen(_scale) ?? _scale));
    }

    private RecordSegment SegmentWithRoom(out int row)
    {
        int index = checked((int)(Count >> _shift));
        row = (int)(Count & (ulong)(RowsPerSegment - 1));
        if (row == 0)
        {
            RecordSegment[] segments = _segments;
            if (index >= segments.Length) Array.Resize(ref segments, Math.Max(4, segments.Length * 2));
            segments[index] = new RecordSegment(Dimension, _memory);
            _segments = segments;
        }
        return _segments[index];
    }
}
