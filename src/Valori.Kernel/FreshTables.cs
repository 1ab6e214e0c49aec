using Valori.Kernel.Blake3;
using Valori.Kernel.Commands;
using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel;

/// <summary>
/// Tables that begin anew with what is live at one version of older ones, so that nothing of what was deleted or replaced before is left
/// in them. They are made in steps, while the older ones go on, and then catch up with the events that came meanwhile. Derived: ids,
/// answers and hashes are the same. Writer thread only.
/// </summary>
/// <remarks>
/// Every leaf of what is live is hashed anew from the content that was taken over, so the state hash proves that all of it is there.
/// </remarks>
internal sealed class FreshTables
{
    // A segment with fewer dead rows keeps its columns: one in so many.
    private const int LeastDeadFraction = 8;

    // Rows of a step that are not in a segment: less than a millisecond.
    private const int RowsOfAStep = 1024;

    // Of metadata and attributes, which are of any size: what a part takes over or hashes before the step may end.
    private const long ContentBytesOfAPart = 1 << 20;

    // What a row counts besides: about what its lists and its key cost.
    private const long ContentBytesOfARow = 512;

    // However much has come since the last step: others wait for it.
    private const long MostPartsOfAStep = 16;

    // Rows that a packed segment is looked for in: a fraction of a millisecond.
    private const long MostRowsLookedAt = 1 << 18;

    // What a step catches up with, besides twice what came since the last one.
    private const long BytesOfAStep = 64 << 10;

    // The tables are built before commands bring more than one in so many bytes of what is live: what is deleted meanwhile is there twice.
    private const int LargestGrowthFraction = 4;

    private readonly KernelTables _from;
    private readonly View _view;
    private readonly RecordLeaves _leaves;
    private readonly Queue<Part> _parts;
    private readonly Queue<Event> _missed = [];

    // The metadata and attributes of the newest segment, row by row.
    private IEnumerator<long>? _contents;

    // Since the last step.
    private long _newBytes;

    private long _missedBytes;

    // Of the growth that is left to the building, what each part may take.
    private readonly long _bytesPerPart;

    /// <param name="from">The older tables, which others may go on reading.</param>
    /// <param name="view">Their newest state.</param>
    /// <param name="mostCopiedBytes">Vectors of so many bytes are copied to free what is between them; those of other segments stay where they are.</param>
    public FreshTables(KernelTables from, View view, long mostCopiedBytes)
    {
        _from = from;
        _view = view;
        _leaves = new RecordLeaves(from.Dimension);
        Tables = new KernelTables(from.Schema) { Version = view.Version };
        _parts = new Queue<Part>(Plan(mostCopiedBytes));
        ulong parts = (ulong)_parts.Count + 2 + view.RecordSlots / (ulong)from.Records.RowsPerSegment + (view.NodeSlots + view.EdgeSlots) / RowsOfAStep;
        _bytesPerPart = Math.Max(1, (from.ApproximateBytes - from.FreeableBytes) / LargestGrowthFraction / (long)parts);
    }

    public KernelTables Tables { get; }

    /// <summary>What they take so far, besides what they share with the older ones, and the events that wait for them.</summary>
    public long Bytes => Tables.ApproximateBytes - Tables.Records.SharedBytes + _missedBytes;

    /// <summary>Remembers an event that the older tables have got.</summary>
    public void Add(Event happened)
    {
        _missed.Enqueue(happened);
        _newBytes += BytesOf(happened);
        _missedBytes += BytesOf(happened);
    }

    /// <summary>Makes a part of the tables, and more if much has come since the last step; or catches up with some events.</summary>
    /// <returns>Whether no event is missing.</returns>
    public bool Step()
    {
        long newBytes = _newBytes, bytes = BytesOfAStep + 2 * newBytes;
        _newBytes = 0;
        for (long parts = Math.Min(MostPartsOfAStep, 1 + newBytes / _bytesPerPart); parts > 0; parts--)
        {
            if (!BuildNext()) break;
            if (parts == 1) return false;
        }
        // So it ends: each step does away with more than came since the last one.
        while (bytes > 0 && _missed.TryDequeue(out Event? happened))
        {
            CatchUp(happened);
            bytes -= BytesOf(happened);
        }
        return _missed.Count == 0;
    }

    /// <summary>Does what is left.</summary>
    public void Finish()
    {
        while (BuildNext())
        {
        }
        while (_missed.TryDequeue(out Event? happened)) CatchUp(happened);
        Invariant.Holds(Tables.Version == _from.Version);
        Invariant.Holds(Tables.LiveRecords == _from.LiveRecords && Tables.LiveAttributed == _from.LiveAttributed);
        Invariant.Holds(Tables.LiveNodes == _from.LiveNodes && Tables.LiveEdges == _from.LiveEdges);
        Invariant.Holds(Tables.LiveAttributedInGraph == _from.LiveAttributedInGraph);
    }

