using Valori.Kernel.Memory;

namespace Valori.Kernel.Search;

/// <summary>Scores the rows of a list, which an index knows to hold every row that matches the filter, and maybe others.</summary>
internal sealed class RowListPlan : SearchPlan
{
    // Below so many rows in the list, one in so many of all, scoring them one by one beats a scan that looks at the filter.
    private const ulong SelectiveFraction = 8;

    // Rows ahead whose vectors are asked of memory: 4 to 32 were tried, more than 8 gain little.
    private const int PrefetchDistance = 8;

    // Some tens of microseconds.
    private const int PieceRows = 2_048;

    // What is picked before it is scored: a few kilobytes.
    private const int ChunkRows = 256;

    private readonly ViewRecords _records;
    private readonly CandidateRows _candidates;
    private readonly ReadOnlyMemory<uint> _rows;
    private readonly Filter _filter;
    private readonly CancellationToken _stop;
    private readonly bool _indexDecides;

    /// <param name="filter">Rows that do not match it are passed over.</param>
    public RowListPlan(ViewRecords records, CandidateRows rows, Filter filter, CancellationToken stop)
        : this(records, rows, rows.Rows(), filter, stop, indexDecides: rows.AllMatch && ReferenceEquals(rows.Of, filter))
    {
    }

    private RowListPlan(ViewRecords records, CandidateRows candidates, ReadOnlyMemory<uint> rows, Filter filter, CancellationToken stop, bool indexDecides)
    {
        _records = records;
        _candidates = candidates;
        _rows = rows;
        _filter = filter;
        _stop = stop;
        _indexDecides = indexDecides;
    }

    public override Filter Index => _candidates.Of;

    public override int Pieces => (int)(((long)_rows.Length + PieceRows - 1) / PieceRows);

    public override ulong MostHits => (ulong)_rows.Length;

    public override Filter? Unverified => _indexDecides && !_candidates.IsCertain ? _filter : null;

    public override SearchPlan Verifying() => new RowListPlan(_records, _candidates, _rows, _filter, _stop, indexDecides: false);

    /// <summary>Whether the rows are few enough for this to be the better way.</summary>
    public static bool IsBetter(ViewRecords records, ulong rows) => rows * SelectiveFraction <= records.Rows;

    public override void Run(int piece, SearchPart part)
    {
        int begin = piece * PieceRows;
        ReadOnlySpan<uint> rows = _rows.Span.Slice(begin, Math.Min(PieceRows, _rows.Length - begin));
        part.RowsExamined += (ulong)rows.Length;
        Span<Picked> picked = stackalloc Picked[Math.Min(rows.Length, ChunkRows)];
        while (!rows.IsEmpty)
        {
            _stop.ThrowIfCancellationRequested();
            ReadOnlySpan<uint> chunk = rows[..Math.Min(rows.Length, ChunkRows)];
            Touch(chunk);
            Score(picked[..Pick(chunk, picked)], part);
            rows = rows[chunk.Length..];
        }
    }

    /// <summary>
    /// Reads what leads to the vectors: object after object for each segment, but those of the next segments meanwhile. Otherwise each
    /// segment would wait for memory several times, which is most of the time if it has a few rows of the list.
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
        }
    }

    /// <summary>The rows that are live, with their places.</summary>
    private int Pick(ReadOnlySpan<uint> ids, Span<Picked> picked)
    {
        int count = 0;
        SegmentRows here = default;
        int block = -1;
        foreach (uint id in ids)
        {
            int row = _records.Table.Place(id, out int of);
            if (of != block) here = _records.RowsOf(block = of, RowFilter.None);
            if (!here.IsLive(row)) continue;
            here.PrefetchNorm(row);
            bool matches = _indexDecides && (_candidates.IsCertain || !here.Segment.MayHaveReplacedFields(row));
            picked[count++] = new Picked(here.AddressOf(row), here.VectorBytes, block, row, matches);
        }
        return count;
    }

    private void Score(ReadOnlySpan<Picked> picked, SearchPart part)
    {
        QueryVector[] queries = part.Queries;
        TopHits[] best = part.Best;
        // Mostly there is one query: what it needs stays in registers.
        QueryVector first = queries[0];
        TopHits firstBest = best[0];
        // Ids ascend, so a segment is looked up once.
        SegmentRows here = default;
        int block = -1, asked = 0;
        for (int i = 0; i < picked.Length; i++)
        {
            // The rows lie anywhere, so each would wait for memory.
            for (; asked < picked.Length && asked <= i + PrefetchDistance; asked++) Cache.Prefetch(picked[asked].Address, picked[asked].Bytes);
            (_, _, int of, int row, bool matches) = picked[i];
            if (of != block) here = _records.RowsOf(block = of, new RowFilter(null, _filter, _stop));
            here.OfferLive(row, matches, first, firstBest);
            for (int query = 1; query < queries.Length; query++) here.OfferLive(row, matches, queries[query], best[query]);
        }
    }

    /// <summary>A row that is to be scored.</summary>
    /// <param name="Address">Of its vector, to ask memory for it: nothing is read by it.</param>
    /// <param name="Bytes">Of its vector.</param>
    /// <param name="Matches">Whether the index decides that it matches.</param>
    private readonly record struct Picked(nint Address, int Bytes, int Block, int Row, bool Matches);
}
