using System.Numerics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;
using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>
/// All records of a kernel. Ids fall into blocks of equal length, and each block has its segment: one of its own, in which a row is the id's
/// place in the block, or a packed one, which neighbouring blocks share.
/// </summary>
internal sealed partial class RecordTable : IKeyedRows
{
    // The headers of a value of metadata and of its bytes.
    private const int BytesOfAValue = 80;

    private readonly int _shift;
    private readonly ColumnMemory _memory = new();
    private readonly AttributeStore _attributes = new();

    // By block. Replaced when full; older arrays stay right for the segments that they hold.
    private volatile RecordSegment[] _segments = [];

    private long _metadataBytes;

    // Of the last full segment: alike data shares it.
    private volatile CoarseScale? _scale;

    public RecordTable(EngineSchema schema)
        : this(schema, new FieldIndex())
    {
    }

    internal RecordTable(EngineSchema schema, FieldIndex fields)
    {
        Schema = schema;
        Fields = fields;
        RowsPerSegment = RecordSegment.RowsPerSegment(Dimension);
        _shift = BitOperations.Log2((uint)RowsPerSegment);
        Keys = new KeyIndex(this);
        Expiries = new ExpiryIndex(this);
        KeyOrder = new KeyOrder(this);
        Columns = new FieldColumns(this);
    }

    public EngineSchema Schema { get; }

    public int Dimension => Schema.Dimension;

    public int RowsPerSegment { get; }

    /// <summary>Rows so far, tombstones included. The writer's own: readers use the count of their View.</summary>
    public ulong Count { get; private set; }

    /// <summary>Which rows have which tag.</summary>
    public TagIndex Tags { get; } = new();

    /// <summary>Which rows have had which value of a field.</summary>
    public FieldIndex Fields { get; }

    /// <summary>Which row has which key.</summary>
    public KeyIndex Keys { get; }

    /// <summary>Which row ends when. The writer's own.</summary>
    public ExpiryIndex Expiries { get; }

    /// <summary>The rows by key.</summary>
    public KeyOrder KeyOrder { get; }

    /// <summary>What filters read in place of the fields.</summary>
    public FieldColumns Columns { get; }

    /// <summary>Blocks that there are, and some that there may be.</summary>
    public int RoomForBlocks => _segments.Length;

    /// <summary>About what records, their metadata and attributes, their tags and keys take. The writer's own.</summary>
    public long ApproximateBytes =>
        _memory.AllocatedBytes + _metadataBytes + _attributes.Bytes + _attributes.Replaced.Bytes + Tags.ApproximateBytes + Keys.Bytes + KeyOrder.Bytes + Fields.Bytes + Columns.Bytes + Expiries.Bytes;

    /// <summary>Whether the fields and keys of so many records can be replaced once more. Writer thread only.</summary>
    public bool HasRoomToReplace(int records) => _attributes.Replaced.HasRoom(2 * (ulong)records) && Keys.HasRoomToReplace(records);

    /// <summary>The segment of a block.</summary>
    public RecordSegment Segment(int block) => _segments[block];

    /// <summary>Whether the block before has the same segment.</summary>
    public bool SharesSegmentWithPrevious(int block) => block > 0 && _segments[block] == _segments[block - 1];

    /// <summary>The block of a record id.</summary>
    public int BlockOf(uint id) => (int)(id >> _shift);

    /// <summary>The row of a record id in the segment of its block.</summary>
    public int Place(uint id, out int block)
    {
        block = (int)(id >> _shift);
        return _segments[block].RowOf(id, (uint)(RowsPerSegment - 1));
    }

