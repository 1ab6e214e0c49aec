using System.Numerics;
using Valori.Kernel.Blake3;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Merkle;

/// <summary>
/// What digests of a kernel's trees were before they were overwritten: one entry for each digest and each span between two marks in
/// which it changed, 40 bytes. <see cref="At"/> finds a digest as of a mark with O(log² m) steps if it changed m times.
/// </summary>
/// <remarks>
/// One writer, any number of readers. The entries of one digest form a list from the newest back. Entry k of it also knows entry
/// k &amp; (k - 1): so a search need not walk, and nothing that was written ever changes.
/// </remarks>
internal sealed class PastDigests
{
    private readonly AppendOnlyList<Entry> _entries = new();
    private uint _marked;

    /// <summary>What the entries take. Writer thread only.</summary>
    public long Bytes => _entries.Bytes;

    /// <summary>Makes the present a state that <see cref="At"/> can be asked about. Writer thread only.</summary>
    /// <returns>The mark: entries so far.</returns>
    public uint Mark() => _marked = (uint)_entries.Count;

    /// <summary>Keeps a digest that is about to be overwritten, if it is the one of the last mark. Writer thread only.</summary>
    public void Keep(ref Head head, in Digest digest)
    {
        if (head.Newest > _marked) return;
        uint ordinal = head.Length + 1, earlier = head.Newest;
        // Each step clears the lowest bit of an ordinal; ordinal - 1 has as many ones at its end as ordinal has zeros.
        for (int i = BitOperations.TrailingZeroCount(ordinal); i > 0; i--) earlier = _entries[earlier - 1].Earlier;
        _entries.Append(new Entry(digest, head.Newest, earlier));
        head.Length = ordinal;
        Volatile.Write(ref head.Newest, checked((uint)_entries.Count));
    }

    /// <summary>The digest as it was at the mark.</summary>
    /// <param name="newest">Of its head: later than the mark.</param>
    public Digest At(uint mark, uint newest)
    {
        // Looks for the first entry after the mark: it holds what was there until then.
        uint entry = newest;
        while (StepBack(entry, mark) is > 0 and uint earlier) entry = earlier;
        return _entries[entry - 1].Digest;
    }

    /// <summary>An earlier entry of the same digest that is later than the mark too: the farther one, if it is; 0 if there is none.</summary>
    internal uint StepBack(uint entry, uint mark)
    {
        ref readonly Entry here = ref _entries[entry - 1];
        return here.Earlier > mark ? here.Earlier : here.Previous > mark ? here.Previous : 0;
    }

    /// <summary>Where the entries of one digest begin. Entries are counted from 1; 0 is none.</summary>
    internal struct Head
    {
        // Read by others while the writer sets it.
        public uint Newest;
        public uint Length;
    }

    private readonly record struct Entry(Digest Digest, uint Previous, uint Earlier);
}
