using System.Globalization;
using Valori.Kernel.Proximity;
using Valori.Kernel.Search;

namespace Valori.Kernel;

internal sealed partial class View
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

    /// <summary>The same object in all Views of one kernel, and another one in those of another: versions and ids mean the same where it is the same.</summary>
    internal object KernelIdentity => _storage.Kernel;

    /// <summary>Whether all vertices of a graph whose records are live here have the codes of these records: a graph of other content has others.</summary>
    internal bool HasContentOf(ProximityGraph graph) =>
        graph.Schema == Schema && graph.Boundary <= RecordSlots && ProximityBuilder.HasCodesOf(graph, new ViewRecords(_records, RecordSlots, Version));

    /// <summary>
    /// The View of the first version with so many record ids, up to this one. Null if there are fewer, or if versions from before, which may have
    /// had so many too, are out of reach. O(log versions).
    /// </summary>
    internal View? FirstWithRecordSlots(ulong slots)
    {
        if (RecordSlots < slots || _storage.Points[0].RecordSlots >= slots) return null;
        ulong low = 0, high = _pointCount - 1;
        while (low < high)
        {
            ulong middle = low + (high - low) / 2;
            if (_storage.Points[middle].RecordSlots < slots) low = middle + 1;
            else high = middle;
        }
        return new View(_storage, _storage.Points[low], low + 1);
    }

    /// <summary>
    /// An approximate search as its query asks for it: through the graph, or a reason to search exactly. There are never fewer hits than an exact search has.
    /// </summary>
    /// <param name="index">Of this View's kernel.</param>
    internal Outcome<NearAnswer> SearchAsAsked(ProximityIndex index, SearchQuery query, CancellationToken stop = default)
    {
        if (CheckSearch(query, out int room) is { } refusal) return refusal;
        int asked = query.Mode.Beam;
        if (query.Mode.Recall is { } recall)
        {
            if (recall >= 1) return new NearAnswer(null, "a recall of 1 is asked for", 0);
            if (index.Graph.Calibration.BeamFor(recall, room) is not { } beam)
                return new NearAnswer(null, string.Create(CultureInfo.InvariantCulture, $"no beam of the graph finds a recall of {recall} with {room} hits"), 0);
            query = query with { Mode = query.Mode with { Beam = asked = beam, Recall = null } };
        }
        NearPlan plan = NearPlan.For(new ViewRecords(_records, RecordSlots, Version), RecordCount, index, query, room, stop);
        if (plan.ExactBecause is { } because) return new NearAnswer(null, because, 0);
        if (!SearchNear(index, query, plan.Beam, plan.Listed, stop).TryGet(out ProximityAnswer? near, out refusal)) return refusal;
        return near.AreComplete
            ? new NearAnswer(near.Hits, null, near.RowsScored) { Beam = asked }
            : new NearAnswer(null, "fewer records than asked for were found near the vector", near.RowsScored);
    }

    /// <summary>
    /// Near live records that match the query's filter, with exact scores, ordered as <see cref="Search"/> orders them: mostly the nearest. A
    /// function of state, graph, query and beam.
    /// </summary>
    /// <param name="index">Of this View's kernel.</param>
    /// <param name="query">As for <see cref="SearchBatch"/>.</param>
    /// <param name="beam">Candidates that a walk keeps: more find more of the nearest, and take longer.</param>
    /// <param name="listed">Of the ids below the graph's boundary, all that match the query's filter, and maybe others: the walk goes among those that match. Null for a walk among all.</param>
    internal Outcome<ProximityAnswer> SearchNear(ProximityIndex index, SearchQuery query, int beam, RecordBitmap? listed = null, CancellationToken stop = default)
    {
        if (CheckSearch(query, out int room) is { } refusal) return refusal;
        ViewRecords records = new(_records, RecordSlots, Version);
        RowFilter filter = query.Filter == Filter.All ? RowFilter.None : new RowFilter(null, query.Filter, stop);
        SearchHit[][] hits = new SearchHit[query.Vectors.Count][];
        MatchingRecords? matching = listed is null ? null : new MatchingRecords(records, query.Filter, listed);
        bool areComplete = true;
        ulong rowsScored = 0;
        for (int i = 0; i < hits.Length; i++)
        {
            stop.ThrowIfCancellationRequested();
            QueryVector vector = new(query.Vectors, i);
            index.Search(records, vector, beam, filter, matching, wanted: room, () => new TopHits(room, query.CostLimit(Schema)), out TopHits best);
            rowsScored += best.Scored;
            hits[i] = best.ToHits(query.Offset, RecordSlots, Schema.ScoreUnit);
            areComplete &= hits[i].Length == Math.Max(0, room - query.Offset);
        }
        return new ProximityAnswer(hits, areComplete) { RowsScored = rowsScored };
    }
}

/// <summary>What a search through a graph found.</summary>
/// <param name="Hits">For each vector, best first.</param>
/// <param name="AreComplete">False if there may be more hits than these: an exact search then finds all that there are.</param>
internal sealed record ProximityAnswer(SearchHit[][] Hits, bool AreComplete)
{
    /// <summary>Rows whose exact score was computed.</summary>
    public ulong RowsScored { get; init; }
}

/// <summary>What an approximate search came to.</summary>
/// <param name="Hits">For each vector, best first; null if the search is to be exact.</param>
/// <param name="ExactBecause">Why it is to be exact; null otherwise.</param>
internal sealed record NearAnswer(SearchHit[][]? Hits, string? ExactBecause, ulong RowsScored)
{
    /// <summary>What the query asked for, or what stands for the recall that it asked for.</summary>
    public int Beam { get; init; }
}
