using Valori.Actors.Indexes;
using Valori.Actors.Serialization;
using Valori.Actors.State;
using Valori.Actors.Telemetry;
using Valori.Kernel;
using Valori.Kernel.Proximity;
using Valori.Kernel.Search;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>Searches: through a proximity graph if they may be, and otherwise in shares; then the parts of the hits' records, and what is around them.</summary>
internal sealed partial class QueryActor
{
    // A share costs a message and a merge, some ten microseconds; a piece is a segment, which takes some forty.
    private const int PiecesPerShare = 2;

    private Task? Begin(QueryWork work, SearchQuestion search)
    {
        if (CheckSearch(search) is { } wrong) return Reply(work, wrong);
        long began = time.GetTimestamp();
        QueryStop? stop = MayRunLong(search) ? new QueryStop(work.Client, settings.RequestTimeout, work.Arrived) : null;
        SearchAnswered? exactly = null;
        if (search.Query.Mode.Kind != SearchModeKind.Exact)
        {
            try
            {
                object? through = FindThroughGraph(work, search, began, stop, out string? because);
                if (through is SearchEnd(var end, var hits)) return UntilStopped(end, () => Finish(end, hits));
                if (through is not null)
                {
                    stop?.Dispose();
                    return Reply(work, through);
                }
                exactly = SearchAnswered.Exactly(because!);
            }
            catch (OperationCanceledException) when (stop is { Token.IsCancellationRequested: true })
            {
                stop.Tell(work.Client, work.Engine.Gateway);
                stop.Dispose();
                return null;
            }
        }
        if (!work.View.View.BeginSearch(search.Query, stop?.Token ?? CancellationToken.None).TryGet(out SearchRun? run, out Refusal? refusal))
        {
            stop?.Dispose();
            return Reply(work, refusal);
        }
        SearchShare share = new(run, ToReply, work.Client, work.Engine, stop);
        pool.Share(share, run.Pieces / PiecesPerShare - 1);
        return RunShare(share);

        object ToReply(SearchHit[][] found, ReadMeter meter)
        {
            if (ValoriMetrics.SearchedRows.Enabled) ValoriMetrics.SearchedRows.Add((long)run.Plan().RowsExamined, ValoriMetrics.Tag(ValoriMetrics.Collection, work.Engine.Name));
            QueryPlan? plan = IsExplained(search) ? run.Plan() with { Microseconds = (long)time.GetElapsedTime(began).TotalMicroseconds } : null;
            return work.View.View.WithRecords(found, search.Query.With, meter).TryGet(out SearchHit[][]? hits, out Refusal? tooLarge)
                ? SearchAnswer(search, work.View, hits, exactly, plan, stop?.Token ?? CancellationToken.None, meter)
                : tooLarge;
        }
    }

    /// <summary>What the graph found, as a <see cref="SearchEnd"/>, or a refusal; null, and why, if the search is to be exact.</summary>
    private object? FindThroughGraph(QueryWork work, SearchQuestion search, long began, QueryStop? stop, out string? because)
    {
        View view = work.View.View;
        IndexOffer offer = work.Engine.Index;
        if (offer.Served is not { } served || !served.Serves(view))
        {
            work.Engine.WantIndex();
            because = offer.WhyNone(view);
            return null;
        }
        because = null;
        if (!view.SearchAsAsked(served.Index, search.Query, stop?.Token ?? CancellationToken.None).TryGet(out NearAnswer? near, out Refusal? refusal)) return refusal;
        because = near.ExactBecause;
        if (near.Hits is not { } found) return null;
        ProximityGraph graph = served.Index.Graph;
        SearchAnswered answered = SearchAnswered.Through(new GraphUse(graph.Digest, graph.StateHash, graph.Boundary, near.Beam));
        QueryPlan? plan = IsExplained(search)
            ? new QueryPlan
            {
                Index = "proximity graph",
                EstimatedRows = near.RowsScored,
                RowsExamined = near.RowsScored,
                RowsScored = near.RowsScored,
                Microseconds = (long)time.GetElapsedTime(began).TotalMicroseconds,
            }
            : null;
        return new SearchEnd(new SearchShare(null, ToReply, work.Client, work.Engine, stop), found);

