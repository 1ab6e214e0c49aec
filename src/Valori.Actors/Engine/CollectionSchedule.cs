namespace Valori.Actors.Engine;

/// <summary>
/// When a collection of all generations is worth asking for. It costs the process in proportion to its heap, so it is when a good part of the
/// heap is waiting for it. Pure: who calls has the clock and the heap. Not thread-safe.
/// </summary>
internal sealed class CollectionSchedule
{
    /// <summary>Less is left to the collections that the runtime begins itself.</summary>
    public const long LeastBytes = 16 << 20;

    /// <summary>At once if it is one byte of the heap in so many; otherwise after <see cref="Pause"/>.</summary>
    public const int HeapFraction = 8;

    /// <summary>After so many looks, what was left is taken to be in use.</summary>
    public const int MostLooks = 10;

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>Until it is looked whether the collection was carried out. It is twice as long each time.</summary>
    public static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(20);

    private long _leftBytes;
    private bool _isWaiting;
    private bool _isAskedFor;
    private int _looks;

    /// <summary>Whether the next call of <see cref="GoOn"/> is about one that was asked for.</summary>
    public bool IsAskedFor => _isAskedFor;

    /// <summary>Freeing has left so much that nobody needs.</summary>
    /// <returns>When to go on; null if nothing changes.</returns>
    public TimeSpan? Add(long leftBytes, long heapBytes)
    {
        _leftBytes += leftBytes;
        return _isAskedFor ? null : Wait(heapBytes);
    }

    /// <summary>The time has come that was returned last.</summary>
    /// <param name="isCarriedOut">Whether a collection has begun and ended since the last one was asked for.</param>
    /// <returns>Whether to ask for a collection now, and when to go on; null if there is nothing to wait for.</returns>
    public (bool Asks, TimeSpan? Next) GoOn(bool isCarriedOut, long heapBytes)
    {
        if (!_isAskedFor)
        {
            (_isAskedFor, _isWaiting, _leftBytes, _looks) = (true, false, 0, 0);
        }
        else if (isCarriedOut || ++_looks > MostLooks)
        {
            _isAskedFor = false;
            return (false, Wait(heapBytes));
        }
        return (true, FirstLook * (1 << _looks));
    }

    private TimeSpan? Wait(long heapBytes)
    {
        if (_leftBytes < LeastBytes) return null;
        if (_leftBytes >= heapBytes / HeapFraction) return TimeSpan.Zero;
        if (_isWaiting) return null;
        _isWaiting = true;
        return Pause;
    }
}
