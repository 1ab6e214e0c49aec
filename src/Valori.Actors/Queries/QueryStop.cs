using Akka.Actor;
using Valori.Actors.Client;
using Valori.Kernel;

namespace Valori.Actors.Queries;

/// <summary>
/// Ends a query that may run long: when its caller has given up, which is known of callers in this process, and at the latest after
/// the time that a request waits for its answer. The one that answers disposes of it.
/// </summary>
internal sealed class QueryStop : IDisposable
{
    private readonly CancellationToken _gaveUp;
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;
    private int _told;

    /// <param name="limit"><c>valori.request-timeout</c>.</param>
    public QueryStop(IActorRef client, TimeSpan limit)
    {
        _limit = limit;
        _gaveUp = client is ReplyRef reply ? reply.GaveUp : CancellationToken.None;
        _source = CancellationTokenSource.CreateLinkedTokenSource(_gaveUp);
        Token = _source.Token;
        _source.CancelAfter(limit);
    }

    public CancellationToken Token { get; }

    /// <summary>Whether the caller has gone, so that work for it need not begin.</summary>
    public static bool IsFutile(IActorRef client) => client is ReplyRef { GaveUp.IsCancellationRequested: true };

    /// <summary>Tells the caller that the query was stopped, once, if it still waits.</summary>
    public void Tell(IActorRef client, IActorRef sender)
    {
        if (_gaveUp.IsCancellationRequested || Interlocked.Exchange(ref _told, 1) != 0) return;
        client.Tell(
            new Refusal(RefusalKind.LimitExceeded,
                $"the query ran for {_limit.TotalSeconds} s, which is the limit (valori.request-timeout), and was stopped: ask with a filter that is faster to decide, or that fewer records match"),
            sender);
    }

    public void Dispose() => _source.Dispose();
}
