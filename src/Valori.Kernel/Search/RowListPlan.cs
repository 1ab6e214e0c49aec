namespace Valori.Kernel.Search;

/// <summary>Scores the rows of a list, which an index knows to hold every row that matches the filter, and maybe others.</summary>
internal sealed class RowListPlan : SearchPlan
{
    // Below so many rows in the list, one in so many of all, scoring them one by one beats a scan that looks at the filter.
    private const ulong SelectiveFraction = 8;

    // Rows ahead that are asked of memory: 1 to 32 were tried, more than 8 gain nothing.
    private const int PrefetchDistance = 8;

    // Some tens of microseconds.
    private const int PieceRows = 2_048;

    private readonly ViewRecords _records;
    private readonly ReadOnlyMemory<uint> _rows;
    private readonly RowFilter _filter;

    /// <param name="filter">Rows that do not match it are passed over.</param>
    public RowListPlan(ViewRecords records, CandidateRows rows, RowFilter filter)
    {
        _records = records;
        _rows = rows.Rows();
        Index = rows.Of;
        _filter = filter;
    }

    public override Filter Index { get; }

    public override int Pieces => (int)(((long)_rows.Length + PieceRows - 1) / PieceRows);

    public override ulong MostHits => (ulong)_rows.Length;

    /// <summary>Whether the rows are few enough for this to be the better way.</summary>
    public static bool IsBetter(ViewRecords records, ulong rows) => rows * SelectiveFraction <= records.Rows;

    public override void Run(int piece, SearchPart part)
    {
        int begin = piece * PieceRows;
        ReadOnlySpan<uint> rows = _rows.Span.Slice(begin, Math.Min(PieceRows, _rows.Length - begin));
        part.RowsExamined += (ulong)rows.Length;
        QueryVector[] queries = part.Queries;
        TopHits[] best = part.Best;
        // Mostly there is one query: what it needs stays in registers.
        QueryVector first = queries[0];
        TopHits firstBest = best[0];
        // Ids ascend, so a block is looked up once: by the row that is asked for ahead, and by the row that is scored.
        SegmentRows ahead = default, here = default;
        int aheadIndex = -1, hereIndex = -1;
        for (int i = 0; i < rows.Length; i++)
        {
            // The rows lie anywhere, so each would wait for memory.
            if (i + PrefetchDistance < rows.Length)
            {
                int row = _records.Table.Place(rows[i + PrefetchDistance], out int index);
                if (index != aheadIndex) ahead = _records.RowsOf(aheadIndex = index, _filter);
                ahead.Prefetch(row);
            }
            int place = _records.Table.Place(rows[i], out int segment);
            if (segment != hereIndex) here = _records.RowsOf(hereIndex = segment, _filter);
            here.Offer(place, first, firstBest);
            for (int query = 1; query < queries.Length; query++) here.Offer(place, queries[query], best[query]);
        }
    }
}
