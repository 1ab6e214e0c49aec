using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>
/// The exact scan of one segment for one query: row by row, or where the segment has a coarse column, with its bounds
/// first and the rows that they cannot exclude behind it.
/// </summary>
internal static class SegmentScan
{
    // One bit for each row of a block.
    private const uint AllRows = (1u << CoarseColumn.BlockRows) - 1;

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
        for (; row < rows.Rows && !best.IsFull; row++) rows.Offer(row, query, best);
        if (row == rows.Rows) return;
        // On to the next whole block: offering a row twice could put it into the heap twice.
        int end = Math.Min(rows.Rows, (row + CoarseColumn.BlockRows - 1) / CoarseColumn.BlockRows * CoarseColumn.BlockRows);
        ScanAll(rows, row, end, query, best);

        CoarseQuery coarse = query.For(column);
        Span<int> addends = stackalloc int[column.Shape.Strata];
        long worst = best.WorstScore;
        bool excludes = CoarseBound.TryAddends(column, coarse, worst, addends);
        for (row = end; row < rows.Rows; row += CoarseColumn.BlockRows)
        {
            uint candidates = excludes ? Candidates(column, coarse, row, addends, 0, Vector256<int>.Zero) : AllRows;
            if (candidates == 0) continue;
            OfferCandidates(rows, row, candidates, query, best);
            if (best.WorstScore == worst) continue;
            worst = best.WorstScore;
            excludes = CoarseBound.TryAddends(column, coarse, worst, addends);
        }
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

    /// <summary>One bit a row: set where the bound does not exclude it.</summary>
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
}
