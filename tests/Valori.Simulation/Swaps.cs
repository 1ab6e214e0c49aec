using Valori.Actors.Journal;
using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Simulation;

/// <summary>Something on the disk that is in another one's place.</summary>
/// <param name="PutRight">Undoes it.</param>
internal sealed record Swap(string What, Action PutRight);

/// <summary>Swaps that a start must find, because something whole on the disk contradicts them.</summary>
internal static class Swaps
{
    private const string Mark = "ends/valori-simulated.end";

    /// <summary>Swaps something; null if there is nothing that would have to be found.</summary>
    public static Swap? Try(Random random, SimulatedDisk disk) => random.Next(2) == 0 ? OlderJournal(random, disk) : ForeignSnapshot(disk);

    private static Swap? OlderJournal(Random random, SimulatedDisk disk)
    {
        long known = Math.Max(MarkedEnd(disk), NewestWholeSnapshot(disk) ?? 0), least = Math.Max(disk.DroppedTo, 1);
        if (known <= least) return null;
        disk.EndsAt = random.NextInt64(least, known);
        return new Swap($"the journal ends at {disk.EndsAt}, and something knows of event {known}", () => disk.EndsAt = null);
    }

    private static Swap? ForeignSnapshot(SimulatedDisk disk)
    {
        if (NewestWholeSnapshot(disk) is not { } sequenceNr) return null;
        byte[] foreign = Snapshot(sequenceNr);
        string what = $"the snapshot at {sequenceNr} is another engine's";
        if (disk.Snapshots.TryGetValue(sequenceNr, out byte[]? row))
        {
            disk.Snapshots[sequenceNr] = foreign;
            return new Swap(what, () => disk.Snapshots[sequenceNr] = row);
        }
        string path = disk.Files.Snapshots.First(snapshot => snapshot.SequenceNr == sequenceNr).Path;
        byte[] whole = disk.Files.ReadWhole(path)!;
        disk.Files.Replace(path, foreign);
        return new Swap(what, () => disk.Files.Replace(path, whole));
    }

    /// <summary>The newest snapshot, if it is whole: a start begins from it.</summary>
    private static long? NewestWholeSnapshot(SimulatedDisk disk)
    {
        long newest = disk.SnapshotSequenceNrs.DefaultIfEmpty(0).Max();
        byte[]? bytes = disk.Snapshots.GetValueOrDefault(newest) ?? disk.Files.Snapshots.Where(snapshot => snapshot.SequenceNr == newest).Select(snapshot => disk.Files.ReadWhole(snapshot.Path)).FirstOrDefault();
        if (bytes is null) return null;
        try
        {
            SnapshotReader.Read(new MemoryStream(bytes), "snapshot");
            return newest;
        }
        catch (CorruptionException)
        {
            return null;
        }
    }

    private static long MarkedEnd(SimulatedDisk disk)
    {
        string path = Path.Combine(Path.GetFullPath(Path.GetTempPath()), Mark);
        return disk.Files.ReadWhole(path) is { } bytes ? JournalEnd.Parse(bytes, path).SequenceNr : 0;
    }

    /// <summary>Of an engine with other content, at the same event.</summary>
    private static byte[] Snapshot(long sequenceNr)
    {
        ValoriKernel kernel = new(dimension: 3);
        kernel.Apply(new RecordsInserted(new RecordId(0), VectorBlock.FromComponents(3, [1f, 2f, 3f]).Value!, new ulong[] { 5 }));
        History history = new();
        for (long i = 0; i < sequenceNr; i++) history.Extend(i, kernel.StateHash, kernel.Mark());
        using MemoryStream bytes = new();
        SnapshotWriter.Write(bytes, kernel.TakeView(), new SnapshotHeader(sequenceNr, history.UnixMicroseconds, history.Chain, kernel.StateHash, history.FrontierAt(sequenceNr)));
        return bytes.ToArray();
    }
}
