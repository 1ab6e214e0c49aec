using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>How a table begins anew with what was live in an older one at a version, block after block. Writer thread only.</summary>
internal sealed partial class RecordTable
{
    // Of segments that the older table has too, what is beside the slabs.
    private long _sharedColumnBytes;

    /// <summary>Of <see cref="ApproximateBytes"/>, what the older table has too: columns, and the slabs that they lie in.</summary>
    public long SharedBytes => _memory.SharedBytes + _sharedColumnBytes;

    /// <summary>About what vectors and their coarse forms take.</summary>
    public long VectorBytes => _memory.AllocatedBytes - (long)(Count - IdsWithoutRow) * RecordSegment.BytesBesideVectors;

    /// <summary>
    /// About what a table takes that begins anew with what is live now, whatever it copies of full segments. Metadata, which it has from this
    /// one, is not counted, nor is what readers make: columns of fields and the order of the keys.
    /// </summary>
    /// <param name="live">Records.</param>
    /// <param name="attributed">Those of them that have attributes.</param>
    public long BytesWhenNew(ulong live, ulong attributed)
    {
        ulong rows = Count - IdsWithoutRow;
        if (rows == 0) return 0;
        RecordSegment last = _segments[(Count - 1) >> _shift];
        long lists = Tags.ApproximateBytes + Fields.Bytes + Expiries.Bytes;
        return (last.Ids is null ? last.ColumnBytes : 0) + (long)live * RecordSegment.BytesBesideVectors
            + Math.Min(_metadataBytes, (long)live * BytesOfAValue)
            + _attributes.Bytes - _attributes.LeftBytes
            + (long)(lists * ((double)live / rows)) + KeyIndex.BytesFor((int)Math.Min((ulong)Keys.Count, attributed));
    }

    /// <summary>A record was deleted or got other attributes: those that it had are left for the past. Writer thread only.</summary>
    public void LeaveAttributes(PackedAttributes attributes) => _attributes.Leave(attributes.Bytes.Length);

    /// <summary>Ids of packed segments that have no row: no View of this table shows them.</summary>
    public ulong IdsWithoutRow { get; private set; }

    /// <summary>The rows that live. Writer thread only; one look at each segment.</summary>
    public ulong CountLive()
    {
        ulong live = 0;
        int blocks = (int)((Count + (ulong)RowsPerSegment - 1) >> _shift);
        for (int block = 0; block < blocks; block++)
        {
            RecordSegment segment = _segments[block];
            int rows = segment.Ids is null ? (int)Math.Min((ulong)RowsPerSegment, Count - ((ulong)block << _shift)) : segment.Capacity;
            if (!SharesSegmentWithPrevious(block)) live += (ulong)segment.CountLive(rows);
        }
        return live;
    }

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
        RecordSegment segment = Find(id, out _);
        return segment.ColumnBytes / segment.Capacity + ContentBytesOf(id, version);
    }

    /// <summary>About what the metadata and attributes of a record take.</summary>
    public long ContentBytesOf(RecordId id, ulong version)
    {
        RecordSegment segment = Find(id, out int row);
        return (segment.GetMetadata(row, version) is { } value ? value.Length + BytesOfAValue : 0) + segment.GetAttributes(row, version).Bytes.Length;
    }

    /// <summary>Takes over the segment of some blocks, which is full, with all its rows. As for the other two, contents come later: <see cref="CopyContents"/>.</summary>
    public void Share(RecordTable older, int block, int blocks, ulong version)
    {
        RecordSegment from = older.Segment(block);
        Add(from.Share(_memory, _attributes, version), blocks);
        if (from.Ids is { } ids) IdsWithoutRow += ((ulong)blocks << _shift) - (ulong)ids.Length;
        // Deletions are its own.
        _sharedColumnBytes += 2L * sizeof(ulong) * from.Capacity + (long)sizeof(uint) * (from.Ids?.Length ?? 0);
    }

    /// <summary>Takes over the live rows of some blocks in a segment of their own: at most <see cref="RecordSegment.MaximumPackedRows"/>.</summary>
    public void Pack(RecordTable older, int block, int blocks, ulong version)
    {
        List<(RecordSegment From, int Row, uint Id)> rows = [.. older.LiveRows(block, blocks, version)];
        RecordSegment packed = RecordSegment.Pack(Schema, _memory, _attributes, rows);
        if (rows.Count > 0) Coarsen(packed);
        Add(packed, blocks);
        IdsWithoutRow += ((ulong)blocks << _shift) - (ulong)rows.Count;
    }

    /// <summary>Copies the segment of a block, which is full and has no dead rows.</summary>
    public void CopyFull(RecordTable older, int block, ulong version)
    {
        RecordSegment copy = older.Segment(block).Copy(_memory, _attributes, RowsPerSegment, version);
        Coarsen(copy);
        Add(copy, 1);
    }

    /// <summary>Takes over the last block, which is not full.</summary>
    public void CopyLast(RecordTable older, int block, ulong slots, ulong version)
    {
        ulong first = (ulong)block << _shift;
        RecordSegment from = older.Segment(block);
        Add(from.Copy(_memory, _attributes, (int)(slots - first), version), 1);
        Count = slots;
    }

    private void Add(RecordSegment segment, int blocks)
    {
        for (int i = 0; i < blocks; i++)
        {
            Add(segment);
            Count += (ulong)RowsPerSegment;
        }
    }

    /// <summary>
    /// Takes over tags, metadata and attributes of the live rows of some blocks, whose segment is there: a row for each element, which is
    /// about the bytes of the row's metadata and attributes. They are of any size, so a step may end after any row.
    /// </summary>
    public IEnumerable<long> CopyContents(RecordTable older, int block, int blocks, ulong version)
    {
        foreach ((RecordSegment segment, int row, uint id) in LiveRows(block, blocks, version))
        {
            // The rest of the last segment is empty.
            if (id >= Count) yield break;
            RecordId record = new(id);
            Tags.Append(id, segment.Tags.AsSpan(row, 1));
            RecordSegment from = older.Find(record, out int fromRow);
            byte[]? metadata = from.GetMetadata(fromRow, version);
            if (metadata is not null) SetMetadata(record, metadata, version);
            yield return SetFirstAttributes(record, from, fromRow, version) + (metadata?.Length ?? 0);
        }
    }

    private int SetFirstAttributes(RecordId record, RecordSegment from, int fromRow, ulong version)
    {
        PackedAttributes attributes = from.GetAttributes(fromRow, version);
        if (!attributes.IsNone) SetFirstAttributes(record, attributes.Key, attributes.Fields, attributes.ExpiresAtUnixMicroseconds, version);
        return attributes.Bytes.Length;
    }

    /// <summary>The live rows of some blocks by id, without a look at ids that have no row.</summary>
    private IEnumerable<(RecordSegment Segment, int Row, uint Id)> LiveRows(int block, int blocks, ulong version)
    {
        for (int i = block; i < block + blocks; i++)
        {
            if (i > block && SharesSegmentWithPrevious(i)) continue;
            RecordSegment segment = _segments[i];
            uint first = (uint)((ulong)i << _shift);
            int rows = segment.Ids?.Length ?? segment.Capacity;
            for (int row = 0; row < rows; row++)
            {
                if (segment.IsLive(row, version)) yield return (segment, row, segment.Ids?[row] ?? first + (uint)row);
            }
        }
    }
}
