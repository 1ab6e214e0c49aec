using Valori.Kernel.Commands;
using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;
using Valori.Protocol;

namespace Valori.Kernel;

/// <summary>
/// Tables that begin anew with what is live at one version of older ones, so that nothing of what was deleted or replaced before is left
/// in them. They are made in steps, while the older ones go on, and then catch up with the events that came meanwhile. Derived: ids,
/// answers and hashes are the same. Writer thread only.
/// </summary>
/// <remarks>
/// The tree of the records is taken over: each id that was ever given out has a leaf there. Every leaf of what is live is hashed anew from the
/// content here and compared with it. The other trees are made anew, so that the state hash proves the graph.
/// </remarks>
internal sealed class FreshTables
{
    // Rows of a step that are not in a segment: less than a millisecond.
    private const int RowsOfAStep = 1024;

    // Of metadata and attributes, which are of any size: what a part takes over or hashes before the step may end.
    private const long ContentBytesOfAPart = 1 << 20;

    // What a row counts besides: about what its lists and its key cost.
    private const long ContentBytesOfARow = 512;

    // However much has come since the last step: others wait for it.
    private const long MostPartsOfAStep = 16;

    // What a step catches up with, besides twice what came since the last one.
    private const long BytesOfAStep = 64 << 10;

    // The tables are built before commands bring more than one in so many bytes of what is live: what is deleted meanwhile is there twice.
    private const int LargestGrowthFraction = 4;

    private readonly KernelTables _from;
    private readonly View _view;
    private readonly RecordLeaves _leaves;
    private readonly Queue<FreshPlan.Part> _parts;
    private readonly Queue<Event> _missed = [];

