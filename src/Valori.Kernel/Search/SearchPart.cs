namespace Valori.Kernel.Search;

/// <summary>One thread's part of a search: its best hits so far, and memory that it uses again from piece to piece.</summary>
/// <param name="capacity">Hits of each query.</param>
/// <param name="costLimit">No hit costs more.</param>
internal sealed class SearchPart(QueryVector[] queries, int capacity, long costLimit)
{
    // Of the rows that were judged, one in so many: fewer are scored one by one, more are scanned.
    private const long FewFraction = 8;

    private SegmentBatchScan? _batch;
    private long _judged;
    private long _mayMatch;

    public QueryVector[] Queries => queries;

    /// <summary>For each query.</summary>
    public TopHits[] Best { get; } = Array.ConvertAll(queries, _ => new TopHits(capacity, costLimit));

    /// <summary>Rows of the pieces so far.</summary>
    public ulong RowsExamined { get; set; }

    /// <summary>Whether few of the rows that were judged so far may match the filter: also before any was.</summary>
    public bool FewMatch => _mayMatch * FewFraction <= _judged;

    public SegmentBatchScan Batch => _batch ??= new SegmentBatchScan(queries.Length);

    /// <summary>Counts rows that were judged before any was scored.</summary>
    public void CountJudged(int rows, int mayMatch)
    {
        _judged += rows;
        _mayMatch += mayMatch;
    }

    /// <summary>Takes over the best hits of another part of the same search.</summary>
    public void Merge(SearchPart other)
    {
        for (int query = 0; query < Best.Length; query++) Best[query].Merge(other.Best[query]);
        AddCounts(other);
    }

    /// <summary>Adds what another part read, and not its hits.</summary>
    public void AddCounts(SearchPart other)
    {
        for (int query = 0; query < Best.Length; query++) Best[query].AddCounts(other.Best[query]);
        RowsExamined += other.RowsExamined;
    }
}
