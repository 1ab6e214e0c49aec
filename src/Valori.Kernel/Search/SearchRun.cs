namespace Valori.Kernel.Search;

/// <summary>
/// One search of one or many queries over one View, which any number of threads may carry out together: each calls
/// <see cref="RunShare"/>, takes pieces until none is left, and merges what it found. The hits are the same however many
/// shares there are and however they interleave: the order of hits is total.
/// </summary>
internal sealed class SearchRun
{
    // As many as memory looks for at a time.
    private const int HitsAtATime = 32;

    private readonly ViewRecords _records;
    private readonly QueryVector[] _queries;
    private readonly int _capacity;
    private readonly long _costLimit;
    private readonly int _pieces;
    private readonly int _offset;
    private readonly CancellationToken _stop;
    private readonly Lock _merging = new();

    // What the first share found, and then what the others did. Null before, and if no record can be a hit.
    private SearchPlan _plan;
    private SearchPart? _merged;
    private int _nextPiece;
    private int _piecesLeft;

    /// <param name="hits">Hits of each query that there is room for, those that the offset leaves out included.</param>
    /// <param name="stop">Looked at before each piece, and before the filter looks at a row.</param>
    public SearchRun(ViewRecords records, SearchQuery query, int hits, CancellationToken stop)
    {
        _records = records;
        _offset = query.Offset;
        _stop = stop;
        _plan = SearchPlan.For(records, query.Filter, stop);
        _queries = new QueryVector[query.Vectors.Count];
        for (int row = 0; row < _queries.Length; row++) _queries[row] = new QueryVector(query.Vectors, row);
        _costLimit = query.CostLimit(records.Table.Schema);
        _capacity = (int)Math.Min((ulong)hits, _plan.MostHits);
        if (_capacity > 0 && _queries.Length > 0) _pieces = _plan.Pieces;
        _piecesLeft = _pieces;
    }

    /// <summary>Pieces that shares can take: more shares than pieces are of no use.</summary>
    public int Pieces => Math.Max(1, _pieces);

    /// <summary>Takes pieces until none is left. Thread-safe; to be called at least once.</summary>
    /// <returns>Whether this share finished the search: true for one share, which may then read <see cref="Hits"/>.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled: there will be no hits.</exception>
    public bool RunShare()
    {
        SearchPart? part = null;
        int taken = 0;
        for (int piece; (piece = Interlocked.Increment(ref _nextPiece) - 1) < _pieces; taken++)
        {
            _stop.ThrowIfCancellationRequested();
            _plan.Run(piece, part ??= new SearchPart(_queries, _capacity, _costLimit));
        }
        lock (_merging)
        {
            if (_merged is null) _merged = part;
            else if (part is not null) _merged.Merge(part);
            if (taken == 0 && _pieces > 0) return false;
            _piecesLeft -= taken;
            if (_piecesLeft > 0) return false;
        }
        if (_merged is not null && _plan.Unverified is { } filter && !AllMatch(filter, _merged)) RunVerifying(_merged);
        return true;
    }

    /// <summary>Whether what the index took for hits are hits.</summary>
    private bool AllMatch(Filter filter, SearchPart found)
    {
        foreach (TopHits best in found.Best)
        {
            best.Filtered += (ulong)best.All.Length;
            for (int i = 0; i < best.All.Length; i++)
            {
                _stop.ThrowIfCancellationRequested();
                if (i % HitsAtATime == 0) AskFor(best.All[i..Math.Min(best.All.Length, i + HitsAtATime)]);
                if (!_records.Matches(filter, new RecordId(best.All[i].Id))) return false;
            }
        }
        return true;
    }

    /// <summary>Asks memory for the fields of hits, which lie anywhere.</summary>
    private void AskFor(ReadOnlySpan<TopHits.Found> hits)
    {
        foreach (TopHits.Found hit in hits) _records.Table.Find(new RecordId(hit.Id), out int row).PrefetchRow(row);
        foreach (TopHits.Found hit in hits) _records.Table.Find(new RecordId(hit.Id), out int row).PrefetchAttributes(row);
    }

    /// <summary>
    /// Searches once more, as one of the hits was none. That is rare: two values of a field had the same hash, or a value was an element of an
    /// array elsewhere.
    /// </summary>
    private void RunVerifying(SearchPart misled)
    {
        _plan = _plan.Verifying();
        SearchPart part = new(_queries, _capacity, _costLimit);
        for (int piece = 0; piece < _pieces; piece++)
        {
            _stop.ThrowIfCancellationRequested();
            _plan.Run(piece, part);
        }
        part.AddCounts(misled);
        _merged = part;
    }

    /// <summary>The hits of each query, best first. Once only, and only after a share finished the search.</summary>
    public SearchHit[][] Hits() => _merged is null ? Array.ConvertAll(_queries, _ => Array.Empty<SearchHit>()) : Array.ConvertAll(_merged.Best, Sorted);

    /// <summary>What was read for the hits. Only after a share finished the search.</summary>
    public QueryPlan Plan() => new()
    {
        Index = _plan.Index?.ToString(),
        EstimatedRows = _plan.MostHits,
        RowsExamined = _merged?.RowsExamined ?? 0,
        RowsFiltered = Sum(best => best.Filtered),
        RowsScored = Sum(best => best.Scored),
    };

    private ulong Sum(Func<TopHits, ulong> rows) => _merged?.Best.Aggregate(0UL, (sum, best) => sum + rows(best)) ?? 0;

    private SearchHit[] Sorted(TopHits best) => best.ToHits(_offset, _records.Slots, _records.Table.Schema.ScoreUnit);
}
