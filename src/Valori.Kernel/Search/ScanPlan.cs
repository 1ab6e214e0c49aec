using System.Numerics;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>Reads segment after segment, coarse columns first. A block of ids is a piece; if several have one segment, the first one reads it.</summary>
/// <param name="filter">Rows that do not match it are passed over.</param>
internal sealed class ScanPlan(ViewRecords records, RowFilter filter) : SearchPlan
{
    public override int Pieces => records.Blocks;

    public override ulong MostHits => records.Slots;

    // No row of many segments on end may match a filter on what grows with the ids, such as a time, and the bounds exclude nothing until
    // there are hits. So segments are taken from all over: steps of the golden section. Hits do not depend on the order.
    private readonly int _step = filter.Rest is null ? 1 : StepThrough(records.Blocks);

    public override void Run(int piece, SearchPart part)
    {
        piece = (int)((long)piece * _step % records.Blocks);
        if (records.Table.SharesSegmentWithPrevious(piece)) return;
        SegmentRows rows = records.RowsOf(piece, filter);
        part.RowsExamined += (ulong)rows.Rows;
        // Without a look at each row first: it may be that all of them match, or none.
        Verdict all = filter.Condition?.Judge(rows, [], []) ?? Verdict.Maybe;
        if (all == Verdict.No || all == Verdict.Mixed && part.FewMatch && RunPicked(rows, part)) return;
        if (all == Verdict.Yes) rows = records.RowsOf(piece, RowFilter.None);
        if (part.Queries.Length == 1) SegmentScan.Run(rows, part.Queries[0], part.Best[0]);
        else part.Batch.Run(rows, part.Queries, part.Best);
    }

    /// <summary>Judges every row first, and scores those that may match. False, and nothing is scored, if that is no better than a scan.</summary>
    private bool RunPicked(in SegmentRows rows, SearchPart part)
    {
        Span<PickedRow> picked = stackalloc PickedRow[2 * PickedRows.Most];
        int count = 0;
        RowFilter unknown = filter with { Condition = null };
        for (int row = 0; row < rows.Rows; row += PickedRows.Most)
        {
            filter.Stop.ThrowIfCancellationRequested();
            int judged = Math.Min(PickedRows.Most, rows.Rows - row);
            int more = PickedRows.Pick(rows, RowCondition.FirstRows.Slice(row, judged), filter.Condition, picked[count..]);
            part.CountJudged(judged, more);
            if (row == 0 && !part.FewMatch && part.Best[0].HasBound) return false;
            count += more;
            if (count + PickedRows.Most <= picked.Length) continue;
            // Many together, as memory is then waited for less.
            PickedRows.Score(records, picked[..count], unknown, part);
            count = 0;
        }
        PickedRows.Score(records, picked[..count], unknown, part);
        return true;
    }

    /// <summary>A step that comes to each of so many places once.</summary>
    private static int StepThrough(int count)
    {
        const double goldenSection = 0.6180339887498949;
        int step = Math.Max(1, (int)(count * goldenSection));
        while (BigInteger.GreatestCommonDivisor(step, count) > 1) step++;
        return step;
    }
}
