using System.Collections.Concurrent;
using Valori.Kernel.Search;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A graph and the records that it serves: those of one kernel, in Views of any version. Records that a View shows and the graph does not
/// cover are scored exactly: those that came after it, and those that were deleted before it and are live as of an earlier version.
/// Thread-safe.
/// </summary>
internal sealed class ProximityIndex
{
    // Walks of twice that width take as long as many an exact scan.
    private const int MaximumGrownBeam = 4_096;
    private const int BeamGrowth = 4;

    private readonly RecordBitmap _covered;
    private readonly ConcurrentBag<ProximitySearch> _searches = [];
    private volatile ExactRows? _rows;

    private ProximityIndex(ProximityGraph graph, RecordBitmap covered, ulong coveredFrom)
    {
        Graph = graph;
        _covered = covered;
        CoveredFrom = coveredFrom;
    }

    public ProximityGraph Graph { get; }

    /// <summary>From this version of the kernel on, every live record below the graph's boundary has a vertex.</summary>
    public ulong CoveredFrom { get; }

    /// <summary>What it takes of memory besides the graph.</summary>
    public long Bytes => _covered.Bytes;

    /// <summary>Null if the graph is not one of these records: another schema, or a live record below the boundary has no vertex.</summary>
    public static ProximityIndex? Over(ViewRecords records, ProximityGraph graph)
    {
        if (graph.Schema != records.Table.Schema || graph.Boundary > records.Slots) return null;
        RecordBitmap covered = new(graph.Boundary);
        foreach (uint id in graph.Ids) covered.Add(id);
        for (ulong id = 0; (id = NextUncovered(records, covered, id, graph.Boundary)) < graph.Boundary; id++)
        {
            if (records.Table.Find(new RecordId(id), out int row).IsLive(row, records.Version)) return null;
        }
        return new ProximityIndex(graph, covered, records.Version);
    }

    /// <summary>The best hits of one query; false if they may be fewer than there are.</summary>
    /// <param name="filter">For the records that are scored exactly: the same as <paramref name="matching"/>.</param>
    /// <param name="wanted">Enough rows of the graph with a score: with fewer, the walk is repeated with a wider beam.</param>
    public bool Search(ViewRecords records, QueryVector query, int beam, RowFilter filter, MatchingRecords? matching, int wanted, Func<TopHits> newBest, out TopHits best)
    {
        if (!_searches.TryTake(out ProximitySearch? search)) search = new ProximitySearch();
        while (true)
        {
            best = newBest();
            search.Run(records, Graph, RowsOf(records), query, Math.Max(beam, best.Capacity), matching, filter, best);
            // Before the others, of which a scan scores more or fewer as their segments are.
            bool isComplete = best.Scored >= (ulong)wanted;
            ProximitySearch.OfferFrom(records, Graph.Boundary, filter, query, best);
            if (records.Version < CoveredFrom) OfferUncovered(records, filter, query, best);
            if (isComplete || beam >= MaximumGrownBeam || beam >= Graph.Count)
            {
                _searches.Add(search);
                return isComplete;
            }
            beam = Math.Min(beam * BeamGrowth, MaximumGrownBeam);
        }
    }

    /// <summary>Nearly always those of the last search: tables begin anew when memory is freed, and Views of before read the old ones.</summary>
    private ExactRows RowsOf(ViewRecords records)
    {
        ulong end = Math.Min(Graph.Boundary, records.Slots);
        return _rows is { } rows && rows.Table == records.Table && rows.End >= end ? rows : _rows = new ExactRows(records, end);
    }

    private void OfferUncovered(ViewRecords records, RowFilter filter, QueryVector query, TopHits best)
    {
        ulong end = Math.Min(Graph.Boundary, records.Slots);
        for (ulong id = 0; (id = NextUncovered(records, _covered, id, end)) < end; id++)
        {
            int row = records.Table.Place((uint)id, out int block);
            records.RowsOf(block, filter).Offer(row, query, best);
        }
    }

    /// <summary>The first id from the given one on that has a row and no vertex; the end if there is none below it.</summary>
    private static ulong NextUncovered(ViewRecords records, RecordBitmap covered, ulong id, ulong end)
    {
        while ((id = records.Table.NextWithRow(id, end)) < end)
        {
            ulong next = covered.NextMissing(id, end);
            if (next == id) return id;
            id = next;
        }
        return end;
    }
}
