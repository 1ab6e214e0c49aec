using System.Diagnostics;

namespace Valori.Actors.Engine;

/// <summary>
/// Asks the runtime for collections of all generations, in the background and seldom: the process has other work, maybe not Valori's, and
/// several engines. Thread-safe.
/// </summary>
internal static class MemoryCollection
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private static readonly Lock s_lock = new();
    private static readonly Timer s_timer = new(_ => Collect());
    private static bool s_isPending;
    private static long? s_last;

    /// <summary>Soon; or when half a minute has passed since the last one, once for all who ask meanwhile.</summary>
    public static void Request()
    {
        lock (s_lock)
        {
            if (s_isPending) return;
            s_isPending = true;
            TimeSpan wait = s_last is { } last ? s_pause - Stopwatch.GetElapsedTime(last) : TimeSpan.Zero;
            s_timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private static void Collect()
    {
        lock (s_lock)
        {
            s_isPending = false;
            s_last = Stopwatch.GetTimestamp();
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