    private static long BytesOf(Event happened) => 1024 + happened.Command.ContentBytes + (long)happened.ListedIds * sizeof(ulong);

    private void CatchUp(Event happened)
    {
        Tables.Version++;
        happened.Apply(Tables);
        _missedBytes -= BytesOf(happened);
    }

    private bool BuildNext()
    {
        if (_contents is not null)
        {
            CopyContents();
            return true;
        }
        if (_parts.TryDequeue(out Part part))
        {
            if (part.IsShared) Tables.Records.Share(_from.Records, part.Block, part.Blocks, _view.Version);
            else Tables.Records.Pack(_from.Records, part.Block, part.Blocks, _view.Version);
            Tables.CountTaken(0, 0, part.DeadBytes);
            CopyContents(part.Block, part.Blocks);
            return true;
        }
        KernelTables tables = Tables;
        if (tables.Records.Count < _view.RecordSlots)
        {
            int last = (int)(tables.Records.Count / (ulong)tables.Records.RowsPerSegment);
            tables.Records.CopyLast(_from.Records, last, _view.RecordSlots, _view.Version);
            CopyContents(last, 1);
            return true;
        }
        if (tables.RecordTree.Count == 0) tables.CountTaken(_view.RecordCount, _view.AttributedCount, 0);
        if (tables.RecordTree.Count < _view.RecordSlots)
        {
            AppendLeaves(tables.RecordTree.Count, LeavesFrom(tables.RecordTree.Count));
            return true;
        }
        if (tables.NodeSlots < _view.NodeSlots)
        {
            long bytes = 0;
            for (int i = 0; i < RowsOfAStep && bytes < ContentBytesOfAPart && tables.NodeSlots < _view.NodeSlots; i++) bytes += AppendNode(new NodeId(tables.NodeSlots));
            return true;
        }
        if (tables.EdgeSlots >= _view.EdgeSlots) return false;
        long edgeBytes = 0;
        for (int i = 0; i < RowsOfAStep && edgeBytes < ContentBytesOfAPart && tables.EdgeSlots < _view.EdgeSlots; i++) edgeBytes += AppendEdge(new EdgeId(tables.EdgeSlots));
        return true;
    }

    private void CopyContents(int block, int blocks)
    {
        _contents = Tables.Records.CopyContents(_from.Records, block, blocks, _view.Version).GetEnumerator();
        CopyContents();
    }

    private void CopyContents()
    {
        for (long bytes = 0; bytes < ContentBytesOfAPart; bytes += ContentBytesOfARow + _contents.Current)
        {
            if (_contents!.MoveNext()) continue;
            _contents.Dispose();
            _contents = null;
            return;
        }
    }

    /// <summary>How many leaves from an id on are a part: of one block at most.</summary>
    private int LeavesFrom(ulong first)
    {
        ulong rows = (ulong)Tables.Records.RowsPerSegment, end = Math.Min(_view.RecordSlots, (first / rows + 1) * rows);
        long bytes = 0;
        for (ulong id = first; id < end; id = Tables.Records.NextWithRow(id + 1, end))
        {
            bytes += Tables.Records.ContentBytesOf(new RecordId(id), _view.Version);
            if (bytes >= ContentBytesOfAPart) return (int)(id + 1 - first);
        }
        return (int)(end - first);
    }

    /// <summary>Leaves of records of one block: of what is live from the content here; a tombstone's is the older one.</summary>
    private void AppendLeaves(ulong first, int count)
    {
        Digest[] leaves = new Digest[count];
        RecordSegment segment = Tables.Records.Find(new RecordId(first), out int place);
        if (segment.Ids is not { } ids)
        {
            _leaves.Hash(new RecordId(first), segment, place, leaves, _view.Version);
        }
        else
        {
            int row = LowerBound(ids, first);
            Digest[] live = new Digest[LowerBound(ids, first + (ulong)count) - row];
            _leaves.Hash(new RecordId(first), segment, row, live, _view.Version);
            for (int i = 0, next = 0; i < count; i++)
                leaves[i] = next < live.Length && ids[row + next] == first + (ulong)i ? live[next++] : _from.RecordTree.Stored(0, first + (ulong)i);
        }
        Tables.RecordTree.Append(leaves);
    }

    private static int LowerBound(uint[] ids, ulong id)
    {
        if (id > uint.MaxValue) return ids.Length;
        int place = Array.BinarySearch(ids, (uint)id);
        return place < 0 ? ~place : place;
    }

