using System.Diagnostics;

namespace Valori.Actors.Streams;

/// <summary>Sends a command again when trying again can help. It has a request id, so it is carried out once.</summary>
internal static class Resending
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>The engine's exception, which a stream's stage that awaits tasks wraps.</summary>
    public static Exception Unwrap(Exception fault) => fault is AggregateException { InnerExceptions: [var only] } ? Unwrap(only) : fault;

    /// <param name="patience">For how long it is sent again; the last fault is thrown then.</param>
    public static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> send, TimeSpan patience)
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan pause = FirstPause;
        while (true)
        {
            try
            {
                return await send().ConfigureAwait(false);
            }
            catch (EngineException e) when (e.Kind is EngineFailureKind.OutcomeUnknown or EngineFailureKind.Recovering or EngineFailureKind.Overloaded
                && Stopwatch.GetElapsedTime(began) + pause < patience)
            {
                await Task.Delay(pause).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
