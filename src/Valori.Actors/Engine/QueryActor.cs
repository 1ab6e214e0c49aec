using Akka.Actor;
using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Search;
using Valori.Kernel.Vectors;

namespace Valori.Actors.Engine;

/// <summary>
/// Answers questions from the View that comes with them. Stateless; the actors of an engine share a dispatcher and a
/// <see cref="QueryPool"/>. A search over many segments is shared with those that are idle: one query gets all processors, and
/// under load each query gets one.
/// </summary>
internal sealed class QueryActor(string name, QueryPool pool) : UntypedActor
{
    // A share costs a message and a merge, some ten microseconds; a piece is a segment, which takes some forty.
    private const int PiecesPerShare = 2;

    protected override void OnReceive(object message)
    {
        try
        {
            switch (message)
            {
                case QueryWork work: Answer(work); break;
                case SearchShare share: RunShare(share); break;
                default: Unhandled(message); break;
            }
        }
        finally
        {
            pool.BecomeIdle(Self);
        }
    }

    private void Answer(QueryWork work)
    {
        View view = work.View.View;
        switch (work.Query)
        {
            case Search(var vector, var k, var tag):
                if (RefuseManyQueries(vector) is { } manyQueries) Reply(work, manyQueries);
                else Begin(work, vector, k, tag, hits => new SearchHits(hits[0]));
                break;
            case SearchExpand(var vector, var k, var tag, var depth):
                if ((RefuseManyQueries(vector) ?? View.CheckDepth(depth)) is { } refusal) Reply(work, refusal);
                else Begin(work, vector, k, tag, hits => new ExpandedHits(view.ExpandHits(hits[0], depth)));
                break;
            case SearchBatch(var vectors, var k, var tag):
                Begin(work, vectors, k, tag, hits => new SearchHitsBatch(hits));
                break;
            default:
                Reply(work, AnswerTo(work.Query, work.View));
                break;
        }
    }

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
        if (share.Run.RunShare()) share.Client.Tell(share.ToReply(share.Run.Hits()), Context.Parent);
    }

    private object AnswerTo(Query query, DurableView durable)
    {
        View view = durable.View;
        return query switch
        {
            GetRecord(var id) => Content(view.GetRecord(id)),
            GetMetadata(var id) => Content(view.GetMetadata(id)),
            GetNode(var id) => Content(view.GetNode(id)),
            GetEdge(var id) => Content(view.GetEdge(id)),
            GetNodeEdges(var id) => Content(view.GetEdges(id)),
            Expand(var start, var depth) => view.Expand(start, depth).TryGet(out IReadOnlyList<NodeId>? nodes, out Refusal? refusal) ? new NodeList(nodes) : refusal,
            GetStatus => new EngineStatus(
                name, view.Dimension, durable.SequenceNr, durable.UnixMicroseconds, view.StateHash, durable.Chain,
                view.RecordCount, view.NodeCount, view.EdgeCount, view.RecordSlots, view.NodeSlots, view.EdgeSlots),
            _ => throw new ArgumentException($"unknown query {query.GetType().Name}"),
        };
    }

    private static void Reply(QueryWork work, object reply) => work.Client.Tell(reply, Context.Parent);

    private static Refusal? RefuseManyQueries(VectorBlock vector) => vector.Count == 1
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"expected one query vector, got {vector.Count}");

    private static object Content<T>(Outcome<T> outcome) where T : class => outcome.TryGet(out T? value, out Refusal? refusal) ? value : refusal;
}
