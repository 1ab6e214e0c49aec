using System.Numerics;

namespace Valori.Kernel.Storage;

/// <summary>
/// Values of many rows that go into a hash table together, in an order in which the part of the table that is written stays in the
/// processor's caches. One by one, each of them waits for memory.
/// </summary>
/// <param name="most">More do not wait together.</param>
internal sealed class WaitingValues(int most)
{
    /// <summary>4 MiB, and as much again while they are sorted.</summary>
    public const int Most = 1 << 19;

    private const int ChunkLength = 1 << 12;

    // Bits of a place that are sorted by: as many streams as can be written side by side.
    private const int SortedBits = 11;

    private readonly List<ulong[]> _chunks = [];

    public int Count { get; private set; }

    public bool IsFull => Count >= most;

    /// <summary>Whether there are so few that sorting them is not worth it: <see cref="First"/> is all.</summary>
    public bool AreFew => Count <= ChunkLength;

    /// <summary>The first ones, in the order in which they came.</summary>
    public ReadOnlySpan<ulong> First => Count == 0 ? default : Chunk(0);

    /// <summary>For those that come while these are taken.</summary>
    public WaitingValues Next() => new(most);

    /// <summary>A row has a value.</summary>
    public void Add(uint hash, uint row)
    {
        int place = Count++ % ChunkLength;
        if (place == 0) _chunks.Add(GC.AllocateUninitializedArray<ulong>(ChunkLength));
        _chunks[^1][place] = (ulong)hash << 32 | row;
    }

    /// <summary>Takes all of them, hash and row: what meets in one part of the table is together, and the rows of a value keep their order.</summary>
    /// <param name="slots">Of the table, a power of two: a place in it is the low bits of the hash.</param>
    public ulong[] Take(int slots)
    {
        int shift = 32 + Math.Max(0, BitOperations.Log2((uint)slots) - SortedBits);
        int[] starts = new int[1 << SortedBits];
        for (int first = 0; first < Count; first += ChunkLength)
        {
            foreach (ulong entry in Chunk(first)) starts[PartOf(entry, shift)]++;
        }
        for (int part = 0, sum = 0; part < starts.Length; part++) (starts[part], sum) = (sum, sum + starts[part]);
        ulong[] sorted = GC.AllocateUninitializedArray<ulong>(Count);
        for (int first = 0; first < Count; first += ChunkLength)
        {
            foreach (ulong entry in Chunk(first)) sorted[starts[PartOf(entry, shift)]++] = entry;
        }
        _chunks.Clear();
        Count = 0;
        return sorted;
    }

    private ReadOnlySpan<ulong> Chunk(int first) => _chunks[first / ChunkLength].AsSpan(0, Math.Min(ChunkLength, Count - first));

    private static int PartOf(ulong entry, int shift) => (int)(entry >> shift) & ((1 << SortedBits) - 1);
}
