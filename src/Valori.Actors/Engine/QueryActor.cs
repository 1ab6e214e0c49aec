using Akka.Actor;
using Akka.Event;
using Valori.Actors.Journal;
using Valori.Actors.Protocol;
using Valori.Actors.Serialization;
using Valori.Kernel;
using Valori.Kernel.Hashing;
using Valori.Kernel.Proofs;
using Valori.Kernel.Search;
using Valori.Kernel.Vectors;

namespace Valori.Actors.Engine;

/// <summary>
/// Answers questions from the View that comes with them. Stateless; the actors of an engine share a dispatcher and a
/// <see cref="QueryPool"/>. A search over many segments is shared with those that are idle: one query gets all processors, and
/// under load each query gets one.
/// </summary>
internal sealed class QueryActor(string name, QueryPool pool, ValoriSettings settings, TimeProvider time) : UntypedActor
{
    private readonly JournalReader _journal = new(Context.System, settings, name);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // A share costs a message and a merge, some ten microseconds; a piece is a segment, which takes some forty.
    private const int PiecesPerShare = 2;

    protected override void OnReceive(object message)
    {
        IActorRef client = message switch
        {
            QueryWork work => work.Client,
            SearchShare share => share.Client,
            _ => ActorRefs.Nobody,
        };
        try
        {
            switch (message)
            {
                case QueryWork work: Answer(work); break;
                case SearchShare share: RunShare(share); break;
                default: Unhandled(message); break;
            }
        }
        catch (InvariantException e)
        {
            Context.Parent.Tell(new InvariantBroken(e));
            client.Tell(new EngineFailure(EngineFailureKind.Stopped, $"engine '{name}' stops, because a promise of its code does not hold: {e.Message}"), Context.Parent);
        }
        catch (Exception e)
        {
            // A bug, in this question alone as far as anybody knows. Whoever asked shall not wait for nothing.
            _log.Error(e, "a query failed");
            client.Tell(new Status.Failure(e), Context.Parent);
        }
        finally
        {
            pool.BecomeIdle(Self);
        }
    }

    private void Answer(QueryWork work)
    {
        if (work.Query.AsOf is { } asOf)
        {
            if (!work.View.At(asOf, time.GetUnixMicroseconds()).TryGet(out DurableView? past, out Refusal? refusal))
            {
                Reply(work, refusal);
                return;
            }
            work = work with { View = past };
        }
        View view = work.View.View;
        switch (work.Query)
        {
            case Search search:
                if (RefuseManyQueries(search.Vector) is { } manyQueries) Reply(work, manyQueries);
                else Begin(work, search.Vector, search.K, search.FilterTag, hits => new SearchHits(hits[0], ReceiptOf(search, work.View, hits[0])));
                break;
            case SearchExpand(var vector, var k, var tag, var depth):
                if ((RefuseManyQueries(vector) ?? View.CheckDepth(depth)) is { } refusal) Reply(work, refusal);
                else Begin(work, vector, k, tag, hits => view.ExpandHits(hits[0], depth).TryGet(out ExpandedHit[]? expanded, out Refusal? tooMany) ? new ExpandedHits(expanded) : tooMany);
                break;
            case SearchBatch(var vectors, var k, var tag):
                Begin(work, vectors, k, tag, hits => new SearchHitsBatch(hits));
                break;
            case GetTimeline(var from, var count):
                if (CheckTimeline(from, count, work.View) is { } wrongPage) Reply(work, wrongPage);
                else ReplyLater(work, _journal.ReadTimelineAsync(from, count, work.View.SequenceNr, work.View.History));
                break;
            case ProveHistory(var from, var to):
                if (CheckHistory(from, to, work.View) is { } wrongRange) Reply(work, wrongRange);
                else if (work.View.History.CanProveFrom(from)) Reply(work, new HistoryExtension(work.View.History.Prove(from, to)));
                else ReplyLater(work, ProveFromJournalAsync(from, to, work.View.History));
                break;
            case CompareWith(_, < 1 and var limit):
                Reply(work, new Refusal(RefusalKind.InvalidArgument, $"the limit is {limit}; it must be at least 1"));
                break;
            case CompareWith(var other, var limit):
                ReplyLater(work, new EngineComparison(Context.Parent, other, limit, settings.RequestTimeout).RunAsync());
                break;
            default:
                Reply(work, AnswerTo(work.Query, work.View));
                break;
        }
    }

    private async Task<HistoryExtension> ProveFromJournalAsync(long from, long to, History history) =>
        new(await _journal.ProveAsync(from, to, history).ConfigureAwait(false));

