using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>
/// How many comparisons of a process may be under way. They keep no query actor, because they wait for the answers of other
/// engines, so no lane bounds them. Thread-safe.
/// </summary>
internal sealed class ComparisonLimit(int maximum)
{
    private int _running;

    /// <summary>Runs a comparison and sends its answer, or answers <see cref="EngineFailureKind.Overloaded"/>.</summary>
    public void Run(QueryWork work, Func<Task<Comparison>> compare)
    {
        if (Interlocked.Increment(ref _running) > maximum)
        {
            Interlocked.Decrement(ref _running);
            work.Client.Tell(
                new EngineFailure(EngineFailureKind.Overloaded, $"{maximum} comparisons are running, which is the limit; nothing was done, try again later"),
                work.Engine.Gateway);
            return;
        }
        QueryActor.ReplyLater(work, compare())
            .ContinueWith(_ => Interlocked.Decrement(ref _running), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