    /// <returns>The bytes of its attributes.</returns>
    private long AppendNode(NodeId id)
    {
        ref GraphTable.NodeRow node = ref _from.Graph.Nodes[id.Value];
        if (!IsLive(node.DeletedAt))
        {
            Tables.AppendNodeTombstone();
            return 0;
        }
        ReadOnlySpan<byte> attributes = _from.Graph.AttributesOf(ref node, _view.Version).Bytes;
        Tables.AppendNode(new NodeKind(node.Kind), _from.Graph.RecordOf(ref node, _view.Version), attributes);
        return attributes.Length;
    }

    /// <returns>The bytes of its attributes.</returns>
    private long AppendEdge(EdgeId id)
    {
        ref GraphTable.EdgeRow edge = ref _from.Graph.Edges[id.Value];
        if (!IsLive(edge.DeletedAt))
        {
            Tables.AppendEdgeTombstone();
            return 0;
        }
        ReadOnlySpan<byte> attributes = _from.Graph.AttributesOf(ref edge, _view.Version).Bytes;
        Tables.AppendEdge(new NodeId(edge.From), new NodeId(edge.To), new EdgeKind(edge.Kind), attributes);
        return attributes.Length;
    }

    private bool IsLive(ulong deletedAt) => deletedAt == 0 || deletedAt > _view.Version;

    /// <summary>Which segments are shared, and which blocks become packed segments together.</summary>
    private List<Part> Plan(long mostCopiedBytes)
    {
        List<Source> sources = Sources();
        ShareWhatIsDense(sources);
        // From the densest on, what there is no room to copy is shared too.
        long copied = sources.Sum(source => source.CopiedBytes);
        foreach (Source source in sources.Where(source => !source.IsShared && source.Live > 0).OrderByDescending(source => (double)source.Live / source.Segment.Capacity))
        {
            if (copied <= mostCopiedBytes) break;
            copied -= source.CopiedBytes;
            source.IsShared = true;
        }
        return Joined(sources);
    }

    /// <summary>The segments of all blocks that are full.</summary>
    private List<Source> Sources()
    {
        List<Source> sources = [];
        int full = (int)(_view.RecordSlots / (ulong)_from.Records.RowsPerSegment);
        for (int block = 0; block < full; block++)
        {
            RecordSegment segment = _from.Records.Segment(block);
            if (_from.Records.SharesSegmentWithPrevious(block)) sources[^1].Blocks++;
            else sources.Add(new Source(segment, block) { Blocks = 1, Live = segment.CountLive(segment.Capacity) });
        }
        return sources;
    }

    private void ShareWhatIsDense(List<Source> sources)
    {
        Dictionary<object, long> shared = [];
        foreach (Source source in sources)
        {
            source.IsShared = source.Live > 0 && source.Rows - source.Live <= source.Rows / LeastDeadFraction;
            if (source.IsShared) shared[source.Segment.VectorMemory!] = shared.GetValueOrDefault(source.Segment.VectorMemory!) + source.Segment.ColumnBytes;
        }
        // A segment that is nearly alone in memory of many would hold all of it.
        foreach (Source source in sources)
        {
            if (source.IsShared && source.Live <= RecordSegment.MaximumPackedRows(_from.Dimension) && source.Segment.VectorMemory is byte[] memory && shared[memory] < memory.Length / 2)
                source.IsShared = false;
        }
    }

    /// <summary>The sources as parts: neighbours that are not shared together, as many as a segment takes.</summary>
    private List<Part> Joined(List<Source> sources)
    {
        List<Part> parts = [];
        int rows = 0, most = RecordSegment.MaximumPackedRows(_from.Dimension);
        long lookedAt = 0;
        foreach (Source source in sources)
        {
            lookedAt += source.Rows;
            if (!source.IsShared && parts.Count > 0 && parts[^1] is { IsShared: false } last && rows + source.Live <= most && lookedAt <= MostRowsLookedAt)
            {
                parts[^1] = last with { Blocks = last.Blocks + source.Blocks };
                rows += source.Live;
                continue;
            }
            parts.Add(new Part(source.Block, source.Blocks, source.IsShared, source.DeadBytes));
            (rows, lookedAt) = (source.Live, source.Rows);
        }
        return parts;
    }

    /// <summary>Blocks that get a segment.</summary>
    private readonly record struct Part(int Block, int Blocks, bool IsShared, long DeadBytes);

    /// <summary>A segment of the older tables.</summary>
    private sealed class Source(RecordSegment segment, int block)
    {
        public RecordSegment Segment => segment;

        public int Block => block;

        public int Blocks { get; set; }

        public int Live { get; init; }

        public int Rows => segment.Ids?.Length ?? segment.Capacity;

        public bool IsShared { get; set; }

        public long CopiedBytes => IsShared ? 0 : segment.ColumnBytes / segment.Capacity * Live;

        /// <summary>What dead rows go on holding.</summary>
        public long DeadBytes => IsShared ? segment.ColumnBytes / segment.Capacity * (Rows - Live) : 0;
    }
}
