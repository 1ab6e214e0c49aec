using System.Numerics;

namespace Valori.Kernel.Proximity;

/// <summary>A set of record ids, one bit for each.</summary>
/// <param name="ids">Ids that there are: all in the set are lower.</param>
internal sealed class RecordBitmap(ulong ids)
{
    private readonly ulong[] _words = new ulong[(ids + 63) / 64];

    /// <summary>All ids in the set are lower.</summary>
    public ulong Ids => ids;

    /// <summary>What it takes of memory.</summary>
    public long Bytes => (long)_words.Length * sizeof(ulong);

    /// <summary>Ids in the set. O(ids / 64).</summary>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (ulong word in _words) count += BitOperations.PopCount(word);
            return count;
        }
    }

    public bool this[uint id] => (_words[id >> 6] & (1UL << (int)id)) != 0;

    public void Add(uint id) => _words[id >> 6] |= 1UL << (int)id;

    public void Remove(uint id) => _words[id >> 6] &= ~(1UL << (int)id);

    /// <summary>The first id from the given one on that is not in the set; the end if there is none below it.</summary>
    public ulong NextMissing(ulong id, ulong end)
    {
        while (id < end)
        {
            ulong missing = ~_words[id >> 6] >> (int)(id & 63);
            if (missing != 0) return Math.Min(id + (ulong)BitOperations.TrailingZeroCount(missing), end);
            id = (id | 63) + 1;
        }
        return end;
    }
}
