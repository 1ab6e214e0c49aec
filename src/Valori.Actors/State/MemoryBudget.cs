namespace Valori.Actors.State;

/// <summary>
/// What the engines of an ActorSystem may take of memory together. Past it nothing is taken in any more: a process that ran
/// out of memory would do so again at every start. What it counts are estimates of what the engines keep
/// (<see cref="EngineState.MemoryBytes"/>), not what passes through. Thread-safe.
/// </summary>
internal sealed class MemoryBudget(long limitBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _taken = [];
    private long _takenBytes;

    /// <summary>What an engine, or a restore, takes now, whatever the limit; 0 when it is gone.</summary>
    public void Set(string who, long bytes)
    {
        lock (_lock) Change(who, bytes);
    }

    /// <summary><see cref="Set"/> if there is room for it; otherwise why not, and nothing is changed.</summary>
    public Refusal? Reserve(string who, long bytes)
    {
        lock (_lock)
        {
            if (RefusalIn(bytes - _taken.GetValueOrDefault(who)) is { } refusal) return refusal;
            Change(who, bytes);
            return null;
        }
    }

    /// <summary>What an engine took when it last said so.</summary>
    public long TakenBy(string who)
    {
        lock (_lock) return _taken.GetValueOrDefault(who);
    }

    /// <summary>What is left; negative past the limit.</summary>
    public long RoomBytes
    {
        get
        {
            lock (_lock) return limitBytes - _takenBytes;
        }
    }

    /// <summary>Why so many bytes more cannot be taken in, or null if they can.</summary>
    public Refusal? RefusalOf(long bytes)
    {
        lock (_lock) return RefusalIn(bytes);
    }

    private void Change(string who, long bytes)
    {
        _takenBytes += bytes - _taken.GetValueOrDefault(who);
        if (bytes == 0) _taken.Remove(who);
        else _taken[who] = bytes;
    }

    private Refusal? RefusalIn(long bytes) => _takenBytes + bytes <= limitBytes
        ? null
        : new Refusal(RefusalKind.LimitExceeded,
            $"the collections use {_takenBytes} bytes of memory, and {bytes} more would exceed the limit of {limitBytes} (valori.max-memory-bytes); nothing was done. "
                + "While the engine runs, valori.past.forget-after frees what was deleted or replaced, if there is room to copy what stays; a restart frees what was before the last snapshot");
}
