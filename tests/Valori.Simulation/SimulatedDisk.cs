namespace Valori.Simulation;

/// <summary>What may go wrong; each can be left out to find out which one matters.</summary>
[Flags]
internal enum Faults
{
    None = 0,

    /// <summary>Journal writes fail before or after their commit, or are rejected.</summary>
    Writes = 1,

    /// <summary>Journal writes take long.</summary>
    Delays = 2,

    /// <summary>The process dies between any two steps.</summary>
    Crashes = 4,

    /// <summary>The process is stopped and started again.</summary>
    Restarts = 8,

    /// <summary>What is read has a flipped bit, or cannot be read.</summary>
    Reads = 16,

    /// <summary>Snapshots are not what was written, although that was confirmed, or rot later.</summary>
    TornSnapshots = 32,

    /// <summary>The disk is full for a while.</summary>
    FullDisk = 64,

    /// <summary>The clock jumps, forwards and back.</summary>
    Clock = 128,

    All = 255,

    /// <summary>The journal confirms what it never kept. No engine outlives it: it shows that what is promised is looked at.</summary>
    Lies = 256,

    /// <summary>While the process is stopped, the journal is replaced by an older one, or a snapshot by another engine's; later they are put back.</summary>
    Swaps = 512,

    /// <summary>No fault, but what faults meet: the collection is dropped, and another one gets its name.</summary>
    Drops = 1024,
}

/// <summary>What outlives the process: journal rows and snapshots, and the faults of the medium.</summary>
internal sealed class SimulatedDisk
{
    /// <summary>Of the engine, whichever has the name.</summary>
    public const string PersistenceId = "valori-simulated";

    private readonly Random _random;
    private readonly Faults _faults;

    public SimulatedDisk(Random random, Faults faults, Trace trace)
    {
        _random = random;
        _faults = faults;
        Files = new SimulatedFileSystem(random, this, trace);
    }

    /// <summary>Every row that was ever committed, by sequence number; what is dropped stays here for the oracle.</summary>
    public SortedDictionary<long, byte[]> Committed { get; } = [];

    /// <summary>Whether the journal has the intent to drop the collection: it does not exist any more, and its rows go.</summary>
    public bool IsBeingDropped { get; set; }

    /// <summary>Rows up to here were dropped.</summary>
    public long DroppedTo { get; set; }

    /// <summary>Snapshots of Valori's own store.</summary>
    public SimulatedFileSystem Files { get; }

    /// <summary>Snapshots of another store, by sequence number.</summary>
    public SortedDictionary<long, byte[]> Snapshots { get; } = [];

    /// <summary>Sequence numbers of all snapshots that are there, damaged or not.</summary>
    public IEnumerable<long> SnapshotSequenceNrs => Snapshots.Keys.Concat(Files.Snapshots.Select(snapshot => snapshot.SequenceNr));

    /// <summary>What is there of a collection, or comes back when the power goes.</summary>
    public IEnumerable<string> Left =>
    [
        .. Committed.Keys.Select(nr => $"event {nr}"), .. Snapshots.Keys.Select(nr => $"snapshot {nr}"), .. Files.Left,
    ];

    /// <summary>The snapshots in a human-readable form, with those that the medium damaged marked.</summary>
    public string DescribeSnapshots() =>
        string.Join(", ", Snapshots.Keys.Select(nr => $"{nr}").Concat(Files.Snapshots.Select(snapshot => $"{snapshot.SequenceNr}{(Files.IsDamaged(snapshot.Path) ? " (damaged)" : "")}")));

    public bool IsFull { get; set; }

    /// <summary>No more faults from here on, so that everything can come to its end.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>The journal that is there is an older one, which ends here; null for the one that was written.</summary>
    public long? EndsAt { get; set; }

    public long HighestSequenceNr => EndsAt ?? (Committed.Count == 0 ? 0 : Committed.Keys.Last());

    public bool Happens(Faults fault, double probability) => !IsQuiet && (_faults & fault) != 0 && _random.NextDouble() < probability;

    public int Choose(int below) => _random.Next(below);

    /// <summary>What reading returns: the bytes, now and then with a flipped bit.</summary>
    public byte[] Read(byte[] bytes)
    {
        byte[] read = [.. bytes];
        if (Happens(Faults.Reads, 0.0005)) read[_random.Next(read.Length)] ^= (byte)(1 << _random.Next(8));
        return read;
    }
}