    // The first record whose leaf was not compared yet, and how many leaves there were to be compared after the last step.
    private ulong _unproven, _toProve;

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
        Tables = new KernelTables(from.Schema, areBesideOthers: true) { Version = view.Version };
        FreshPlan plan = new(from.Records, view, mostCopiedBytes);
        _parts = new Queue<FreshPlan.Part>(plan.Parts);
        _toProve = view.RecordSlots;
        CopiedBytes = plan.CopiedBytes;
        Tables.CountTaken(view.RecordCount, view.AttributedCount, plan.DeadBytes);
        ulong parts = (ulong)_parts.Count + 2 + view.RecordSlots / (ulong)from.Records.RowsPerSegment + (view.NodeSlots + view.EdgeSlots) / RowsOfAStep;
        _bytesPerPart = Math.Max(1, (from.ApproximateBytes - from.FreeableBytes) / LargestGrowthFraction / (long)parts);
    }

    public KernelTables Tables { get; }

    /// <summary>What is copied of vectors and of what lies beside them in columns.</summary>
    public long CopiedBytes { get; }

    /// <summary>What they take so far, besides what they share with the older ones, and the events that wait for them.</summary>
    public long Bytes => Tables.ApproximateBytes - Tables.Records.SharedBytes + _missedBytes;

    /// <summary>Remembers an event that the older tables have got.</summary>
    public void Add(Event happened)
    {
        _missed.Enqueue(happened);
        _newBytes += BytesOf(happened);
        _missedBytes += BytesOf(happened);
    }

    /// <summary>Makes or proves a part of the tables, and more if much has come since the last step; or catches up with some events.</summary>
    /// <returns>Whether no event is missing, and all is proven.</returns>
    public bool Step()
    {
        long newBytes = _newBytes, bytes = BytesOfAStep + 2 * newBytes;
        _newBytes = 0;
        long parts = Math.Min(MostPartsOfAStep, 1 + newBytes / _bytesPerPart);
        for (; parts > 0 && BuildNext(); parts--)
        {
        }
        if (parts == 0) return false;
        // So it ends: each step does away with more than came since the last one.
        while (bytes > 0 && _missed.TryDequeue(out Event? happened))
        {
            CatchUp(happened);
            bytes -= BytesOf(happened);
        }
        if (_missed.Count > 0) return false;
        // The same for leaves.
        ulong toProve = Tables.RecordSlots + Tables.ChangesElsewhere;
        for (long owed = 2 * (long)(toProve - _toProve); (parts > 0 || owed > 0) && ProveNext() is > 0 and int proven; owed -= proven) parts--;
        _toProve = toProve;
        return IsProven;
    }

    /// <summary>Does what is left, and takes the tree of the records.</summary>
    public void Finish()
    {
        while (BuildNext())
        {
        }
        while (_missed.TryDequeue(out Event? happened)) CatchUp(happened);
        while (!IsProven) ProveNext();
        Invariant.Holds(Tables.Version == _from.Version);
        Invariant.Holds(Tables.RecordSlots == _from.RecordSlots);
        // All rows that live are proven to be live in the tree; as many are.
        Invariant.Holds(Tables.LiveRecords == _from.LiveRecords && Tables.Records.CountLive() == _from.LiveRecords);
        Invariant.Holds(Tables.LiveAttributed == _from.LiveAttributed);
        Invariant.Holds(Tables.LiveNodes == _from.LiveNodes && Tables.LiveEdges == _from.LiveEdges);
        Invariant.Holds(Tables.LiveAttributedInGraph == _from.LiveAttributedInGraph);
        Tables.TakeRecordTree(_from);
    }

    private bool IsProven => _unproven == Tables.RecordSlots && Tables.ChangedElsewhere.Count == 0;

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
        if (_parts.TryDequeue(out FreshPlan.Part part))
        {
            switch (part.Way)
            {
                case FreshPlan.PartWay.Share: Tables.Records.Share(_from.Records, part.Block, part.Blocks, _view.Version); break;
                case FreshPlan.PartWay.Copy: Tables.Records.CopyFull(_from.Records, part.Block, _view.Version); break;
                default: Tables.Records.Pack(_from.Records, part.Block, part.Blocks, _view.Version); break;
            }
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

    /// <summary>
    /// Compares leaves of records that live, hashed from the content here, with those of the tree: both are of the same version when no event is
    /// missing.
    /// </summary>
    /// <returns>How many ids are done with.</returns>
    private int ProveNext()
    {
        RecordTable records = Tables.Records;
        _from.HashInserted();
        if (_unproven < records.Count)
        {
            int count = LeavesFrom(_unproven);
            Prove(_unproven, count);
            _unproven += (ulong)count;
            return count;
        }
        if (!Tables.ChangedElsewhere.TryDequeue(out RecordId changed)) return 0;
        Prove(changed.Value, 1);
        return 1;
    }

    /// <summary>How many leaves from an id on are a part: of one block at most.</summary>
    private int LeavesFrom(ulong first)
    {
        ulong rows = (ulong)Tables.Records.RowsPerSegment, end = Math.Min(Tables.RecordSlots, (first / rows + 1) * rows);
        long bytes = 0;
        for (ulong id = first; id < end; id = Tables.Records.NextWithRow(id + 1, end))
        {
            bytes += Tables.Records.ContentBytesOf(new RecordId(id), Tables.Version);
            if (bytes >= ContentBytesOfAPart) return (int)(id + 1 - first);
        }
        return (int)(end - first);
    }

    /// <summary>Compares the leaves of records of one block.</summary>
    private void Prove(ulong first, int count)
    {
        RecordSegment segment = Tables.Records.Find(new RecordId(first), out int row);
        int rows = count;
        if (segment.Ids is { } ids)
        {
            row = LowerBound(ids, first);
            rows = LowerBound(ids, first + (ulong)count) - row;
        }
        Digest[] leaves = new Digest[rows];
        _leaves.Hash(new RecordId(first), segment, row, leaves, Tables.Version);
        for (int i = 0; i < rows; i++) Invariant.Holds(leaves[i] == _from.RecordTree.Stored(0, segment.Ids is { } of ? of[row + i] : first + (ulong)i));
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
}
