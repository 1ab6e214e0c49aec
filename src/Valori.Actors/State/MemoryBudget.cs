namespace Valori.Actors.State;

/// <summary>
/// What the engines of an ActorSystem may take of memory together. Past it nothing is taken in any more: a process that ran
/// out of memory would do so again at every start. What it counts are estimates of what the engines keep
/// (<see cref="EngineState.MemoryBytes"/>), not what passes through. Thread-safe.
/// </summary>
/// <remarks>
/// A round of freeing takes memory before it returns some, so what is full could never free anything. Therefore what the largest round needs
/// is kept from others. And when memory is short, a round may go past the limit, and past what is taken if that is more: deletions are never
/// refused and take some too, and an engine that is past the limit is opened.
/// </remarks>
internal sealed class MemoryBudget(long limitBytes)
{
    // Of the limit: when less is left, memory is short; and what a round may then take besides.
    private const int ShortFraction = 16, FreeingFraction = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _taken = [];
    private readonly Dictionary<string, long> _rounds = [];
    private readonly Dictionary<string, long> _needs = [];
    private long _takenBytes, _roundBytes, _largestNeed;

    /// <summary>What an engine, or a restore, takes now, whatever the limit; 0 when it is gone.</summary>
    public void Set(string who, long bytes)
    {
        lock (_lock) Change(_taken, ref _takenBytes, who, bytes);
    }

    /// <summary><see cref="Set"/> if there is room for it; otherwise why not, and nothing is changed.</summary>
    public Refusal? Reserve(string who, long bytes)
    {
        lock (_lock)
        {
            if (RefusalIn(bytes - _taken.GetValueOrDefault(who)) is { } refusal) return refusal;
            Change(_taken, ref _takenBytes, who, bytes);
            return null;
        }
    }

    /// <summary>What all of them take.</summary>
    public long TakenBytes
    {
        get
        {
            lock (_lock) return _takenBytes + _roundBytes;
        }
    }

    public long LimitBytes => limitBytes;

    /// <summary>What an engine took when it last said so.</summary>
    public long TakenBy(string who)
    {
        lock (_lock) return _taken.GetValueOrDefault(who);
    }

    /// <summary>Why so many bytes more cannot be taken in, or null if they can.</summary>
    public Refusal? RefusalOf(long bytes)
    {
        lock (_lock) return RefusalIn(bytes);
    }

    /// <summary>What the next round of an engine needs; 0 if it never frees anything.</summary>
    public void SetNeed(string engine, long bytes)
    {
        lock (_lock)
        {
            long before = _needs.GetValueOrDefault(engine);
            if (bytes <= 0) _needs.Remove(engine);
            else _needs[engine] = bytes;
            if (bytes >= _largestNeed) _largestNeed = bytes;
            else if (before == _largestNeed) _largestNeed = _needs.Values.DefaultIfEmpty().Max();
        }
    }

    /// <summary>What the round of an engine takes now, whatever the limit; 0 when it has ended.</summary>
    public void SetRound(string engine, long bytes)
    {
        lock (_lock) Change(_rounds, ref _roundBytes, engine, bytes);
    }

    /// <summary><see cref="SetRound"/> if there is room for it, and otherwise false.</summary>
    public bool TryReserveRound(string engine, long bytes)
    {
        lock (_lock)
        {
            if (bytes > RoomForRound + _rounds.GetValueOrDefault(engine)) return false;
            Change(_rounds, ref _roundBytes, engine, bytes);
            return true;
        }
    }

    /// <summary>What is left for a round; negative if nothing is.</summary>
    public long RoomForRoundBytes
    {
        get
        {
            lock (_lock) return RoomForRound;
        }
    }

    /// <summary>Whether little is left, so that freeing little is worth a round.</summary>
    public bool IsShort
    {
        get
        {
            lock (_lock) return IsShortNow;
        }
    }

    private long Room => limitBytes - _takenBytes - _roundBytes;

    // The rounds that go on have got what was kept for them. Half of what a round may take past the limit need not be kept.
    private long Kept => Math.Max(0, _largestNeed - limitBytes / ShortFraction - _roundBytes);

    private bool IsShortNow => Room - Kept < limitBytes / ShortFraction;

    private long RoomForRound => IsShortNow ? Math.Max(0, Room) + limitBytes / FreeingFraction : Room;

    private static void Change(Dictionary<string, long> parts, ref long sum, string who, long bytes)
    {
        sum += bytes - parts.GetValueOrDefault(who);
        if (bytes == 0) parts.Remove(who);
        else parts[who] = bytes;
    }

    private Refusal? RefusalIn(long bytes) => bytes <= Room - Kept
        ? null
        : new Refusal(RefusalKind.LimitExceeded,
            $"the collections use {limitBytes - Room} bytes of memory{(Kept > 0 ? $", freeing needs {Kept} for a moment" : "")}, and {bytes} more would exceed the limit of {limitBytes} "
                + "(valori.max-memory-bytes); nothing was done. Delete what is not needed, or raise the limit. What was deleted or replaced is freed while the engine runs "
                + "if valori.past.forget-after is set; otherwise a restart frees what was before the last snapshot");
}
