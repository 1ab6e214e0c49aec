using Valori.Kernel.Proximity;
using Valori.Kernel.Search;

namespace Valori.Kernel;

public sealed partial class View
{
    /// <summary>Builds a proximity graph of the live records.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is not allowed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled: there is no graph.</exception>
    internal ProximityGraph BuildProximityGraph(ProximityParameters parameters, ProximityBuildOptions options, CancellationToken stop = default) =>
        ProximityBuilder.Build(new ViewRecords(_records, RecordSlots, Version), StateHash, parameters, options, stop);

    /// <summary>
    /// Lets searches of this View, and of all others of its kernel, use a graph that was built from it or from an earlier state. Null if the
    /// graph does not cover its live records: it is one of other content. O(records).
    /// </summary>
    internal ProximityIndex? IndexWith(ProximityGraph graph) => ProximityIndex.Over(new ViewRecords(_records, RecordSlots, Version), graph);

    /// <summary>
    /// Near live records that match the query's filter, with exact scores, ordered as <see cref="Search"/> orders them: mostly the nearest. A
    /// function of state, graph, query and beam.
    /// </summary>
    /// <param name="index">Of this View's kernel.</param>
    /// <param name="query">As for <see cref="SearchBatch"/>.</param>
    /// <param name="beam">Candidates that a walk keeps: more find more of the nearest, and take longer.</param>
    /// <param name="matching">Of the ids below the graph's boundary, those that match the query's filter; null if all do.</param>
    internal Outcome<ProximityAnswer> SearchNear(ProximityIndex index, SearchQuery query, int beam, RecordBitmap? matching = null, CancellationToken stop = default)
    {
        if (CheckSearch(query, out int room) is { } refusal) return refusal;
        ViewRecords records = new(_records, RecordSlots, Version);
        RowFilter filter = query.Filter == Filter.All ? RowFilter.None : new RowFilter(null, query.Filter, stop);
        SearchHit[][] hits = new SearchHit[query.Vectors.Count][];
        bool areComplete = true;
        for (int i = 0; i < hits.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            QueryVector vector = new(query.Vectors, i);
            areComplete &= index.Search(records, vector, beam, filter, matching, wanted: room, () => new TopHits(room, query.CostLimit(Schema)), out TopHits best);
            hits[i] = best.ToHits(query.Offset, RecordSlots, Schema.ScoreUnit);
        }
        return new ProximityAnswer(hits, areComplete);
    }
}

/// <summary>What a search through a graph found.</summary>
/// <param name="Hits">For each vector, best first.</param>
/// <param name="AreComplete">False if there may be more hits than these: an exact search then finds all that there are.</param>
internal sealed record ProximityAnswer(SearchHit[][] Hits, bool AreComplete);