    private static SearchReceipt? ReceiptOf(Search search, DurableView view, SearchHit[] hits) => search.WithReceipt
        ? new SearchReceipt(view.SequenceNr, view.View.StateHash, SearchDigest.Compute(view.View.StateHash, search.Vector, 0, search.K, search.FilterTag, hits))
        : null;

    private void Begin(QueryWork work, VectorBlock queries, int k, ulong? tag, Func<SearchHit[][], object> toReply)
    {
        if (!work.View.View.BeginSearch(queries, k, tag).TryGet(out SearchRun? run, out Refusal? refusal))
        {
            Reply(work, refusal);
            return;
        }
        SearchShare share = new(run, toReply, work.Client);
        pool.Share(share, run.Pieces / PiecesPerShare - 1);
        RunShare(share);
    }

    private void RunShare(SearchShare share)
    {
        if (share.Run.RunShare()) share.Client.Tell(RemoteFrame.Fitting(share.ToReply(share.Run.Hits()), share.Client), Context.Parent);
    }

    private object AnswerTo(Query query, DurableView durable)
    {
        View view = durable.View;
        return query switch
        {
            ProveContent(var kind, var id) => Prove(durable, kind, id),
            GetTreeDigests(var kind, var places) => Digests(view, kind, places),
            GetRecord(var id) => Content(view.GetRecord(id)),
            GetMetadata(var id) => Content(view.GetMetadata(id)),
            GetNode(var id) => Content(view.GetNode(id)),
            GetEdge(var id) => Content(view.GetEdge(id)),
            GetNodeEdges(var id) => Content(view.GetEdges(id)),
            Expand(var start, var depth) => view.Expand(start, depth).TryGet(out IReadOnlyList<NodeId>? nodes, out Refusal? refusal) ? new NodeList(nodes) : refusal,
            GetStatus => new EngineStatus(
                name, view.Dimension, durable.SequenceNr, durable.UnixMicroseconds, view.StateHash, durable.Chain, durable.History.RootAt(durable.SequenceNr),
                view.RecordCount, view.NodeCount, view.EdgeCount, view.RecordSlots, view.NodeSlots, view.EdgeSlots),
            _ => throw new ArgumentException($"unknown query {query.GetType().Name}"),
        };
    }

    private static object Prove(DurableView durable, ContentKind kind, ulong id)
    {
        Outcome<InclusionProof> outcome = kind switch
        {
            ContentKind.Record => durable.View.Prove(new RecordId(id)),
            ContentKind.Node => durable.View.Prove(new NodeId(id)),
            ContentKind.Edge => durable.View.Prove(new EdgeId(id)),
            _ => new Refusal(RefusalKind.InvalidArgument, $"{kind} is no kind of content"),
        };
        return outcome.TryGet(out InclusionProof? proof, out Refusal? refusal) ? new ContentProof(durable.Place, proof) : refusal;
    }

    private static object Digests(View view, ContentKind kind, IReadOnlyList<TreePlace> places)
    {
        if (places.Count > TreeDigests.MaximumPlaces)
            return new Refusal(RefusalKind.LimitExceeded, $"{places.Count} digests; the limit of one question is {TreeDigests.MaximumPlaces}");
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

    private static void Reply(QueryWork work, object reply) => work.Client.Tell(RemoteFrame.Fitting(reply, work.Client), Context.Parent);

    /// <summary>Sends the answer when it is there; the actor goes on meanwhile.</summary>
    private static void ReplyLater<T>(QueryWork work, Task<T> reply) =>
        reply.PipeTo(work.Client, Context.Parent, success: answer => RemoteFrame.Fitting(answer!, work.Client), failure: Failure);

    private static object Failure(Exception fault) => fault switch
    {
        RefusedException refused => refused.Refusal,
        EngineException failed => new EngineFailure(failed.Kind, failed.Message),
        EventsDroppedException => new Refusal(RefusalKind.OutOfReach, fault.Message),
        CorruptionException => new EngineFailure(EngineFailureKind.Stopped, $"the journal is not what was written: {fault.Message}"),
        _ => new EngineFailure(EngineFailureKind.Recovering, $"the journal cannot be read: {Describe.Fault(fault)}; try again"),
    };

    private static Refusal? RefuseManyQueries(VectorBlock vector) => vector.Count == 1
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"expected one query vector, got {vector.Count}");

    private static object Content<T>(Outcome<T> outcome) where T : class => outcome.TryGet(out T? value, out Refusal? refusal) ? value : refusal;
}
