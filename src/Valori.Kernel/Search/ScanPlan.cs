namespace Valori.Kernel.Search;

/// <summary>Reads segment after segment, coarse columns first; a segment is a piece.</summary>
/// <param name="filter">Rows that it does not let through are passed over.</param>
internal sealed class ScanPlan(ViewRecords records, RowFilter filter) : SearchPlan
{
    public override int Pieces => records.Segments;

    public override ulong MostHits => records.Slots;

    public override void Run(int piece, SearchPart part)
    {
        if (part.Queries.Length == 1) SegmentScan.Run(records.Rows(piece, filter), part.Queries[0], part.Best[0]);
        else part.Batch.Run(records.Rows(piece, filter), part.Queries, part.Best);
    }
}
