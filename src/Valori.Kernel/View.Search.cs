using Valori.Kernel.Content;
using Valori.Kernel.Search;

namespace Valori.Kernel;

internal sealed partial class View
{
    /// <summary>
    /// The exact nearest live records that match the query's filter, ordered by (score, id); with <see cref="Metric.Dot"/> those
    /// with the largest inner product, largest first.
    /// </summary>
    /// <param name="query">With one vector.</param>
    /// <param name="cancellationToken">Looked at often.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<SearchHit[]> Search(SearchQuery query, CancellationToken cancellationToken = default)
    {
        if (query.CheckSingle() is { } several) return several;
        return SearchBatch(query, cancellationToken).TryGet(out SearchHit[][]? hits, out Refusal? refusal) ? hits[0] : refusal;
    }

    /// <summary>
    /// What <see cref="Search"/> returns for each vector of the query, at a fraction of the cost: every piece of memory is read
    /// once for all of them.
    /// </summary>
    /// <returns>Hits for each vector, in the block's order.</returns>
    /// <inheritdoc cref="Search" path="/exception"/>
    public Outcome<SearchHit[][]> SearchBatch(SearchQuery query, CancellationToken cancellationToken = default)
    {
        if (!BeginSearch(query, cancellationToken).TryGet(out SearchRun? run, out Refusal? refusal)) return refusal;
        run.RunShare();
        return WithRecords(run.Hits(), query.With);
    }

    /// <summary>Hits of this View with the parts of their records; refused if these are larger than <see cref="Limits.MaximumAnswerBytes"/>.</summary>
    internal Outcome<SearchHit[][]> WithRecords(SearchHit[][] found, RecordParts parts, ReadMeter? meter = null) => WithRecords(found, parts, Limits.MaximumAnswerBytes, meter);

    internal Outcome<SearchHit[][]> WithRecords(SearchHit[][] found, RecordParts parts, long mostBytes, ReadMeter? meter = null)
    {
        if (parts == RecordParts.None) return found;
        long bytes = 0;
        foreach (SearchHit[] hits in found)
        {
            for (int i = 0; i < hits.Length; i++)
            {
                long more = BytesOf(hits[i].Id, parts);
                bytes += more;
                if (bytes > mostBytes)
                {
                    return new Refusal(RefusalKind.LimitExceeded,
                        $"the records of the hits take more than {mostBytes} bytes, the limit of one answer: ask for fewer hits, or for fewer parts of each record");
                }
                meter?.Read(more);
                hits[i] = hits[i] with { Record = Content(hits[i].Id, parts) };
            }
        }
        return found;
    }

    /// <summary>A search, and for each hit the nodes around it, all as of this one version.</summary>
    /// <inheritdoc cref="ExpandHits(SearchHit[], int, CancellationToken)" path="/exception"/>
    public Outcome<ExpandedHit[]> SearchExpand(SearchQuery query, int depth, CancellationToken cancellationToken = default)
    {
        if (CheckDepth(depth) is { } refusal) return refusal;
        return Search(query, cancellationToken).TryGet(out SearchHit[]? hits, out Refusal? refused) ? ExpandHits(hits, depth, cancellationToken) : refused;
    }

    /// <summary>
    /// The nodes around each hit of a search in this View; refused if they are more than
    /// <see cref="Limits.MaximumGraphAnswer"/> together.
    /// </summary>
    /// <param name="hits">Refused if this View does not have their records.</param>
    /// <param name="depth">At least 0 (<see cref="CheckDepth"/>).</param>
    /// <param name="cancellationToken">Looked at before each hit and each edge.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Outcome<ExpandedHit[]> ExpandHits(SearchHit[] hits, int depth, CancellationToken cancellationToken = default) =>
        ExpandHits(hits, depth, Limits.MaximumGraphAnswer, cancellationToken);

    /// <summary>The same search for several threads to carry out together; nothing is done yet.</summary>
    internal Outcome<SearchRun> BeginSearch(SearchQuery query, CancellationToken stop = default)
    {
        if (CheckSearch(query, out int hits) is { } refusal) return refusal;
        return new SearchRun(new ViewRecords(_records, RecordSlots, Version), query, hits, stop);
    }

    /// <summary>Why there is no such search, or null.</summary>
    /// <param name="hits">Of each vector, as many as there can be, those that the offset leaves out included.</param>
    private Refusal? CheckSearch(SearchQuery query, out int hits)
    {
        hits = 0;
        if (query.Vectors.CheckAgainst(Schema) is { } wrong) return wrong;
        if (query.K < 1) return new Refusal(RefusalKind.InvalidArgument, $"k is {query.K}; it must be at least 1");
        if (query.Offset < 0) return new Refusal(RefusalKind.InvalidArgument, $"offset is {query.Offset}; it must be at least 0");
        if ((RecordPartNames.Check(query.With) ?? query.Mode.Check()) is { } wrongPart) return wrongPart;
        int queries = query.Vectors.Count;
        ulong most = Math.Min((ulong)query.K + (ulong)query.Offset, RecordCount);
        if (most * (ulong)queries > Limits.MaximumHits)
        {
            return new Refusal(RefusalKind.LimitExceeded,
                $"{queries} queries of {most} hits are {most * (ulong)queries} hits; the limit of one search is {Limits.MaximumHits}, those before the offset included: ask for fewer, or in parts");
        }
        hits = (int)most;
        return null;
    }

    /// <summary>How a search with the filter would find its records.</summary>
    internal SearchPlan PlanOf(Filter filter, CancellationToken stop = default) => SearchPlan.For(new ViewRecords(_records, RecordSlots, Version), filter, stop);

    internal Outcome<ExpandedHit[]> ExpandHits(SearchHit[] hits, int depth, int mostNodes, CancellationToken stop = default, ReadMeter? meter = null)
    {
        if ((CheckDepth(depth) ?? CheckHits(hits, stop)) is { } refusal) return refusal;
        ExpandedHit[] expanded = new ExpandedHit[hits.Length];
        int left = mostNodes;
        for (int i = 0; i < hits.Length; i++)
        {
            List<NodeId> nodes = Graph.Reach(NodesOf(hits[i].Id), depth, Traversal.Outgoing, left, stop, meter);
            if (nodes.Count > left) return TooManyNodes(depth, mostNodes);
            expanded[i] = new ExpandedHit(hits[i], nodes);
            left -= nodes.Count;
        }
        return expanded;
    }
}
