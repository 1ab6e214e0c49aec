using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Search;

/// <summary>
/// The exact scan of one segment for one query: row by row, or, if the segment has a coarse column, with its bounds
/// first and the rows that they cannot exclude after it.
/// </summary>
internal static class SegmentScan
{
    // One bit for each row of a block.
    private const uint AllRows = (1u << CoarseColumn.BlockRows) - 1;

    // Blocks whose first stratum is scanned before one of them is looked at closer: what is read of those is under way then,
    // and the scan does not wait for each. 8 to 64 take the same time, 1 a quarter more at 128 components.
    private const int BlocksAtATime = 32;

    // What is asked for ahead of a scan: the processor asks for too little by itself. 1 to 16 KiB take the same time, nothing
    // a tenth more.
    private const int BytesAhead = 2048;

    /// <summary>Offers every row of the segment that can be among the nearest.</summary>
    public static void Run(in SegmentRows rows, QueryVector query, TopHits best)
    {
        if (rows.Segment.Coarse is { } column && CoarseQuery.CanBound(query.SquaredNorm)) ScanCoarse(rows, column, query, best);
        else ScanAll(rows, 0, rows.Rows, query, best);
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
        Span<int> addends = stackalloc int[column.Shape.Strata];
        Span<OpenBlock> open = stackalloc OpenBlock[BlocksAtATime];
        long worst = best.WorstCost;
        bool excludes = CoarseBound.TryAddends(column, coarse, worst, addends);
        for (row = end; row < rows.Rows; row = end)
        {
            end = Math.Min(rows.Rows, row + BlocksAtATime * CoarseColumn.BlockRows);
            int count = excludes ? ScanFirstStratum(column, coarse, row, end, addends[0], open) : 0;
            foreach (ref readonly OpenBlock block in open[..count])
            {
                uint candidates = block.Candidates & Candidates(column, coarse, block.Row, addends, 1, block.Sums);
                OfferCandidates(rows, block.Row, candidates, query, best);
            }
            if (!excludes) ScanAll(rows, row, end, query, best);
            if (best.WorstCost == worst) continue;
            worst = best.WorstCost;
            excludes = CoarseBound.TryAddends(column, coarse, worst, addends);
        }
    }

    /// <summary>
    /// The blocks of some rows that the first stratum does not exclude as a whole; returns their number. What is read of them
    /// next lies here and there: it is asked of memory now.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ScanFirstStratum(CoarseColumn column, CoarseQuery query, int row, int end, int addend, Span<OpenBlock> open)
    {
        CoarseShape shape = column.Shape;
        int groups = shape.Length(0), blockBytes = groups * CoarseColumn.GroupBytes, shift = query.RowShift, count = 0;
        ref byte block = ref Unsafe.Add(ref column.Codes.Reference, column.Offset(0, row / CoarseColumn.BlockRows));
        ref int queryGroups = ref MemoryMarshal.GetReference(query.Groups);
        AlignedArray<int> norms = column.Norms[0];
        for (; row < end; row += CoarseColumn.BlockRows, block = ref Unsafe.Add(ref block, blockBytes))
        {
            Cache.Prefetch(ref block, BytesAhead, blockBytes);
            Vector256<int> sums = CoarseDot.OneQuery(ref block, ref queryGroups, groups);
            uint candidates = Candidates(norms, row, shift, sums, addend);
            if (candidates == 0) continue;
            open[count++] = new OpenBlock(row, candidates, sums);
            if (shape.Strata > 1)
                Cache.Prefetch(ref column.Codes.Reference, column.Offset(1, row / CoarseColumn.BlockRows), shape.Length(1) * CoarseColumn.GroupBytes);
        }
        return count;
    }

    /// <summary>The rows of a block that no stratum from the given one on excludes, one bit a row.</summary>
    /// <param name="sums">Sums of products of the strata before.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint Candidates(CoarseColumn column, CoarseQuery query, int row, ReadOnlySpan<int> addends, int stratum, Vector256<int> sums)
    {
        CoarseShape shape = column.Shape;
        ref byte codes = ref column.Codes.Reference;
        ref int queryGroups = ref MemoryMarshal.GetReference(query.Groups);
        int shift = query.RowShift;
        uint candidates = AllRows;
        for (; stratum < addends.Length && candidates != 0; stratum++)
        {
            sums += CoarseDot.OneQuery(
                ref Unsafe.Add(ref codes, column.Offset(stratum, row / CoarseColumn.BlockRows)),
                ref Unsafe.Add(ref queryGroups, shape.Start(stratum)), shape.Length(stratum));
            candidates = Candidates(column.Norms[stratum], row, shift, sums, addends[stratum]);
        }
        return candidates;
    }

    /// <summary>One bit a row: set if the bound does not exclude it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Candidates(AlignedArray<int> norms, int row, int shift, Vector256<int> sums, int addend)
    {
        Vector256<int> shifted = Vector256.LoadUnsafe(ref norms.Reference, (nuint)row) >> shift;
        return ~Vector256.GreaterThan(shifted, sums + Vector256.Create(addend)).ExtractMostSignificantBits() & AllRows;
    }

    internal static void OfferCandidates(in SegmentRows rows, int firstRow, uint candidates, QueryVector query, TopHits best)
    {
        for (; candidates != 0; candidates &= candidates - 1)
        {
            int row = firstRow + BitOperations.TrailingZeroCount(candidates);
            if (row < rows.Rows) rows.Offer(row, query, best);
        }
    }

    /// <summary>A block with rows that no stratum has excluded yet, one bit a row, and the sums of products so far.</summary>
    private readonly record struct OpenBlock(int Row, uint Candidates, Vector256<int> Sums);
}
