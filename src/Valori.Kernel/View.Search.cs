using Valori.Kernel.Search;
using Valori.Kernel.Vectors;

namespace Valori.Kernel;

/// <summary>One answer of a search: a record and its exact distance from the query.</summary>
/// <param name="Score">The squared L2 distance in units of 2^-32: an exact integer (FORMATS section 2).</param>
public readonly record struct SearchHit(RecordId Id, long Score)
{
    /// <summary>The L2 distance for people to read: the square root of the score, in the vectors' own unit.</summary>
    public double Distance => Math.Sqrt(Score) / FixedPoint.UnitsPerOne;
}

/// <summary>A hit together with the graph around it.</summary>
/// <param name="Nodes">The nodes that stand for the record and those within the asked depth of them, breadth first.</param>
public sealed record ExpandedHit(SearchHit Hit, IReadOnlyList<NodeId> Nodes);

public sealed partial class View
{
    /// <summary>
    /// The exact <paramref name="k"/> nearest live records, ordered by (score, id); fewer where there are fewer. With a
    /// tag, among the records that have it.
    /// </summary>
    /// <param name="query">A block of one vector.</param>
    public Outcome<SearchHit[]> Search(VectorBlock query, int k, ulong? filterTag)
    {
        if (query.Count != 1) return new Refusal(RefusalKind.InvalidArgument, $"expected one query vector, got {query.Count}");
        return SearchBatch(query, k, filterTag).TryGet(out SearchHit[][]? hits, out Refusal? refusal) ? hits[0] : refusal;
    }

    /// <summary>
    /// What <see cref="Search"/> gives for each of the queries, at a fraction of the cost: every piece of memory is read once
    /// for all of them.
    /// </summary>
    /// <param name="queries">A block of any number of vectors.</param>
    /// <returns>Hits per query, in the block's order.</returns>
    public Outcome<SearchHit[][]> SearchBatch(VectorBlock queries, int k, ulong? filterTag)
    {
        if (!BeginSearch(queries, k, filterTag).TryGet(out SearchRun? run, out Refusal? refusal)) return refusal;
        run.RunShare();
        return run.Hits();
    }

    /// <summary>The same search for several threads to carry out together; nothing is done yet.</summary>
    public Outcome<SearchRun> BeginSearch(VectorBlock queries, int k, ulong? filterTag)
    {
        if (queries.Dimension != Dimension)
            return new Refusal(RefusalKind.InvalidArgument, $"expected {Dimension} components, got {queries.Dimension}");
        if (k < 1) return new Refusal(RefusalKind.InvalidArgument, $"k is {k}; it must be at least 1");
        ulong hits = Math.Min((ulong)k, RecordCount);
        if (hits * (ulong)queries.Count > Limits.MaximumHits)
        {
            return new Refusal(RefusalKind.LimitExceeded,
                $"{queries.Count} queries of {hits} hits are {hits * (ulong)queries.Count} hits; the limit of one search is {Limits.MaximumHits}: ask for fewer, or in parts");
        }
        QueryVector[] prepared = new QueryVector[queries.Count];
        for (int row = 0; row < prepared.Length; row++) prepared[row] = new QueryVector(queries, row);
        return new SearchRun(this, _records, prepared, (int)hits, filterTag);
    }

    /// <summary>A search, and for each hit the nodes around it, all as of this one version.</summary>
    public Outcome<ExpandedHit[]> SearchExpand(VectorBlock query, int k, ulong? filterTag, int depth)
    {
        if (CheckDepth(depth) is { } refusal) return refusal;
        return Search(query, k, filterTag).TryGet(out SearchHit[]? hits, out Refusal? refused) ? ExpandHits(hits, depth) : refused;
    }

    /// <summary>
    /// The nodes around each hit of a search in this View; refused where they are more than
    /// <see cref="Limits.MaximumGraphAnswer"/> together.
    /// </summary>
    /// <param name="depth">At least 0 (<see cref="CheckDepth"/>).</param>
    public Outcome<ExpandedHit[]> ExpandHits(SearchHit[] hits, int depth) => ExpandHits(hits, depth, Limits.MaximumGraphAnswer);

    internal Outcome<ExpandedHit[]> ExpandHits(SearchHit[] hits, int depth, int mostNodes)
    {
        ExpandedHit[] expanded = new ExpandedHit[hits.Length];
        int left = mostNodes;
        for (int i = 0; i < hits.Length; i++)
        {
            List<NodeId> nodes = Reach(NodesOf(hits[i].Id), depth, left);
            if (nodes.Count > left) return TooManyNodes(depth, mostNodes);
            expanded[i] = new ExpandedHit(hits[i], nodes);
            left -= nodes.Count;
        }
        return expanded;
    }
}
