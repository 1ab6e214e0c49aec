namespace Valori.Actors.Engine;

/// <summary>
/// Asks the runtime for collections in the background when freeing has left much that nobody needs: until one, the process holds it. One
/// for all engines (<see cref="CollectionSchedule"/>). Thread-safe.
/// </summary>
internal static class MemoryCollection
{
    private static readonly Lock s_lock = new();
    private static readonly Timer s_timer = new(_ => GoOn());
    private static readonly CollectionSchedule s_schedule = new();

    // Dies in the first collection that begins after a request: one that is under way then need not find what was left.
    private static WeakReference? s_requested;

    /// <summary>Freeing has left so much that nobody needs any more.</summary>
    public static void Request(long leftBytes)
    {
        lock (s_lock)
        {
            if (s_schedule.Add(leftBytes, HeapBytes) is { } wait) s_timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Whether one was asked for that was not carried out yet.</summary>
    public static bool IsAwaited
    {
        get
        {
            lock (s_lock) return s_schedule.IsAskedFor;
        }
    }

    private static long HeapBytes => GC.GetTotalMemory(forceFullCollection: false);

    private static void GoOn()
    {
        lock (s_lock)
        {
            bool isNew = !s_schedule.IsAskedFor;
            (bool asks, TimeSpan? next) = s_schedule.GoOn(s_requested is { IsAlive: false }, HeapBytes);
            if (next is { } wait) s_timer.Change(wait, Timeout.InfiniteTimeSpan);
            if (!asks) return;
            // Pinned memory is of the oldest generation from the beginning.
            if (isNew) s_requested = new WeakReference(GC.AllocateUninitializedArray<byte>(1, pinned: true));
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
