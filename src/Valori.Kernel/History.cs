using Valori.Kernel.Memory;
using Valori.Kernel.Merkle;

namespace Valori.Kernel;

/// <summary>
/// The history of an engine as far as this process knows it: the chain (section 7 of docs/formats.md in Valori's repository), the Merkle
/// tree over its values, and for each event its time and the kernel's version, so that earlier states can be looked up and proven. It
/// begins with the first event, or with a snapshot; of what lies before a snapshot it knows the tree's frontier. Some 100 bytes an event.
/// </summary>
/// <remarks>
/// Pure. One writer extends it. Any number of threads may read what lies at or before a sequence number that they got after
/// its extension, as from a published View.
/// </remarks>
internal sealed class History
{
    private readonly MerkleTree _tree;
    private readonly AppendOnlyList<Event> _events = new();

    // The place that it begins after: nothing, or a snapshot.
    private readonly long _startSequenceNr;
    private readonly Digest _startChain;

    /// <summary>A history without events.</summary>
    public History()
        : this(0, HistoryChain.Start, new MerkleTree())
    {
    }

    /// <summary>Goes on from a snapshot.</summary>
    /// <param name="sequenceNr">That the snapshot includes.</param>
    /// <param name="unixMicroseconds">The time of that event.</param>
    /// <param name="chain">The chain value at that event.</param>
    /// <param name="frontier">What <see cref="FrontierAt"/> gave at that event.</param>
    /// <param name="version">The kernel's version that the snapshot became.</param>
    public History(long sequenceNr, long unixMicroseconds, in Digest chain, ReadOnlySpan<Digest> frontier, ulong version)
        : this(sequenceNr, chain, new MerkleTree((ulong)sequenceNr, frontier))
    {
        UnixMicroseconds = unixMicroseconds;
        _events.Append(new Event(unixMicroseconds, version));
        FirstSequenceNr = ReachSequenceNr = sequenceNr;
    }

    private History(long sequenceNr, in Digest chain, MerkleTree tree)
    {
        SequenceNr = _startSequenceNr = sequenceNr;
        Chain = _startChain = chain;
        _tree = tree;
        FirstSequenceNr = ReachSequenceNr = 1;
    }

    /// <summary>The newest event; 0 before the first one. This and the next two are for the writer thread only.</summary>
    public long SequenceNr { get; private set; }

    /// <summary>The time of the newest event.</summary>
    public long UnixMicroseconds { get; private set; }

    /// <summary>The chain value at the newest event.</summary>
    public Digest Chain { get; private set; }

    /// <summary>The first event whose time is known: 1, or the one that the snapshot includes.</summary>
    public long FirstSequenceNr { get; }

    /// <summary>The first event whose state the kernel still has: later than <see cref="FirstSequenceNr"/> after a restore, and after memory was freed.</summary>
    public long ReachSequenceNr { get; private set; }

    /// <summary>What this takes of memory. Writer thread only.</summary>
    public long MemoryBytes => _events.Bytes + _tree.Bytes;

    /// <summary>What <see cref="LearnChainsBefore"/> would take.</summary>
    public long MemoryBytesOfChainsBefore => 2 * _startSequenceNr * Digest.SizeBytes;

    /// <summary>Adds the next event.</summary>
    /// <param name="stateHash">The state hash that it led to.</param>
    /// <param name="version">The kernel's version that it led to, marked.</param>
    public void Extend(long unixMicroseconds, in Digest stateHash, ulong version)
    {
        Invariant.Holds(unixMicroseconds >= UnixMicroseconds || SequenceNr == 0);
        SequenceNr++;
        UnixMicroseconds = unixMicroseconds;
        Chain = HistoryChain.Extend(Chain, SequenceNr, unixMicroseconds, stateHash);
        _tree.Append([Chain]);
        _events.Append(new Event(unixMicroseconds, version));
    }

    /// <summary>The kernel's versions before an event are gone.</summary>
    public void ForgetVersionsBefore(long sequenceNr)
    {
        Invariant.Holds(sequenceNr >= ReachSequenceNr && sequenceNr <= SequenceNr);
        ReachSequenceNr = sequenceNr;
    }

