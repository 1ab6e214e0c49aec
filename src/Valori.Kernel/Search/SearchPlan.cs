using Valori.Kernel.Filters;

namespace Valori.Kernel.Search;

/// <summary>
/// One way to find the hits of a search in the records of a View. All ways find the same hits and differ in what they read; a
/// further index is a further way, and a line in <see cref="For"/>. Immutable: threads share it.
/// </summary>
/// <remarks>A way is asked once for each piece, some tens of microseconds of work, and never for each row.</remarks>
internal abstract class SearchPlan
{
    /// <summary>Parts that threads can take one by one; 0 if no record can be a hit.</summary>
    public abstract int Pieces { get; }

    /// <summary>No search has more hits than this.</summary>
    public abstract ulong MostHits { get; }

    /// <summary>The part of the filter that an index answers; null if every row is looked at.</summary>
    public virtual Filter? Index => null;

    /// <summary>What hits must still be asked for, as an index may be wrong about them (<see cref="CandidateRows.IsCertain"/>); null for nothing.</summary>
    public virtual Filter? Unverified => null;

    /// <summary>The same way without trust in the index, if a hit was none.</summary>
    public virtual SearchPlan Verifying() => this;

    /// <summary>Chooses the way that reads least.</summary>
    /// <param name="stop">Looked at before the filter looks at a row.</param>
    public static SearchPlan For(ViewRecords records, Filter filter, CancellationToken stop = default) => filter switch
    {
        Everything => new ScanPlan(records, RowFilter.None),
        _ when CandidateRows.For(records, filter) is { } rows && RowListPlan.IsBetter(records, rows.Count) =>
            new RowListPlan(records, rows, filter, stop),
        _ when filter.TagOrNull() is { } tag => new ScanPlan(records, new RowFilter(tag, null)),
        _ => new ScanPlan(records, new RowFilter(null, filter, stop, RowCondition.For(records, filter))),
    };

    /// <summary>Offers every row of a piece that can be a hit to the part's best hits.</summary>
    public abstract void Run(int piece, SearchPart part);
}
