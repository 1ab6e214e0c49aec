using Akka.Actor;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.Engine;

/// <summary>Answers questions from the View that comes with them. Stateless; a pool of them shares a dispatcher.</summary>
internal sealed class QueryActor(string name) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is QueryWork work) work.Client.Tell(AnswerTo(work.Query, work.View), Context.Parent);
        else Unhandled(message);
    }

    private object AnswerTo(Query query, DurableView durable)
    {
        View view = durable.View;
        return query switch
        {
            Search(var vector, var k, var tag) => Reply(view.Search(vector, k, tag), hits => new SearchHits(hits)),
            SearchExpand(var vector, var k, var tag, var depth) => Reply(view.SearchExpand(vector, k, tag, depth), hits => new ExpandedHits(hits)),
            GetRecord(var id) => Reply(view.GetRecord(id)),
            GetMetadata(var id) => Reply(view.GetMetadata(id)),
            GetNode(var id) => Reply(view.GetNode(id)),
            GetEdge(var id) => Reply(view.GetEdge(id)),
            GetNodeEdges(var id) => Reply(view.GetEdges(id)),
            Expand(var start, var depth) => Reply(view.Expand(start, depth), nodes => new NodeList(nodes)),
            GetStatus => new EngineStatus(
                name, view.Dimension, durable.SequenceNr, durable.UnixMicroseconds, view.StateHash, durable.Chain,
                view.RecordCount, view.NodeCount, view.EdgeCount, view.RecordSlots, view.NodeSlots, view.EdgeSlots),
            _ => throw new ArgumentException($"unknown query {query.GetType().Name}"),
        };
    }

    private static object Reply<T>(Outcome<T> outcome) where T : class => Reply(outcome, value => value);

    private static object Reply<T>(Outcome<T> outcome, Func<T, object> toMessage) where T : class =>
        outcome.TryGet(out T? value, out Refusal? refusal) ? toMessage(value) : refusal;
}
