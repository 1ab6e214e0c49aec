using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    // Of one message: short enough for the time in which a caller waits for an answer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // A timer may be early by as much.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    /// <summary>What is known of the proximity graph that approximate searches use (<see cref="SearchQuery.Mode"/>).</summary>
    public Task<IndexStatus> IndexStatusAsync(CancellationToken cancellationToken = default) => AskAsync<IndexStatus>(new GetIndexStatus(), cancellationToken);

    /// <summary>
    /// Has the collection build a proximity graph of all records that it has now, and waits until approximate searches use it. At once if there is one,
    /// or if the records are so few that searches are exact.
    /// </summary>
    /// <param name="timeout">How long to wait; without an end if null. The graph goes on being built after that.</param>
    /// <returns>The status at the end of the wait. <see cref="IndexStatus.IsReady"/> is false if the time was over, or if the graph cannot be built.</returns>
    public async Task<IndexStatus> WaitForIndexAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            long asked = TimeProvider.System.GetTimestamp();
            TimeSpan left = timeout is { } limit ? limit - TimeProvider.System.GetElapsedTime(began) : LongestWait;
            TimeSpan wait = left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
            IndexStatus status = await AskAsync<IndexStatus>(new WaitForIndex((int)wait.TotalMilliseconds), cancellationToken).ConfigureAwait(false);
            // An answer before the end of the wait is the last one: it cannot be built.
            bool isOver = timeout is not null && left <= LongestWait || TimeProvider.System.GetElapsedTime(asked) < wait - ClockTolerance;
            if (status.IsReady || isOver) return status;
        }
    }
}
