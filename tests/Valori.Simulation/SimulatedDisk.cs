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

    /// <summary>Snapshots are torn, or end early.</summary>
    TornSnapshots = 32,

    /// <summary>The disk is full for a while.</summary>
    FullDisk = 64,

    /// <summary>The clock jumps, forwards and back.</summary>
    Clock = 128,

    All = 255,
}

/// <summary>What outlives the process: journal rows and snapshots, and the faults of the medium.</summary>
internal sealed class SimulatedDisk(Random random, Faults faults)
{
    /// <summary>Every row that was ever committed, by sequence number; what is dropped stays here for the oracle.</summary>
    public SortedDictionary<long, byte[]> Committed { get; } = [];

    /// <summary>Rows up to here were dropped.</summary>
    public long DroppedTo { get; set; }

    /// <summary>Snapshots by sequence number.</summary>
    public SortedDictionary<long, byte[]> Snapshots { get; } = [];

    public bool IsFull { get; set; }

    /// <summary>No more faults from here on, so that everything can come to its end.</summary>
    public bool IsQuiet { get; set; }

    public long HighestSequenceNr => Committed.Count == 0 ? 0 : Committed.Keys.Last();

    public bool Happens(Faults fault, double probability) => !IsQuiet && (faults & fault) != 0 && random.NextDouble() < probability;

    public int Choose(int below) => random.Next(below);

    /// <summary>What reading gives: the bytes, now and then with a flipped bit.</summary>
    public byte[] Read(byte[] bytes)
    {
        byte[] read = [.. bytes];
        if (Happens(Faults.Reads, 0.0005)) read[random.Next(read.Length)] ^= (byte)(1 << random.Next(8));
        return read;
    }
}
