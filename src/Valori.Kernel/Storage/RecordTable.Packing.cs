using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>How a table begins anew with what was live in an older one at a version, block after block. Writer thread only.</summary>
internal sealed partial class RecordTable
{
    /// <summary>Of <see cref="ApproximateBytes"/>, what lies in columns that the older table has too.</summary>
    public long SharedBytes { get; private set; }

    /// <summary>About all but the vectors: what a table that begins anew has to make, whatever it copies.</summary>
    public long BytesBesideVectors => ApproximateBytes - _memory.AllocatedBytes + (long)Count * 3 * sizeof(ulong);

    /// <summary>Ids of packed segments that have no row: no View of this table shows them.</summary>
    public ulong IdsWithoutRow { get; private set; }

    /// <summary>The first id from the given one on that has a row, live or not; the end if there is none below it.</summary>
    public ulong NextWithRow(ulong id, ulong end)
    {
        while (id < end)
        {
            if (_segments[id >> _shift].Ids is not { } ids) return id;
            int row = Array.BinarySearch(ids, (uint)id);
            if (row < 0) row = ~row;
            if (row < ids.Length) return Math.Min(ids[row], end);
            id = ((id >> _shift) + 1) << _shift;
        }
        return end;
    }

    /// <summary>About what the row of a record takes, with its metadata and attributes.</summary>
    public long BytesOf(RecordId id, ulong version)
    {
        RecordSegment segment = Find(id, out int row);
        return segment.ColumnBytes / segment.Capacity + (segment.GetMetadata(row, version) is { } value ? value.Length + BytesOfAValue : 0)
            + segment.GetAttributes(row, version).Bytes.Length;
    }

    /// <summary>Takes over the segment of some blocks, which is full, with all its rows.</summary>
    public void Share(RecordTable older, int block, int blocks, ulong version)
    {
        RecordSegment from = older.Segment(block);
        Add(from.Share(_memory, _attributes, version), blocks);
        if (from.Ids is { } ids) IdsWithoutRow += ((ulong)blocks << _shift) - (ulong)ids.Length;
        // Deletions are its own.
        SharedBytes += from.ColumnBytes - (long)sizeof(ulong) * from.Capacity;
        CopyContents(older, block, blocks, version);
    }

    /// <summary>Takes over the live rows of some blocks in a segment of their own: at most <see cref="RecordSegment.MaximumPackedRows"/>.</summary>
    public void Pack(RecordTable older, int block, int blocks, ulong version)
    {
        List<(RecordSegment From, int Row, uint Id)> rows = [];
        for (ulong id = (ulong)block << _shift, end = (ulong)(block + blocks) << _shift; id < end; id++)
        {
            RecordSegment from = older.Find(new RecordId(id), out int row);
            if (from.IsLive(row, version)) rows.Add((from, row, (uint)id));
        }
        RecordSegment packed = RecordSegment.Pack(Schema, _memory, _attributes, rows);
        if (rows.Count > 0) Coarsen(packed);
        Add(packed, blocks);
        IdsWithoutRow += ((ulong)blocks << _shift) - (ulong)rows.Count;
        CopyContents(older, block, blocks, version);
    }

    /// <summary>Takes over the last block, which is not full.</summary>
    public void CopyLast(RecordTable older, int block, ulong slots, ulong version)
    {
        ulong first = (ulong)block << _shift;
        RecordSegment from = older.Segment(block);
        Add(from.Copy(_memory, _attributes, (int)(slots - first), version), 1);
        Count = slots;
        CopyContents(older, block, 1, version);
    }

    private void Add(RecordSegment segment, int blocks)
    {
        for (int i = 0; i < blocks; i++)
        {
            Add(segment);
            Count += (ulong)RowsPerSegment;
        }
    }

    private void CopyContents(RecordTable older, int block, int blocks, ulong version)
    {
        for (ulong id = (ulong)block << _shift, end = Math.Min(Count, (ulong)(block + blocks) << _shift); id < end; id++)
        {
            RecordId record = new(id);
            RecordSegment segment = Find(record, out int row);
            if (!segment.IsLive(row, version)) continue;
            Tags.Append(id, segment.Tags.AsSpan(row, 1));
            RecordSegment from = older.Find(record, out int fromRow);
            if (from.GetMetadata(fromRow, version) is { } metadata) SetMetadata(record, metadata, version);
            PackedAttributes attributes = from.GetAttributes(fromRow, version);
            if (!attributes.IsNone) SetFirstAttributes(record, attributes.Key, attributes.Fields, attributes.ExpiresAtUnixMicroseconds, version);
        }
    }
}
