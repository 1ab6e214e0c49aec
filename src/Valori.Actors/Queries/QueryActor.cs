using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Valori.Actors.Client;
using Valori.Actors.Engine;
using Valori.Actors.Indexes;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Merkle;
using Valori.Kernel.Proofs;
using Valori.Kernel.Proximity;
using Valori.Kernel.Search;

namespace Valori.Actors.Queries;

/// <summary>
/// Answers questions of any engine from the View that comes with them. Stateless; the actors of a lane share a dispatcher and a
/// <see cref="QueryPool"/>. A search over many segments is shared with those that are idle: one query gets all processors, and
/// under load each query gets one.
/// </summary>
/// <param name="isCostly">Whether it is of the lane for what may take long. In the other one, what turns out to take long is handed over.</param>
internal sealed class QueryActor(QueryPool pool, bool isCostly, ValoriSettings settings, TimeProvider time) : UntypedActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // A share costs a message and a merge, some ten microseconds; a piece is a segment, which takes some forty.
    private const int PiecesPerShare = 2;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case QueryWork work: Do(work.Engine, work.Client, () => Answer(work)); break;
            case SearchShare share: Do(share.Engine, share.Client, () => RunShare(share)); break;
            case SearchEnd(var share, var hits): Do(share.Engine, share.Client, () => UntilStopped(share, () => Finish(share, hits))); break;
            // Not work of the pool: this actor stays as idle or busy as it was.
            default: Unhandled(message); break;
        }
    }

    /// <summary>Does what the pool handed out, and is idle again: at once, or when the task that it began has ended.</summary>
    private void Do(QueriedEngine engine, IActorRef client, Func<Task?> answer)
    {
        Task? later = null;
        try
        {
            later = answer();
        }
        catch (InvariantException e)
        {
            engine.Gateway.Tell(new InvariantBroken(e));
            client.Tell(new EngineFailure(EngineFailureKind.Stopped, $"collection '{engine.Name}' is stopping because an invariant of its code was broken: {e.Message}"), engine.Gateway);
        }
        catch (OperationCanceledException) when (QueryStop.IsFutile(client))
        {
            // Also if the memory for the answer was given back meanwhile.
        }
        catch (RefusedException e)
        {
            client.Tell(e.Refusal, engine.Gateway);
        }
        catch (EngineException e)
        {
            client.Tell(new EngineFailure(e.Kind, e.Message), engine.Gateway);
        }
        catch (OutOfMemoryException e)
        {
            _log.Warning(e, "a query of collection '{0}' needs more memory than the process has left", engine.Name);
            client.Tell(new EngineFailure(EngineFailureKind.Overloaded,
                "the process has not enough memory left for the answer; nothing was changed. Ask for less at once, or try again later"), engine.Gateway);
        }
        catch (Exception e)
        {
            // A bug, as far as can be known in this question alone. The asker must not wait in vain.
            _log.Error(e, "a query failed");
            client.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, $"a query failed because of a bug: {Describe.Fault(e)}; nothing was changed"), engine.Gateway);
        }
        finally
        {
            IActorRef self = Self;
            if (later is null) pool.BecomeIdle(self);
            else later.ContinueWith(_ => pool.BecomeIdle(self), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <returns>What the answer waits for, or null if it was sent.</returns>
    private Task? Answer(QueryWork work)
    {
        if (QueryStop.IsFutile(work.Client)) return null;
        if (Stopwatch.GetElapsedTime(work.Arrived) >= settings.RequestTimeout)
        {
            return Reply(work, new EngineFailure(EngineFailureKind.Overloaded,
                $"the query waited for {settings.RequestTimeout.TotalSeconds} s, which is the limit (valori.request-timeout), because others come before it; nothing was done, try again later"));
        }
        if (work.Query.AsOf is { } asOf)
        {
            if (!work.View.At(asOf, time.GetUnixMicroseconds()).TryGet(out DurableView? past, out Refusal? refusal)) return Reply(work, refusal);
            work = work with { View = past };
        }
        switch (work.Query)
        {
            case SearchQuestion search:
                return Begin(work, search);
            case GetTimeline(var from, var count):
                return CheckTimeline(from, count, work.View) is { } wrongPage
                    ? Reply(work, wrongPage)
                    : ReplyLater(work, work.Engine.Journal.ReadTimelineAsync(from, count, work.View.SequenceNr, work.View.History));
            case ProveHistory(var from, var to):
                if (CheckHistory(from, to, work.View) is { } wrongRange) return Reply(work, wrongRange);
                return work.View.History.CanProveFrom(from)
                    ? Reply(work, new HistoryExtension(work.View.History.Prove(from, to)))
                    : ReplyLater(work, ProveFromJournalAsync(from, to, work));
            case CompareWith(_, var limit) when Comparison.CheckLimit(limit) is { } wrongLimit:
                return Reply(work, wrongLimit);
            case CompareWith compare:
                ActorSystem system = Context.System;
                // It waits for digests, also of this engine, which other query actors answer: it must not keep one from them.
                work.Engine.Comparisons.Run(work, () => CompareAsync(system, work.Engine.Gateway, compare));
                return null;
            case GetMany or ListRecords or CountRecords or Distinct or ListNodes or ListEdges or GetSubgraph or Expand or GetNodeEdges:
                return ReplyUntilStopped(work);
            default:
                return Reply(work, AnswerTo(work, CancellationToken.None, meter: null));
        }
    }

    private Task? ReplyUntilStopped(QueryWork work)
    {
        using QueryStop stop = new(work.Client, settings.RequestTimeout, work.Arrived);
        try
        {
            return Reply(work, Metered(work.Client, meter => AnswerTo(work, stop.Token, meter)));
        }
        catch (ReadLimitException)
        {
            work.Engine.Costly.Submit(work, work.Client, work.Engine.Gateway);
            return null;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            stop.Tell(work.Client, work.Engine.Gateway);
            return null;
        }
    }

    /// <summary>Builds an answer in the memory that its asker has for it, which gets back what was taken if it is not built after all.</summary>
    /// <exception cref="ReadLimitException">It is for the costly lane.</exception>
    private object Metered(IActorRef client, Func<ReadMeter, object> build)
    {
        IAnswerRoom? room = (client as ReplyRef)?.Room;
        ReadMeter meter = QueryLanes.MeterOf(isCostly, room is null ? null : room.Grow);
        try
        {
            return build(meter);
        }
        catch
        {
            room?.Shrink(meter.Bytes);
            throw;
        }
    }

    private async Task<Comparison> CompareAsync(ActorSystem system, IActorRef gateway, CompareWith compare)
    {
        IActorRef other = await EngineAddresses.FindAsync(system, compare.Other, settings.RequestTimeout).ConfigureAwait(false);
        return await new EngineComparison(gateway, other, compare.Limit, settings.RequestTimeout).RunAsync().ConfigureAwait(false);
    }

    private static async Task<HistoryExtension> ProveFromJournalAsync(long from, long to, QueryWork work) =>
        new(await work.Engine.Journal.ProveAsync(from, to, work.View.History).ConfigureAwait(false));

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
            QueryPlan? plan = search is Search { Explain: true } ? run.Plan() with { Microseconds = (long)time.GetElapsedTime(began).TotalMicroseconds } : null;
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
        SearchAnswered answered = SearchAnswered.Through(new GraphUse(graph.Digest, graph.StateHash, graph.Boundary, search.Query.Mode.Beam));
        QueryPlan? plan = search is Search { Explain: true }
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
        SearchBatch => new SearchHitsBatch(hits) { Answered = answered },
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

    private static object AnswerTo(QueryWork work, CancellationToken stop, ReadMeter? meter)
    {
        DurableView durable = work.View;
        View view = durable.View;
        return work.Query switch
        {
            ProveContent(var kind, var id) => Prove(durable, kind, id),
            GetTreeDigests(var kind, var places) => Digests(view, kind, places),
            GetRecord(var record) => Content(view.GetRecord(record)),
            FindRecord(var record) => new RecordPresence(view.Find(record, out _)),
            GetMany(var records) many => Content(view.GetMany(records, many.With, Limits.MaximumAnswerBytes, stop, meter)),
            ListRecords list => Content(view.List(ToList(list, work.Engine), Limits.MaximumAnswerBytes, stop, meter)),
            Distinct(var field, var filter, var limit) => Content(view.Distinct(new DistinctQuery(field, filter, limit), stop)),
            CountRecords(var filter) => new RecordTotal(view.Count(filter, stop)),
            GetMetadata(var id) => Content(view.GetMetadata(id)),
            GetNode(var node) => Content(view.GetNode(node)),
            GetEdge(var id) => Content(view.GetEdge(id)),
            GetNodeEdges(var id) => Content(view.GetEdges(id, Limits.MaximumGraphAnswer, Limits.MaximumAnswerBytes, stop, meter)),
            GetSubgraph(var starts, var depth) subgraph => Content(view.Subgraph(new SubgraphQuery(starts, depth) { Traversal = subgraph.Traversal, Limit = subgraph.Limit }, stop, meter)),
            ListNodes(var filter, var limit, var cursor) list => Content(view.ListNodes(new NodeListQuery(filter, limit)
            {
                Kinds = list.Kinds,
                Record = list.Record,
                Cursor = cursor,
                Scope = ScopeOf(list, work.Engine),
            }, Limits.MaximumAnswerBytes, stop, meter)),
            ListEdges(var filter, var limit, var cursor) list => Content(view.ListEdges(new EdgeListQuery(filter, limit)
            {
                Kinds = list.Kinds,
                Node = list.Node,
                Direction = list.Direction,
                ValidAtUnixMicroseconds = list.ValidAtUnixMicroseconds,
                Cursor = cursor,
                Scope = ScopeOf(list, work.Engine),
            }, Limits.MaximumAnswerBytes, stop, meter)),
            Expand(var start, var depth) expand => view.Expand(start, depth, expand.Traversal, Limits.MaximumGraphAnswer, stop, meter)
                .TryGet(out IReadOnlyList<NodeId>? nodes, out Refusal? refusal) ? new NodeList(nodes) : refusal,
            GetStatus => new EngineStatus(
                work.Engine.Name, view.Schema, durable.SequenceNr, durable.UnixMicroseconds, view.StateHash, durable.Chain, durable.History.RootAt(durable.SequenceNr),
                view.RecordCount, view.NodeCount, view.EdgeCount, view.RecordSlots, view.NodeSlots, view.EdgeSlots),
            _ => throw new ArgumentException($"unknown query {work.Query.GetType().Name}"),
        };
    }

    private static ListQuery ToList(ListRecords list, QueriedEngine engine) => new(list.Filter, list.Limit)
    {
        Order = list.Order,
        Cursor = list.Cursor,
        With = list.With,
        Scope = ScopeOf(list, engine),
    };

    /// <summary>What a cursor belongs to besides its list.</summary>
    private static string ScopeOf(Query list, QueriedEngine engine) => $"{engine.Name}\n{list.AsOf}";

    private static object Prove(DurableView durable, ContentKind kind, ulong id)
    {
        Outcome<InclusionProof> outcome = kind switch
        {
            ContentKind.Record => durable.View.Prove(new RecordId(id)),
            ContentKind.Node => durable.View.Prove(new NodeId(id)),
            ContentKind.Edge => durable.View.Prove(new EdgeId(id)),
            _ => new Refusal(RefusalKind.InvalidArgument, $"{kind} is not a kind of content"),
        };
        return outcome.TryGet(out InclusionProof? proof, out Refusal? refusal) ? new ContentProof(durable.Place, proof) : refusal;
    }

    private static object Digests(View view, ContentKind kind, IReadOnlyList<TreePlace> places)
    {
        if (places.Count > TreeDigests.MaximumPlaces)
            return new Refusal(RefusalKind.LimitExceeded, $"{places.Count} digests are requested; the limit of one request is {TreeDigests.MaximumPlaces}");
        return view.GetDigests(kind, places).TryGet(out Digest[]? digests, out Refusal? refusal) ? new TreeDigests(digests) : refusal;
    }

    private static Refusal? CheckTimeline(long from, int count, DurableView view)
    {
        if (count is < 1 or > Timeline.MaximumEntries)
            return new Refusal(RefusalKind.InvalidArgument, $"count is {count}; it must be in 1..{Timeline.MaximumEntries}");
        return CheckSequenceNr("from", from, 1, view.SequenceNr);
    }

    private static Refusal? CheckHistory(long from, long to, DurableView view) =>
        CheckSequenceNr("from", from, 1, view.SequenceNr) ?? CheckSequenceNr("to", to, from, view.SequenceNr);

    private static Refusal? CheckSequenceNr(string what, long sequenceNr, long least, long most) => sequenceNr < least || sequenceNr > most
        ? new Refusal(RefusalKind.InvalidArgument, $"{what} is {sequenceNr}; it must be in {least}..{most}, the last being the newest event")
        : null;

    private static Task? Reply(QueryWork work, object reply)
    {
        work.Client.Tell(RemoteFrame.Fitting(reply, work.Client), work.Engine.Gateway);
        return null;
    }

    /// <summary>Sends the answer when it is there.</summary>
    internal static Task ReplyLater<T>(QueryWork work, Task<T> reply) =>
        reply.PipeTo(work.Client, work.Engine.Gateway, success: answer => RemoteFrame.Fitting(answer!, work.Client),
            failure: fault => work.Engine.IsDropped ? EngineDropped.RefusalOf(work.Engine.Name) : Failure(fault));

    private static object Failure(Exception fault) => fault switch
    {
        RefusedException refused => refused.Refusal,
        EngineException failed => new EngineFailure(failed.Kind, failed.Message),
        EventsDroppedException => new Refusal(RefusalKind.OutOfReach, fault.Message),
        CorruptionException => new EngineFailure(EngineFailureKind.Stopped, $"the journal is not what was written: {fault.Message}"),
        _ => new EngineFailure(EngineFailureKind.Recovering, $"the journal cannot be read: {Describe.Fault(fault)}; try again"),
    };

    private static object Content<T>(Outcome<T> outcome) where T : class => outcome.TryGet(out T? value, out Refusal? refusal) ? value : refusal;
}
