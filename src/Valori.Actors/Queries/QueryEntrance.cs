using Akka.Actor;
using Valori.Actors.Telemetry;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>How the queries of one engine come to the actors of a lane. Thread-safe.</summary>
/// <param name="limit">What a client is told of so many that wait already.</param>
/// <param name="reason">The same for meters.</param>
internal sealed class QueryEntrance(QueryPool pool, int maximumWaiting, string limit, string reason = "queries")
{
    private readonly QueryLine _line = new(maximumWaiting);

    /// <summary>How many of them wait. About: it is read without a lock.</summary>
    public int Waiting => _line.Waiting.Count;

    /// <summary>Hands work to the lane, or tells the client that too much is waiting.</summary>
    public void Submit(object work, IActorRef client, IActorRef gateway)
    {
        if (pool.TrySubmit(_line, work)) return;
        ValoriMetrics.Overloaded.Add(1, ValoriMetrics.Tag(ValoriMetrics.Collection, gateway.Path.Name), ValoriMetrics.Tag(ValoriMetrics.Reason, reason));
        client.Tell(new EngineFailure(EngineFailureKind.Overloaded, $"{maximumWaiting} {limit}; nothing was done, try again later"), gateway);
    }
}
