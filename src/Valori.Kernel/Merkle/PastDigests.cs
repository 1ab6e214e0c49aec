using System.Numerics;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Merkle;

/// <summary>
/// What digests of a kernel's trees were before they were overwritten: one entry for each digest and each span between two marks in
/// which it changed, 40 bytes. <see cref="At"/> finds a digest as of a mark with O(log² m) steps if it changed m times.
/// </summary>
/// <remarks>
/// One writer, any number of readers. The entries of one digest form a list from the newest back. Entry k of it also knows entry
/// k &amp; (k - 1): so a search need not walk, and nothing that was written ever changes. When memory is freed, later entries go into another
/// object, and are counted on (<see cref="GoOnAfter"/>): this one knows that one, for readers of before. That one does not know this one.
/// </remarks>
/// <param name="isKept">Whether anything is kept before <see cref="GoOnAfter"/>.</param>
internal sealed class PastDigests(bool isKept = true)
{
    private readonly AppendOnlyList<Entry> _entries = new();
    private bool _isKept = isKept;

    // Entries before the first one here.
    private ulong _before;
    private ulong _marked;
    private volatile PastDigests? _next;

    /// <summary>What the entries take. Writer thread only.</summary>
    public long Bytes => _entries.Bytes;

    /// <summary>Makes the present a state that <see cref="At"/> can be asked about. Writer thread only.</summary>
    /// <returns>The mark: entries so far.</returns>
    public ulong Mark() => _marked = _before + _entries.Count;

    /// <summary>
    /// Keeps what is overwritten from now on, instead of others. Who reads from those, at marks of before, finds all entries; who reads from this
    /// one, at later marks, needs none of theirs. Writer thread only.
    /// </summary>
    public void GoOnAfter(PastDigests others)
    {
        Invariant.Holds(!_isKept);
        _before = _marked = others.Mark();
        _isKept = true;
        others._next = this;
    }

    /// <summary>Keeps a digest that is about to be overwritten, if it is the one of the last mark. Writer thread only.</summary>
    public void Keep(ref Head head, in Digest digest)
    {
        if (!_isKept || head.Newest > _marked) return;
        // Those of others have numbers up to that of every mark here, so they end the list.
        uint ordinal = head.Newest > _before ? head.Length + 1 : 1;
        ulong earlier = head.Newest;
        // Each step clears the lowest bit of an ordinal; ordinal - 1 has as many ones at its end as ordinal has zeros.
        for (int i = BitOperations.TrailingZeroCount(ordinal); i > 0; i--) earlier = Back(earlier, EntryAt(earlier).ToEarlier);
        ulong entry = _before + _entries.Count + 1;
        _entries.Append(new Entry(digest, Distance(entry, head.Newest), Distance(entry, earlier)));
        head.Length = ordinal;
        Volatile.Write(ref head.Newest, entry);
    }

    /// <summary>The digest as it was at the mark.</summary>
    /// <param name="newest">Of its head: later than the mark.</param>
    public Digest At(ulong mark, ulong newest)
    {
        // Looks for the first entry after the mark: it holds what was there until then.
        ulong entry = newest;
        while (StepBack(entry, mark) is > 0 and ulong earlier) entry = earlier;
        return EntryAt(entry).Digest;
    }

    /// <summary>An earlier entry of the same digest that is later than the mark too: the farther one, if it is; 0 if there is none.</summary>
    internal ulong StepBack(ulong entry, ulong mark)
    {
        ref readonly Entry here = ref EntryAt(entry);
        ulong earlier = Back(entry, here.ToEarlier), previous = Back(entry, here.ToPrevious);
        return earlier > mark ? earlier : previous > mark ? previous : 0;
    }

    // None is 0. Who needs an entry that is farther away has all between in memory, 160 GiB.
    private static uint Distance(ulong entry, ulong back) => back == 0 || entry - back > uint.MaxValue ? 0 : (uint)(entry - back);

    private static ulong Back(ulong entry, uint distance) => distance == 0 ? 0 : entry - distance;

    private ref readonly Entry EntryAt(ulong entry)
    {
        PastDigests holder = this;
        while (holder._next is { } next && entry > next._before) holder = next;
        return ref holder._entries[entry - holder._before - 1];
    }

    /// <summary>Where the entries of one digest begin. Entries are counted from 1; 0 is none.</summary>
    internal struct Head
    {
        // Read by others while the writer sets it.
        public ulong Newest;
        public uint Length;
    }

    private readonly record struct Entry(Digest Digest, uint ToPrevious, uint ToEarlier);
}
