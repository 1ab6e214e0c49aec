using System.Numerics;

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
        if (part.Queries.Length == 1) SegmentScan.Run(rows, part.Queries[0], part.Best[0]);
        else part.Batch.Run(rows, part.Queries, part.Best);
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
