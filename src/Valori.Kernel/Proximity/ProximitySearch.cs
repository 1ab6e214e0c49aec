using Valori.Kernel.Search;

namespace Valori.Kernel.Proximity;

/// <summary>
/// A search of a View through a graph: the walk finds candidates by their codes, and these get exact scores. Records that the graph does not
/// cover are scored exactly, all of them. Used again from query to query; one thread at a time.
/// </summary>
internal sealed unsafe class ProximitySearch
{
    // Candidates with an exact score beyond the hits asked for: codes put few of the nearest further back than that.
    private const int RescoredBeyond = 20;

    // Rows ahead that are asked of memory.
    private const int PrefetchDistance = 16;

    private readonly BeamWalk _walk = new();
    private byte[] _codes = [];

    /// <summary>Offers the candidates of a graph, and all rows that it does not cover.</summary>
    /// <param name="beam">The width of the walk; at least as many as there is room for hits.</param>
    /// <param name="matching">Those among which the walk goes; null for all.</param>
    /// <param name="filter">Candidates that do not match it are passed over.</param>
    public void Run(ViewRecords records, ProximityGraph graph, ExactRows rows, QueryVector query, int beam, MatchingRecords? matching, RowFilter filter, TopHits best)
    {
        if (graph.Count == 0) return;
        if (_codes.Length < graph.CodeBytes) _codes = GC.AllocateUninitializedArray<byte>(graph.CodeBytes, pinned: true);
        if (graph.Schema.Metric == Metric.Dot)
        {
            graph.Scale.EncodeForProduct(query.Wide, _codes);
            Walk<ProductMeasure>(graph, beam, matching);
        }
        else
        {
            graph.Scale.Encode(query.Wide, _codes);
            Walk<SquaredMeasure>(graph, beam, matching);
        }
        OfferNearest(records, graph, rows, query, matching, filter, best);
        GC.KeepAlive(graph);
    }

    /// <summary>Offers all rows from an id on.</summary>
    public static void OfferFrom(ViewRecords records, ulong id, RowFilter filter, QueryVector query, TopHits best)
    {
        if (id >= records.Slots) return;
        int first = (int)(id / (ulong)records.Table.RowsPerSegment);
        for (int block = first; block < records.Blocks; block++)
        {
            if (block > first && records.Table.SharesSegmentWithPrevious(block)) continue;
            SegmentRows rows = records.RowsOf(block, filter);
            if (block > first)
            {
                SegmentScan.Run(rows, query, best);
                continue;
            }
            for (int row = 0; row < rows.Rows; row++)
            {
                if (rows.IdOf(row) >= id) rows.Offer(row, query, best);
            }
        }
    }

    private void Walk<TMeasure>(ProximityGraph graph, int beam, MatchingRecords? matching) where TMeasure : IMeasure
    {
        fixed (byte* codes = _codes)
        {
            if (matching is null) _walk.Run<TMeasure>(graph.Levels, codes, beam);
            else _walk.RunMatching<TMeasure>(graph.Levels, codes, beam, graph.Ids, matching);
        }
    }

    private void OfferNearest(ViewRecords records, ProximityGraph graph, ExactRows rows, QueryVector query, MatchingRecords? matching, RowFilter filter, TopHits best)
    {
        ReadOnlySpan<ulong> nearest = _walk.Nearest;
        uint[] ids = graph.Ids;
        ulong enough = best.Scored + (ulong)(best.Capacity + RescoredBeyond);
        int ahead = 0;
        for (int i = 0; i < nearest.Length && best.Scored < enough; i++)
        {
            // The rows lie anywhere, so each would wait for memory.
            for (; ahead < nearest.Length && ahead < i + PrefetchDistance; ahead++) rows.Prefetch(ids[BeamWalk.VertexOf(nearest[ahead])]);
            uint id = ids[BeamWalk.VertexOf(nearest[i])];
            // A View of before knows fewer records than the graph.
            if (id >= records.Slots) continue;
            if (matching is not null ? !matching[id] : filter.Rest is { } asked && !records.Matches(asked, new RecordId(id))) continue;
            rows.Offer(records, id, query, best);
        }
    }
}
