using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>
/// How many answers of one kind may be under way in a process. They keep no query actor, because they wait for something else, such as
/// other engines or new events, so no lane bounds them. Thread-safe.
/// </summary>
/// <param name="what">The answers, in a human-readable word.</param>
internal sealed class AnswerLimit(int maximum, string what)
{
    private int _running;

    /// <summary>Works out an answer and sends it, or answers <see cref="EngineFailureKind.Overloaded"/>.</summary>
    public void Run<T>(QueryWork work, Func<Task<T>> answer)
    {
        if (Interlocked.Increment(ref _running) > maximum)
        {
            Interlocked.Decrement(ref _running);
            work.Client.Tell(
                new EngineFailure(EngineFailureKind.Overloaded, $"{maximum} {what} are running, which is the limit; nothing was done, try again later"),
                work.Engine.Gateway);
            return;
        }
        QueryActor.ReplyLater(work, answer())
            .ContinueWith(_ => Interlocked.Decrement(ref _running), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
