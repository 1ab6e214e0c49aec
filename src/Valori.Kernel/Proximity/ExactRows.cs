using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Memory;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Proximity;

/// <summary>
/// Where the vectors of a table's rows are, side by side: candidates lie in segments here and there, and to find each through its segment's objects
/// took as long as the walk that found it. Immutable and thread-safe.
/// </summary>
internal sealed class ExactRows
{
    private readonly Block[] _blocks;
    private readonly int _shift;

    /// <param name="end">Rows from here on are not offered. The View knows all before it.</param>
    public ExactRows(ViewRecords records, ulong end)
    {
        Table = records.Table;
        End = end;
        _shift = BitOperations.Log2((uint)Table.RowsPerSegment);
        _blocks = new Block[(int)((end + (ulong)Table.RowsPerSegment - 1) >> _shift)];
        for (int block = 0; block < _blocks.Length; block++)
        {
            RecordSegment segment = Table.Segment(block);
            // A segment may be widened later; what is here stays right for the rows that were there.
            _blocks[block] = new Block(segment, segment.Ids is null && Table.Schema.Metric != Metric.Dot ? segment.Vectors?.Narrow : null);
        }
    }

    public RecordTable Table { get; }

    public ulong End { get; }

    /// <summary>Asks memory for the vector of a row, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint id)
    {
        if (id >= End || _blocks[id >> _shift].Narrow is not { } narrow) return;
        int dimension = Table.Dimension;
        Cache.Prefetch(ref Unsafe.Add(ref narrow.Reference, RowOf(id) * dimension), dimension * sizeof(short));
    }

    /// <summary>Scores a row exactly and offers it, if it is live.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(ViewRecords records, uint id, QueryVector query, TopHits best)
    {
        Block block = _blocks[id >> _shift];
        int row = RowOf(id), dimension = Table.Dimension;
        if (block.Narrow is { } narrow && query.Narrow is { } narrowQuery
            && NarrowDistance.TryGet(ref narrow.AsSpan(row * dimension, dimension)[0], ref MemoryMarshal.GetArrayDataReference(narrowQuery), dimension, out long distance))
        {
            if (block.Segment.HasDeletions && !block.Segment.IsLive(row, records.Version)) return;
            best.Scored++;
            if (distance <= best.WorstCost) best.Offer(id, distance);
            return;
        }
        records.RowsOf((int)(id >> _shift), RowFilter.None).Offer(records.Table.Place(id, out _), query, best);
    }

    private int RowOf(uint id) => (int)(id & (uint)(Table.RowsPerSegment - 1));

    /// <param name="Narrow">Null if the rows are looked up in another way.</param>
    private readonly record struct Block(RecordSegment Segment, AlignedArray<short>? Narrow);
}
