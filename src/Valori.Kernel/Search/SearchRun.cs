using Valori.Kernel.Storage;

namespace Valori.Kernel.Search;

/// <summary>
/// One search of one or many queries over one View, which any number of threads may carry out together: each calls
/// <see cref="RunShare"/>, takes segments until none is left, and merges what it found. The hits are the same however many
/// shares there are and however they interleave: the order of hits is total.
/// </summary>
public sealed class SearchRun
{
    // Below so many rows with the tag, one in so many of all, scoring them one by one beats a scan that looks at tags.
    private const ulong SelectiveFraction = 8;

    // Rows ahead that are asked of memory: 1 to 32 were tried, more than 8 gain nothing.
    private const int PrefetchDistance = 8;

    private readonly View _view;
    private readonly RecordTable _records;
    private readonly ReadOnlyMemory<uint>? _selected;
    private readonly QueryVector[] _queries;
    private readonly ulong? _filterTag;
    private readonly TopHits[] _merged;
    private readonly int _pieces;
    private readonly Lock _merging = new();
    private int _nextPiece;
    private int _piecesLeft;

    internal SearchRun(View view, RecordTable records, QueryVector[] queries, int capacity, ulong? filterTag)
    {
        _view = view;
        _records = records;
        _queries = queries;
        _filterTag = filterTag;
        if (filterTag is { } tag && records.Tags.Rows(tag, view.RecordSlots) is var rows && (ulong)rows.Length * SelectiveFraction <= view.RecordSlots)
        {
            _selected = rows;
            capacity = Math.Min(capacity, rows.Length);
        }
        _merged = NewHits(capacity);
        if (capacity > 0 && queries.Length > 0)
            _pieces = _selected is not null ? 1 : (int)((view.RecordSlots + (ulong)records.RowsPerSegment - 1) / (ulong)records.RowsPerSegment);
        _piecesLeft = _pieces;
    }

    /// <summary>Pieces that shares can take: more shares than pieces are of no use.</summary>
    public int Pieces => Math.Max(1, _pieces);

    /// <summary>Takes pieces until none is left. Thread-safe; to be called at least once.</summary>
    /// <returns>Whether this share finished the search: true for one share, which may then read <see cref="Hits"/>.</returns>
    public bool RunShare()
    {
        TopHits[]? best = null;
        SegmentBatchScan? batch = null;
        int taken = 0;
        for (int index; (index = Interlocked.Increment(ref _nextPiece) - 1) < _pieces; taken++)
        {
            best ??= NewHits(_merged[0].Capacity);
            if (_selected is { } selected) ScoreSelected(selected.Span, best);
            else if (_queries.Length == 1) SegmentScan.Run(Rows(index), _queries[0], best[0]);
            else (batch ??= new SegmentBatchScan(_queries.Length)).Run(Rows(index), _queries, best);
        }
        lock (_merging)
        {
            for (int query = 0; best is not null && query < best.Length; query++) _merged[query].Merge(best[query]);
            if (taken == 0 && _pieces > 0) return false;
            _piecesLeft -= taken;
            return _piecesLeft == 0;
        }
    }

    /// <summary>Per query the hits, best first. Once only, and only after a share finished the search.</summary>
    public SearchHit[][] Hits() => Array.ConvertAll(_merged, best =>
    {
        SearchHit[] hits = best.ToSorted();
        for (int i = 0; i < hits.Length; i++)
        {
            Invariant.Holds(hits[i].Score >= 0 && hits[i].Id.Value < _view.RecordSlots);
            Invariant.Holds(i == 0 || (hits[i - 1].Score, hits[i - 1].Id).CompareTo((hits[i].Score, hits[i].Id)) < 0);
        }
        return hits;
    });

    private TopHits[] NewHits(int capacity)
    {
        TopHits[] hits = new TopHits[_queries.Length];
        for (int i = 0; i < hits.Length; i++) hits[i] = new TopHits(capacity);
        return hits;
    }

    private void ScoreSelected(ReadOnlySpan<uint> rows, TopHits[] best)
    {
        // Mostly there is one query: what it needs stays in registers.
        QueryVector first = _queries[0];
        TopHits firstBest = best[0];
        // Ids ascend, so a segment is looked up once: by the row that is asked for ahead, and by the row that is scored.
        SegmentRows ahead = default, here = default;
        int aheadIndex = -1, hereIndex = -1;
        for (int i = 0; i < rows.Length; i++)
        {
            // The rows lie anywhere, so each would wait for memory.
            if (i + PrefetchDistance < rows.Length)
            {
                int row = _records.Place(rows[i + PrefetchDistance], out int index);
                if (index != aheadIndex) ahead = Rows(aheadIndex = index);
                ahead.Prefetch(row);
            }
            int place = _records.Place(rows[i], out int segment);
            if (segment != hereIndex) here = Rows(hereIndex = segment);
            here.Offer(place, first, firstBest);
            for (int query = 1; query < _queries.Length; query++) here.Offer(place, _queries[query], best[query]);
        }
    }

    private SegmentRows Rows(int index)
    {
        RecordSegment segment = _records.Segment(index);
        ulong first = (ulong)index * (ulong)_records.RowsPerSegment;
        int rows = (int)Math.Min((ulong)_records.RowsPerSegment, _view.RecordSlots - first);
        return new SegmentRows(segment, first, rows, _view.Version, _selected is null ? _filterTag : null);
    }
}
