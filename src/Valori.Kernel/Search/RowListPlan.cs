namespace Valori.Kernel.Search;

/// <summary>Scores the rows of a list, which an index knows to hold every row that matches the filter, and maybe others.</summary>
internal sealed class RowListPlan : SearchPlan
{
    // Below so many rows in the list, one in so many of all, scoring them one by one beats a scan that looks at the filter.
    private const ulong SelectiveFraction = 8;

    // Some tens of microseconds.
    private const int PieceRows = 2_048;

    private readonly ViewRecords _records;
    private readonly CandidateRows _candidates;
    private readonly ReadOnlyMemory<uint> _rows;
    private readonly RowFilter _filter;
    private readonly bool _trustsIndex;

    /// <param name="filter">Rows that do not match it are passed over.</param>
    public RowListPlan(ViewRecords records, CandidateRows rows, Filter filter, CancellationToken stop)
        : this(records, rows, rows.Rows(), filter, stop, trustsIndex: rows.AllMatch)
    {
    }

    private RowListPlan(ViewRecords records, CandidateRows candidates, ReadOnlyMemory<uint> rows, Filter filter, CancellationToken stop, bool trustsIndex)
    {
        _records = records;
        _candidates = candidates;
        _rows = rows;
        _trustsIndex = trustsIndex;
        _filter = new RowFilter(null, filter, stop, RowCondition.For(records, filter, trustsIndex ? candidates : null));
    }

    public override Filter Index => _candidates.Of;

    public override int Pieces => (int)(((long)_rows.Length + PieceRows - 1) / PieceRows);

    public override ulong MostHits => (ulong)_rows.Length;

    public override Filter? Unverified => _trustsIndex && !_candidates.IsCertain ? _filter.Rest : null;

    public override SearchPlan Verifying() => new RowListPlan(_records, _candidates, _rows, _filter.Rest!, _filter.Stop, trustsIndex: false);

    /// <summary>Whether the rows are few enough for this to be the better way.</summary>
    public static bool IsBetter(ViewRecords records, ulong rows) => rows * SelectiveFraction <= records.Rows;

    public override void Run(int piece, SearchPart part)
    {
        int begin = piece * PieceRows;
        ReadOnlySpan<uint> rows = _rows.Span.Slice(begin, Math.Min(PieceRows, _rows.Length - begin));
        part.RowsExamined += (ulong)rows.Length;
        Span<PickedRow> picked = stackalloc PickedRow[Math.Min(rows.Length, PickedRows.Most)];
        // What the index said once needs no second look while the rows are scored.
        RowFilter filter = _filter with { Condition = null };
        while (!rows.IsEmpty)
        {
            _filter.Stop.ThrowIfCancellationRequested();
            ReadOnlySpan<uint> chunk = rows[..Math.Min(rows.Length, PickedRows.Most)];
            Touch(chunk);
            PickedRows.Score(_records, picked[..Pick(chunk, picked)], filter, part);
            rows = rows[chunk.Length..];
        }
    }

    /// <summary>
    /// Reads what leads to the vectors and columns: object after object for each segment, but those of the next segments meanwhile. Otherwise
    /// each segment would wait for memory several times, which is most of the time if it has a few rows of the list.
    /// </summary>
    private void Touch(ReadOnlySpan<uint> rows)
    {
        int last = -1;
        foreach (uint row in rows)
        {
            int block = _records.Table.BlockOf(row);
            if (block == last) continue;
            last = block;
            _records.Table.Segment(block).Touch();
            _filter.Condition?.Touch(block);
        }
    }

    private int Pick(ReadOnlySpan<uint> ids, Span<PickedRow> picked)
    {
        int count = 0;
        Span<int> rows = stackalloc int[ids.Length];
        while (!ids.IsEmpty)
        {
            int block = _records.Table.BlockOf(ids[0]), ofBlock = 0;
            for (; ofBlock < ids.Length && _records.Table.BlockOf(ids[ofBlock]) == block; ofBlock++) rows[ofBlock] = _records.Table.Place(ids[ofBlock], out _);
            count += PickedRows.Pick(_records.RowsOf(block, _filter), rows[..ofBlock], _filter.Condition, picked[count..]);
            ids = ids[ofBlock..];
        }
        return count;
    }
}
