using System.Diagnostics;
using Akka.Actor;
using Valori.Actors.Client;

namespace Valori.Actors.Queries;

/// <summary>
/// Ends a query that may run long: when its caller has given up, which is known of callers in this process, and at the latest when the time
/// that a request may take is over, a moment before its caller gives up. The one that answers disposes of it.
/// </summary>
internal sealed class QueryStop : IDisposable
{
    private readonly CancellationToken _gaveUp;
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;
    private int _told;

    /// <param name="limit"><c>valori.request-timeout</c>.</param>
    /// <param name="arrived">When the engine got the query (<see cref="Stopwatch"/>).</param>
    public QueryStop(IActorRef client, TimeSpan limit, long arrived)
    {
        _limit = limit;
        _gaveUp = client is ReplyRef reply ? reply.GaveUp : CancellationToken.None;
        _source = CancellationTokenSource.CreateLinkedTokenSource(_gaveUp);
        Token = _source.Token;
        TimeSpan left = limit - Stopwatch.GetElapsedTime(arrived);
        if (left > TimeSpan.Zero) _source.CancelAfter(left);
        else _source.Cancel();
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
                $"the query took {_limit.TotalSeconds} s, its wait for others included, which is the limit (valori.request-timeout), and was stopped: "
                + "ask with a filter that is faster to decide, or that fewer records match, or for less"),
            sender);
    }

    public void Dispose() => _source.Dispose();
}
