using System.Collections.Concurrent;

namespace Valori.Actors.Telemetry;

/// <summary>What a collection tells of itself at the moment, for gauges. Written by gateway and engine, read by any thread.</summary>
internal sealed class EngineGauges(string name)
{
    // Weaker than a registration per instrument, which nothing could take back.
    private static readonly ConcurrentDictionary<EngineGauges, bool> Known = [];

    private long _commands, _bytes, _sinceSnapshot, _snapshotTime, _records = -1;

    // Of a part in a million.
    private int _recovered;

    public static IEnumerable<EngineGauges> All => Known.Keys;

    public string Name => name;

    public long CommandsInFlight { get => Volatile.Read(ref _commands); set => Volatile.Write(ref _commands, value); }

    public long BytesInFlight { get => Volatile.Read(ref _bytes); set => Volatile.Write(ref _bytes, value); }

    public long BytesSinceSnapshot { get => Volatile.Read(ref _sinceSnapshot); set => Volatile.Write(ref _sinceSnapshot, value); }

    /// <summary>How many queries wait; asked when somebody looks.</summary>
    public Func<int> Waiting { get; set; } = () => 0;

    public double? QueriesWaiting => Waiting();

    /// <summary>The time of the state of the newest snapshot, in microseconds of the Unix epoch; 0 if there is none.</summary>
    public long SnapshotUnixMicroseconds { set => Volatile.Write(ref _snapshotTime, value); }

    public double? SnapshotAge => Volatile.Read(ref _snapshotTime) is > 0 and var time ? (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds - time / 1e6 : null;

    public double? RecoveryProgress
    {
        get => Volatile.Read(ref _recovered) / 1e6;
        set => Volatile.Write(ref _recovered, (int)(1e6 * value!.Value));
    }

    /// <summary>Null before the collection has recovered.</summary>
    public double? Records
    {
        get => Volatile.Read(ref _records) is >= 0 and var records ? records : null;
        set => Volatile.Write(ref _records, (long)value!.Value);
    }

    public void Show() => Known[this] = true;

    public void Hide() => Known.TryRemove(this, out _);
}

/// <summary>The memory of the collections of an ActorSystem, for gauges.</summary>
/// <param name="Usage">Asked when somebody looks.</param>
internal sealed record MemoryGauges(Func<long> Usage, long Limit)
{
    private static readonly ConcurrentDictionary<MemoryGauges, bool> Known = [];

    public static IEnumerable<MemoryGauges> All => Known.Keys;

    public void Show() => Known[this] = true;

    public void Hide() => Known.TryRemove(this, out _);
}