    /// <summary>The root of the tree over the chain values up to an event. About log2(n) hashes.</summary>
    public Digest RootAt(long sequenceNr) => _tree.RootOf((ulong)sequenceNr);

    /// <summary>
    /// What a snapshot of an event has to hold so that the tree can go on from there (section 12 of docs/formats.md in Valori's
    /// repository).
    /// </summary>
    public Digest[] FrontierAt(long sequenceNr) => _tree.Frontier((ulong)sequenceNr);

    /// <summary>The time of an event, from <see cref="FirstSequenceNr"/> on.</summary>
    public long TimeOf(long sequenceNr) => EventAt(sequenceNr).UnixMicroseconds;

    /// <summary>The kernel's version after an event, from <see cref="ReachSequenceNr"/> on.</summary>
    public ulong VersionOf(long sequenceNr) => EventAt(sequenceNr).Version;

    /// <summary>The chain value at an event, from the place on that this begins after.</summary>
    public Digest ChainOf(long sequenceNr) =>
        sequenceNr == _startSequenceNr ? _startChain : _tree.Stored(0, (ulong)sequenceNr - 1);

    /// <summary>Whether <see cref="ChainOf"/> knows the chain value at an event.</summary>
    public bool KnowsChainOf(long sequenceNr) => sequenceNr >= _startSequenceNr && sequenceNr <= SequenceNr;

    /// <summary>
    /// Keeps the chain values from before the snapshot that this goes on from: from then on, <see cref="Prove"/> can prove from the first
    /// event on. For any thread.
    /// </summary>
    /// <param name="whole">A history of the first event up to that of the snapshot, or further.</param>
    /// <exception cref="ArgumentException">It is another history, or does not reach as far.</exception>
    public void LearnChainsBefore(History whole)
    {
        if (whole._startSequenceNr > 0 || whole.SequenceNr < _startSequenceNr || whole.RootAt(_startSequenceNr) != RootAt(_startSequenceNr))
            throw new ArgumentException($"not the history up to event {_startSequenceNr} with the root {RootAt(_startSequenceNr)}", nameof(whole));
        _tree.Before = whole._tree;
    }

    /// <summary>The last event of a range whose time is not later, or null if all of them are.</summary>
    public long? LastAt(long unixMicroseconds, long from, long to) => LastWhere(from, to, sequenceNr => TimeOf(sequenceNr) <= unixMicroseconds);

    /// <summary>The last event of a range whose version is not later, or null if all of them are.</summary>
    public long? LastOfVersion(ulong version, long from, long to) => LastWhere(from, to, sequenceNr => VersionOf(sequenceNr) <= version);

    /// <summary>Whether <see cref="Prove"/> can prove from there on: after the place that this begins after.</summary>
    public bool CanProveFrom(long sequenceNr) => sequenceNr > _startSequenceNr || _tree.Before is not null;

    /// <summary>Proves that the history up to one event extends that up to an earlier one. About log2(n) hashes.</summary>
    /// <param name="from">At least 1, and one that <see cref="CanProveFrom"/>.</param>
    /// <param name="to">At least <paramref name="from"/>.</param>
    public HistoryProof Prove(long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, _tree.Before is null ? _startSequenceNr + 1 : 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        MerkleTreeAt tree = new(_tree, (ulong)to);
        return new HistoryProof(
            from, to, ChainBefore(from), ChainBefore(to),
            tree.Path((ulong)from - 1), tree.Path((ulong)to - 1), tree.Consistency((ulong)from));
    }

    private Digest ChainBefore(long sequenceNr) => sequenceNr == 1 ? HistoryChain.Start : ChainOf(sequenceNr - 1);

    private Event EventAt(long sequenceNr) => _events[(ulong)(sequenceNr - FirstSequenceNr)];

    /// <summary>By halves: the condition holds up to some event and for none after it.</summary>
    private static long? LastWhere(long from, long to, Func<long, bool> holds)
    {
        long low = from, high = to + 1;
        while (low < high)
        {
            long middle = low + (high - low) / 2;
            if (holds(middle)) low = middle + 1;
            else high = middle;
        }
        return low == from ? null : low - 1;
    }

    private readonly record struct Event(long UnixMicroseconds, ulong Version);
}