        object ToReply(SearchHit[][] hits, ReadMeter meter) => view.WithRecords(hits, search.Query.With, meter).TryGet(out SearchHit[][]? whole, out Refusal? tooLarge)
            ? SearchAnswer(search, work.View, whole, answered, plan, stop?.Token ?? CancellationToken.None, meter)
            : tooLarge;
    }

    // A filter may look at every element of an array of each record, a batch has any number of vectors, and a node any number of edges.
    // Without these a search takes milliseconds.
    private static bool MayRunLong(SearchQuestion search) =>
        search is SearchExpand or SearchSubgraph || search.Query.Vectors.Count > 1 || search.Query.Filter.Conditions > 0 && search.Query.Filter.TagOrNull() is null;

    private static bool IsExplained(SearchQuestion search) => search is Search { Explain: true } or SearchBatch { Explain: true };

    private static Refusal? CheckSearch(SearchQuestion search) => search switch
    {
        SearchBatch => null,
        SearchExpand expand => search.Query.CheckSingle() ?? View.CheckDepth(expand.Depth),
        SearchSubgraph subgraph => search.Query.CheckSingle() ?? View.CheckSubgraph(subgraph.Depth, subgraph.Traversal, subgraph.Limit),
        _ => search.Query.CheckSingle(),
    };

    private static object SearchAnswer(SearchQuestion search, DurableView view, SearchHit[][] hits, SearchAnswered? answered, QueryPlan? plan, CancellationToken stop, ReadMeter meter) => search switch
    {
        Search { WithReceipt: var withReceipt } => new SearchHits(hits[0], withReceipt ? ReceiptOf(search.Query, view, hits[0], answered?.Graph) : null, plan) { Answered = answered },
        SearchBatch => new SearchHitsBatch(hits) { Answered = answered, Plan = plan },
        SearchExpand { Depth: var depth } => view.View.ExpandHits(hits[0], depth, Limits.MaximumGraphAnswer, stop, meter).TryGet(out ExpandedHit[]? expanded, out Refusal? tooMany)
            ? new ExpandedHits(expanded) { Answered = answered }
            : tooMany,
        SearchSubgraph subgraph => view.View.Subgraph(hits[0], new SubgraphQuery([], subgraph.Depth) { Traversal = subgraph.Traversal, Limit = subgraph.Limit }, stop, meter)
            .TryGet(out Subgraph? around, out Refusal? refusal) ? new SubgraphHits(hits[0], around) { Answered = answered } : refusal,
        _ => throw new ArgumentException($"unknown search {search.GetType().Name}"),
    };

    private static SearchReceipt ReceiptOf(SearchQuery query, DurableView view, SearchHit[] hits, GraphUse? graph) =>
        new(view.SequenceNr, view.View.StateHash, SearchDigest.Compute(view.View.StateHash, query, hits, graph));

    private Task? RunShare(SearchShare share) => UntilStopped(share, () => !share.Run!.RunShare() || Finish(share, share.Run.Hits()));

    /// <summary>Does a part of a search, and disposes of its stop after the last one.</summary>
    /// <param name="run">Returns whether others go on with it.</param>
    private static Task? UntilStopped(SearchShare share, Func<bool> run)
    {
        try
        {
            if (run()) return null;
        }
        catch (OperationCanceledException) when (share.Stop is { Token.IsCancellationRequested: true } stop)
        {
            // The other shares come here too.
            stop.Tell(share.Client, share.Engine.Gateway);
        }
        share.Stop?.Dispose();
        return null;
    }

    /// <summary>Answers a search, or hands it over with its hits if what is to be read of these is much. Returns whether it did.</summary>
    private bool Finish(SearchShare share, SearchHit[][] hits)
    {
        object reply;
        try
        {
            reply = Metered(share.Client, meter => share.ToReply(hits, meter));
        }
        catch (ReadLimitException)
        {
            share.Engine.Costly.Submit(new SearchEnd(share, hits), share.Client, share.Engine.Gateway);
            return true;
        }
        share.Client.Tell(RemoteFrame.Fitting(reply, share.Client), share.Engine.Gateway);
        return false;
    }
}
