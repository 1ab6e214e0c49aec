using System.Globalization;
using Valori.Kernel.Filters;
using Valori.Kernel.Search;

namespace Valori.Kernel.Proximity;

/// <summary>
/// Whether an approximate search walks through the graph, and with which beam. A function of state, graph and query, so that everybody who has these
/// decides the same.
/// </summary>
/// <param name="Beam">The width of the walk: what was asked for, or if no index knows what matches the filter, as many times more as it lets fewer candidates through.</param>
/// <param name="Listed">Of the graph's ids, those that can match the filter: the walk goes among those that do. Null for a walk among all.</param>
/// <param name="ExactBecause">Why an exact search is better; null for the walk.</param>
internal readonly record struct NearPlan(int Beam, RecordBitmap? Listed, string? ExactBecause)
{
    // What a candidate of the beam costs, in rows that are scored one by one. Of such a row, what a row of a scan costs, and what a row costs that
    // an index lists and the walk is told of. docs/adr/0025 in Valori's repository.
    private const ulong RowsPerCandidate = 100;
    private const ulong ScannedRowsPerRow = 2;
    private const ulong ListedRowsPerRow = 8;

    // Rows that a filter is asked about to find out about how many match it.
    private const int SampledRows = 256;

    /// <param name="live">Live records.</param>
    /// <param name="hits">Of each vector, those that the offset leaves out included.</param>
    public static NearPlan For(ViewRecords records, ulong live, ProximityIndex index, SearchQuery query, int hits, CancellationToken stop)
    {
        if (live == 0) return Exactly($"there are no records");
        if (hits > SearchMode.MaximumBeam) return Exactly($"a walk keeps at most {SearchMode.MaximumBeam} candidates, and {hits} hits are asked for");
        ulong beam = (ulong)Math.Max(query.Mode.Beam, hits), uncovered = records.Slots - Math.Min(records.Slots, index.Graph.Boundary), cost = uncovered / ScannedRowsPerRow;
        bool isListed = false;
        if (query.Filter is not Everything)
        {
            // Not how many an index lists: it also lists what matched before, or does later, until it is made anew.
            ulong matching = records.Slots * (ulong)Sample(records, query.Filter, stop) / SampledRows;
            isListed = CandidateRows.HasLists(query.Filter);
            if (isListed)
            {
                cost += matching / ListedRowsPerRow + beam * RowsPerCandidate;
                if (matching <= cost) return Exactly($"about {matching} of {live} records match the filter, and scoring these is faster");
            }
            else
            {
                beam = beam * live / Math.Max(1, matching);
                if (beam > SearchMode.MaximumBeam) return Exactly($"about {matching} of {live} records match the filter: too few for a walk among all of them");
                cost += beam * RowsPerCandidate;
            }
        }
        else
        {
            cost += beam * RowsPerCandidate;
        }
        if (query.Mode.Kind == SearchModeKind.Auto && live / ScannedRowsPerRow <= cost) return Exactly($"a scan of {live} records is faster than a walk with a beam of {beam}");
        return new NearPlan((int)beam, isListed ? ListedIds(records, query.Filter, index.Graph.Boundary) : null, null);
    }

    /// <summary>What an index lists, below the graph's boundary; all that is there if the index is full.</summary>
    private static RecordBitmap ListedIds(ViewRecords records, Filter filter, ulong boundary)
    {
        RecordBitmap listed = new(boundary);
        if (CandidateRows.For(records, filter) is not { } rows)
        {
            for (ulong id = 0; id < boundary; id++) listed.Add((uint)id);
            return listed;
        }
        foreach (uint id in rows.Rows().Span)
        {
            if (id < boundary) listed.Add(id);
        }
        return listed;
    }

    private static NearPlan Exactly(FormattableString because) => new(0, null, because.ToString(CultureInfo.InvariantCulture));

    /// <summary>How many of some records match.</summary>
    private static int Sample(ViewRecords records, Filter filter, CancellationToken stop)
    {
        int matching = 0;
        for (ulong i = 0; i < SampledRows; i++)
        {
            stop.ThrowIfCancellationRequested();
            if (records.Matches(filter, new RecordId(ProximityBuilder.Mixed(i) % records.Slots))) matching++;
        }
        return matching;
    }
}
