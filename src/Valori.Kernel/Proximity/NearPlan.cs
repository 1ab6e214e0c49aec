using System.Globalization;
using Valori.Kernel.Filters;
using Valori.Kernel.Search;

namespace Valori.Kernel.Proximity;

/// <summary>
/// Whether an approximate search walks through the graph, and with which beam. A function of state, graph and query, so that everybody who has these
/// decides the same.
/// </summary>
/// <param name="Beam">The width of the walk: what was asked for, or if no index knows what matches the filter, as many times more as it lets fewer candidates through.</param>
/// <param name="Matching">Of the graph's ids, those among which the walk goes; null for all.</param>
/// <param name="ExactBecause">Why an exact search is better; null for the walk.</param>
internal readonly record struct NearPlan(int Beam, RecordBitmap? Matching, string? ExactBecause)
{
    // What a candidate of the beam costs, in rows that are scored one by one. Of such a row, what a row of a scan costs, and what a row costs that
    // an index lists and the walk is told of. docs/adr/0025 in Valori's repository.
    private const ulong RowsPerCandidate = 100;
    private const ulong ScannedRowsPerRow = 2;
    private const ulong ListedRowsPerRow = 8;

    // Rows that a filter is asked about to find out how many match it, if no index knows.
    private const int SampledRows = 256;

    /// <param name="hits">Of each vector, those that the offset leaves out included.</param>
    public static NearPlan For(ViewRecords records, ProximityIndex index, SearchQuery query, int hits, CancellationToken stop)
    {
        if (records.Slots == 0) return Exactly($"there are no records");
        if (hits > SearchMode.MaximumBeam) return Exactly($"a walk keeps at most {SearchMode.MaximumBeam} candidates, and {hits} hits are asked for");
        ulong rows = Math.Max(1, records.Rows), beam = (ulong)Math.Max(query.Mode.Beam, hits), exact = rows / ScannedRowsPerRow;
        ulong uncovered = records.Slots - Math.Min(records.Slots, index.Graph.Boundary), cost = uncovered / ScannedRowsPerRow;
        CandidateRows? listed = null;
        if (query.Filter is not Everything)
        {
            listed = CandidateRows.For(records, query.Filter);
            if (listed is not null)
            {
                cost += listed.Count / ListedRowsPerRow + beam * RowsPerCandidate;
                if (RowListPlan.IsBetter(records, listed.Count) && listed.Count <= cost)
                    return Exactly($"an index lists the {listed.Count} records that can match the filter, and scoring these is faster");
            }
            else
            {
                ulong matching = rows * (ulong)Sample(records, query.Filter, stop) / SampledRows;
                beam = beam * rows / Math.Max(1, matching);
                if (beam > SearchMode.MaximumBeam) return Exactly($"about {matching} of {rows} records match the filter: too few for a walk among all of them");
                cost += beam * RowsPerCandidate;
            }
        }
        else
        {
            cost += beam * RowsPerCandidate;
        }
        if (query.Mode.Kind == SearchModeKind.Auto && exact <= cost) return Exactly($"a scan of {rows} records is faster than a walk with a beam of {beam}");
        return new NearPlan((int)beam, listed is null ? null : Among(listed, index.Graph.Boundary), null);
    }

    /// <summary>The rows that an index lists.</summary>
    private static RecordBitmap Among(CandidateRows listed, ulong boundary)
    {
        RecordBitmap matching = new(boundary);
        foreach (uint id in listed.Rows().Span)
        {
            if (id < boundary) matching.Add(id);
        }
        return matching;
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
