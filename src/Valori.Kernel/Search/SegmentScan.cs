using System.Runtime.CompilerServices;
using Valori.Kernel.Coarse;

namespace Valori.Kernel.Search;

/// <summary>
/// The exact scan of one segment for one query: row by row, or, if the segment has a coarse column, with its bounds
/// first and the rows that they cannot exclude after it.
/// </summary>
internal static class SegmentScan
{
    // Rows ahead that are asked of memory.
    private const int PrefetchDistance = 8;

    /// <summary>Offers every row of the segment that can be among the nearest.</summary>
    public static void Run(in SegmentRows rows, QueryVector query, TopHits best)
    {
        if (rows.Segment.Coarse is { } column && CoarseQuery.CanBound(query.SquaredNorm)) ScanCoarse(rows, column, query, best);
        else ScanAll(rows, 0, rows.Rows, query, best);
    }

    /// <summary>Offers rows that lie here and there.</summary>
    public static void Offer(in SegmentRows rows, ReadOnlySpan<FoundRow> found, QueryVector query, TopHits best)
    {
        int ahead = 0;
        for (int i = 0; i < found.Length; i++)
        {
            for (; ahead < found.Length && ahead <= i + PrefetchDistance; ahead++) rows.Prefetch(found[ahead].Row);
            // Of a segment, a View may know less than its last block.
            if (found[i].Row < rows.Rows) rows.Offer(found[i].Row, query, best);
        }
    }

    private static void ScanAll(in SegmentRows rows, int first, int end, QueryVector query, TopHits best)
    {
        for (int row = first; row < end; row++) rows.Offer(row, query, best);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScanCoarse(in SegmentRows rows, CoarseColumn column, QueryVector query, TopHits best)
    {
        int row = 0;
        for (; row < rows.Rows && !best.HasBound; row++) rows.Offer(row, query, best);
        if (row == rows.Rows) return;
        // On to the next whole block: offering a row twice could put it into the heap twice.
        int end = Math.Min(rows.Rows, (row + CoarseColumn.BlockRows - 1) / CoarseColumn.BlockRows * CoarseColumn.BlockRows);
        ScanAll(rows, row, end, query, best);

        CoarseQuery coarse = query.For(column);
        Span<FoundRow> found = stackalloc FoundRow[CoarseScan.ChunkRows];
        long worst = best.WorstCost;
        bool excludes = CoarseLimits.TryMake(column, coarse, worst, out CoarseLimits limits);
        for (row = end; row < rows.Rows; row = end)
        {
            end = Math.Min(rows.Rows, row + CoarseScan.ChunkRows);
            if (excludes)
            {
                int count = CoarseScan.Find(column, coarse, limits, row, end, found);
                count = CoarseScan.Refine(column, coarse, limits, found[..count]);
                Offer(rows, found[..count], query, best);
            }
            else
            {
                ScanAll(rows, row, end, query, best);
            }
            if (best.WorstCost == worst) continue;
            worst = best.WorstCost;
            excludes = CoarseLimits.TryMake(column, coarse, worst, out limits);
        }
    }
}
