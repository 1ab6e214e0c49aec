using Valori.Actors.State;

namespace Valori.Actors.Indexes;

/// <summary>
/// Leaves the processors to queries and writes while a graph is built: whenever there are any, a thread that builds rests several times as long as it
/// has worked. Priorities of threads would do, but they have no effect on Linux. Thread-safe.
/// </summary>
/// <param name="isQueried">Whether any query is being answered, or was a moment ago.</param>
internal sealed class IndexPace(PublishedView published, Func<bool> isQueried, TimeProvider time)
{
    // A builder beside a loaded processor then takes a fifth of it.
    private const int RestPerWork = 4;

    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(100), WriteLasts = TimeSpan.FromMilliseconds(50);

    private readonly ThreadLocal<long> _workBegan = new();
    private readonly Lock _lock = new();
    private DurableView? _latest = published.Latest;
    private long _published;

    /// <summary>To be called by each thread before each piece of work.</summary>
    public void BeforePiece()
    {
        long began = _workBegan.Value;
        if (began != 0 && (isQueried() || IsWritten()))
        {
            TimeSpan rest = time.GetElapsedTime(began) * RestPerWork;
            Thread.Sleep(rest < LongestRest ? rest : LongestRest);
        }
        _workBegan.Value = time.GetTimestamp();
    }

    private bool IsWritten()
    {
        lock (_lock)
        {
            if (!ReferenceEquals(published.Latest, _latest)) (_latest, _published) = (published.Latest, time.GetTimestamp());
            return _published != 0 && time.GetElapsedTime(_published) < WriteLasts;
        }
    }
}
