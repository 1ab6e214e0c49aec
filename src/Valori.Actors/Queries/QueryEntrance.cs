using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>How the queries of one engine come to the actors of a lane. Thread-safe.</summary>
/// <param name="limit">What a client is told of so many that wait already.</param>
internal sealed class QueryEntrance(QueryPool pool, int maximumWaiting, string limit)
{
    private readonly QueryLine _line = new(maximumWaiting);

    /// <summary>Hands work to the lane, or tells the client that too much is waiting.</summary>
    public void Submit(object work, IActorRef client, IActorRef gateway)
    {
        if (pool.TrySubmit(_line, work)) return;
        client.Tell(new EngineFailure(EngineFailureKind.Overloaded, $"{maximumWaiting} {limit}; nothing was done, try again later"), gateway);
    }
}