    public RecordSegment Find(RecordId id, out int row)
    {
        RecordSegment segment = _segments[id.Value >> _shift];
        row = segment.RowOf((uint)id.Value, (uint)(RowsPerSegment - 1));
        return segment;
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

    /// <summary>Sets the attributes that a record comes with, and lets its key find it.</summary>
    /// <param name="key">Empty without one.</param>
    /// <param name="fields">Canonical, or empty without any.</param>
    /// <returns>The record that was the newest one with the key.</returns>
    public RecordId? SetFirstAttributes(RecordId id, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields, long? expiry, ulong version)
    {
        Find(id, out int row).SetFirstAttributes(row, _attributes.Add(key, fields, expiry));
        Fields.Append(id.Value, fields, before: []);
        if (expiry is { } at) Expiries.Add(id, at, version);
        return key.IsEmpty || Keys.Set(key, id.Value, version) is not { } before ? null : new RecordId(before);
    }

    /// <summary>Replaces the fields of a record. Its key and its expiry stay.</summary>
    /// <param name="fields">Canonical, or empty for none.</param>
    public void ReplaceFields(RecordId id, ReadOnlySpan<byte> fields, ulong version)
    {
        RecordSegment segment = Find(id, out int row);
        PackedAttributes before = segment.GetAttributes(row, version);
        segment.NoteReplacedFields(row, version);
        segment.ReplaceAttributes(row, _attributes.Add(before.Key, fields, before.ExpiresAtUnixMicroseconds), version);
        Fields.Append(id.Value, fields, before.Fields);
    }

    /// <summary>Replaces the expiry of a record. Its key and its fields stay.</summary>
    public void ReplaceExpiry(RecordId id, long? expiry, ulong version)
    {
        RecordSegment segment = Find(id, out int row);
        PackedAttributes before = segment.GetAttributes(row, version);
        segment.ReplaceAttributes(row, _attributes.Add(before.Key, before.Fields, expiry), version);
        if (expiry is { } at) Expiries.Add(id, at, version);
    }

    /// <summary>The key of a record, live or deleted; empty without one.</summary>
    public ReadOnlySpan<byte> KeyOf(RecordId id) => Find(id, out int row).GetKey(row);

    ReadOnlySpan<byte> IKeyedRows.KeyOf(ulong row) => KeyOf(new RecordId(row));

    /// <summary>A segment that is not part of the table yet: one that a snapshot holds is filled, then appended.</summary>
    public RecordSegment NewSegment() => new(Schema, _memory, _attributes);

    /// <summary>Appends a segment that holds the vectors and norms of its live rows, one after the other. The last one was full.</summary>
    /// <param name="live">Of each row, whether it is live.</param>
    /// <param name="tags">Of the live rows.</param>
    /// <param name="version">The version that the tombstones get.</param>
    public void Append(RecordSegment segment, ReadOnlySpan<bool> live, ReadOnlySpan<ulong> tags, ulong version)
    {
        Invariant.Holds((Count & (ulong)(RowsPerSegment - 1)) == 0);
        Add(segment);
        segment.Spread(live, tags, version);
        for (int row = 0, next = 0; row < live.Length; row++)
        {
            int run = live[row..].IndexOf(false);
            if (run < 0) run = live.Length - row;
            Tags.Append(Count + (ulong)row, tags.Slice(next, run));
            next += run;
            row += run;
        }
        Count += (ulong)live.Length;
    }

    /// <summary>
    /// Makes the coarse form of a full segment. Many threads may do so for many segments, before a View of those is read: which
    /// scale is the last one then depends on who comes first, and any that fits will do. Answers are exact whatever it is.
    /// </summary>
    public void Coarsen(RecordSegment segment) => _scale = segment.Coarsen(_scale) ?? _scale;

    private RecordSegment SegmentWithRoom(out int row)
    {
        row = (int)(Count & (ulong)(RowsPerSegment - 1));
        if (row == 0) Add(NewSegment());
        return _segments[Count >> _shift];
    }

    private void Add(RecordSegment segment)
    {
        int index = checked((int)(Count >> _shift));
        RecordSegment[] segments = _segments;
        if (index >= segments.Length) Array.Resize(ref segments, Math.Max(4, segments.Length * 2));
        segments[index] = segment;
        _segments = segments;
    }
}
