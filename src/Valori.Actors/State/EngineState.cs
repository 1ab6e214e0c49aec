using Valori.Actors.Entries;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Actors.State;

/// <summary>
/// An engine's private state: its kernel, its place in the history, and the requests that it remembers. Pure: no actor, no
/// I/O, no clock. A step forward is a new event that becomes a journal entry (<see cref="Change"/> and
/// <see cref="CloseChanges"/> for those of the kernel, <see cref="Record"/> for the others), or <see cref="Replay"/>: an
/// entry from the journal, whose state hash and chain value are computed anew and compared.
/// </summary>
/// <param name="rememberedRequests">How many requests are remembered.</param>
internal sealed partial class EngineState(string persistenceId, int rememberedRequests)
{
    /// <summary>
    /// What an engine takes without content, its actors included: more than the 23,545 bytes of heap that each of 1,000 empty engines took on
    /// 2026-11-28, for what the heap does not show.
    /// </summary>
    public const long BytesOfAnEngine = 64 << 10;

    private const int BytesOfARequest = 300;

    private readonly List<ReadOnlyMemory<byte>> _stagedChunks = [];
    private readonly List<Change> _changes = [];
    private readonly List<CommandResult> _results = [];

    // Of the requests of the entry that is open, and of the one before it, whether they are still remembered or not.
    private Dictionary<RequestId, CommandResult> _named = [], _lastNamed = [];

    // What was restored since this state began: the event that it went back to, and its own.
    private readonly List<(long KeepsRequestsTo, long SequenceNr)> _restores = [];
    private ValoriKernel? _kernel;

    /// <summary>Whether there is an engine at all: false until the first event.</summary>
    public bool Exists => _kernel is not null;

    public ValoriKernel Kernel => _kernel ?? throw new InvalidOperationException("the engine has not been created yet");

    public History History { get; private set; } = new();

    public long SequenceNr => History.SequenceNr;

    public long UnixMicroseconds => History.UnixMicroseconds;

    public RememberedRequests Requests { get; } = new(rememberedRequests);

    /// <summary>The newest event since this state began that made a snapshot the state; 0 for none.</summary>
    public long LastRestored => _restores.Count > 0 ? _restores[^1].SequenceNr : 0;

    /// <summary>Whether the kernel is ahead of the last entry.</summary>
    public bool HasOpenChanges => _changes.Count > 0;

    /// <summary>About what this takes of memory, all of its past included, but not what a round of freeing makes.</summary>
    public long MemoryBytes => BytesOfAnEngine + Kernel.ApproximateMemoryBytes - Kernel.FreshBytes + OlderBytes + History.MemoryBytes + (long)Requests.Count * BytesOfARequest;

    /// <summary>The state at the last entry; there must be no open changes.</summary>
    public DurableView TakeView() => HasOpenChanges
        ? throw new InvalidOperationException("the changes so far have no entry yet")
        : new DurableView(
            Kernel.TakeView(), History, SequenceNr, UnixMicroseconds, History.Chain, History.ReachSequenceNr, MemoryBytes, _stagedChunks.Count > 0, Older);

    /// <summary>The last entry's receipt, for ids that it was about.</summary>
    public Receipt ReceiptFor(ulong firstId, int count) =>
        new(SequenceNr, UnixMicroseconds, Kernel.StateHash, History.Chain, History.RootAt(SequenceNr), firstId, count);

    /// <summary>The receipt that a request of the last entry got.</summary>
    public Receipt LastReceiptOf(RequestId request) => _lastNamed[request].Receipt;

    /// <summary>
    /// The event of this history that a snapshot is of, as far as the history is known here; 0 for none: what was carried out up to
    /// there is in the snapshot too.
    /// </summary>
    public long EventOf(SnapshotHeader snapshot) =>
        History.KnowsChainOf(snapshot.SequenceNr) && History.ChainOf(snapshot.SequenceNr) == snapshot.Chain ? snapshot.SequenceNr : 0;

    /// <summary>Goes on from a snapshot.</summary>
    public void Load(SnapshotContent snapshot)
    {
        _kernel = snapshot.Kernel;
        SnapshotHeader header = snapshot.Header;
        if (header.HistoryFrontier is not { } frontier)
            throw new CorruptionException($"snapshot of {persistenceId}", 8, "format version 2, which a collection can go on from", "version 1");
        History = new History(header.SequenceNr, header.UnixMicroseconds, header.Chain, [.. frontier], _kernel.Mark());
    }

    /// <summary>Applies a new event of the kernel, which belongs to the entry that <see cref="CloseChanges"/> will return.</summary>
    public CommandResult Change(Change change)
    {
        (ulong First, int Count) replaced = Kernel.ReplacedBy(change.Happened);
        Kernel.Apply(change.Happened);
        _changes.Add(change);
        return Result(change, replaced);
    }

    /// <summary>The journal entry for all changes since the last one.</summary>
    /// <param name="now">Microseconds of the Unix epoch. Where the clock went backwards, the last event's time is used.</param>
    public JournalEntry CloseChanges(long now) => Extend(new KernelChanged([.. _changes]), Math.Max(now, UnixMicroseconds));

    /// <summary>Applies a new event that is not the kernel's and returns the journal entry for it.</summary>
    /// <param name="now">As for <see cref="CloseChanges"/>.</param>
    /// <param name="restoredKernel">With <see cref="Restored"/>: the kernel that the chunks decode to.</param>
    public JournalEntry Record(JournalEvent happened, long now, ValoriKernel? restoredKernel = null)
    {
        if (HasOpenChanges) throw new InvalidOperationException("the changes so far have no entry yet");
        Apply(happened, restoredKernel);
        return Extend(happened, Math.Max(now, UnixMicroseconds));
    }

    /// <summary>Applies an entry of the journal and proves that it is the one that was written.</summary>
    /// <returns>The event of the entry.</returns>
    /// <exception cref="CorruptionException">Names the sequence number, what was expected and what was found.</exception>
    public JournalEvent Replay(long sequenceNr, JournalRecord record)
    {
        try
        {
            if (SequenceNr == 0 && sequenceNr > 1)
                throw Corrupt(sequenceNr, $"a snapshot of the state at {sequenceNr - 1} or later, because the events before were dropped", "none that can be read");
            if (sequenceNr != SequenceNr + 1) throw Corrupt(sequenceNr, $"sequence number {SequenceNr + 1}", $"{sequenceNr}");
            JournalEntry found = JournalCodec.Decode(record);
            if (found.UnixMicroseconds < UnixMicroseconds && SequenceNr > 0)
                throw Corrupt(sequenceNr, $"a time not before {Iso8601.Format(UnixMicroseconds)}", Iso8601.Format(found.UnixMicroseconds));
            CheckExpiries(found);
            Apply(found.Event, null);
            JournalEntry expected = Extend(found.Event, found.UnixMicroseconds);
            if (found.StateHash != expected.StateHash)
                throw Corrupt(sequenceNr, $"state hash {expected.StateHash}", found.StateHash.ToString());
            if (found.Chain != expected.Chain)
                throw Corrupt(sequenceNr, $"history chain {expected.Chain}", found.Chain.ToString());
            return found.Event;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new CorruptionException($"journal of {persistenceId}", sequenceNr, "an event that can follow the one before it", e.Message, e);
        }
    }

    /// <summary>Forgets the chunks of a restore that never completed.</summary>
    public void DiscardStagedChunks() => _stagedChunks.Clear();

    /// <summary>Nothing else proves the time of an expiry: the state hash says only which records are gone.</summary>
    private static void CheckExpiries(JournalEntry found)
    {
        if (found.Event is not KernelChanged(var changes)) return;
        foreach (Change change in changes)
        {
            if (change.Happened is RecordsExpired { UnixMicroseconds: var time } && time != found.UnixMicroseconds)
                throw new InvalidOperationException($"records that expired at {Iso8601.Format(time)} in an event of {Iso8601.Format(found.UnixMicroseconds)}");
        }
    }

    private CorruptionException Corrupt(long sequenceNr, string expected, string found) =>
        new($"journal of {persistenceId}", sequenceNr, expected, found);

    private CommandResult Result(Change change, (ulong First, int Count) replaced)
    {
        CommandResult result = new(change.Happened, replaced);
        _results.Add(result);
        if (change.Request is { } request)
        {
            Requests.Add(request, result, CommandDigest.Of(change.Happened), change.Happened.Command.IsLaterStep);
            _named[request] = result;
        }
        return result;
    }

    private JournalEntry Extend(JournalEvent happened, long unixMicroseconds)
    {
        Digest stateHash = Kernel.StateHash;
        History.Extend(unixMicroseconds, stateHash, Kernel.Mark());
        if (happened is Restored) History.ForgetVersionsBefore(SequenceNr);
        if (_results.Count > 0)
        {
            Receipt receipt = ReceiptFor(0, 0);
            foreach (CommandResult result in _results) result.Complete(receipt);
            _results.Clear();
        }
        (_named, _lastNamed) = (_lastNamed, _named);
        _named.Clear();
        _changes.Clear();
        return new JournalEntry(happened, unixMicroseconds, stateHash, History.Chain);
    }

    private void Apply(JournalEvent happened, ValoriKernel? restoredKernel)
    {
        switch (happened)
        {
            case EngineCreated(var schema):
                if (Exists) throw new InvalidOperationException("the engine was created already");
                _kernel = new ValoriKernel(schema);
                break;
            case KernelChanged(var changes):
                foreach (Change change in changes)
                {
                    // No caller waits for the others, so their answers need not be known.
                    (ulong First, int Count) replaced = change.Request is null ? default : Kernel.ReplacedBy(change.Happened);
                    Kernel.Apply(change.Happened);
                    if (change.Request is not null) Result(change, replaced);
                }
                break;
            case RequestsKept(var requests):
                // A list from before restores forgot requests may still name those that one undid.
                Requests.Replace(requests.Where(kept => !IsUndone(kept.Receipt.SequenceNr)));
                break;
            case SnapshotChunk(var index, var bytes):
                Stage(index, restoredKernel is null ? bytes : default);
                break;
            case Restored(var chunks) restored:
                _kernel = restoredKernel ?? DecodeStagedChunks(chunks, restored.KeepsRequestsTo);
                DropOlder();
                _stagedChunks.Clear();
                _restores.Add((restored.KeepsRequestsTo, SequenceNr + 1));
                Requests.ForgetAfter(restored.KeepsRequestsTo);
                break;
            default:
                throw new InvalidOperationException($"no way to apply {happened.GetType().Name}");
        }
    }

    private bool IsUndone(long sequenceNr) =>
        _restores.Exists(restore => sequenceNr > restore.KeepsRequestsTo && sequenceNr < restore.SequenceNr);

    private void Stage(int index, ReadOnlyMemory<byte> bytes)
    {
        if (index == 0) _stagedChunks.Clear();
        if (index != _stagedChunks.Count) throw new InvalidOperationException($"expected snapshot chunk {_stagedChunks.Count}, found {index}");
        _stagedChunks.Add(bytes);
    }

    private ValoriKernel DecodeStagedChunks(int chunks, long keepsRequestsTo)
    {
        if (chunks != _stagedChunks.Count) throw new InvalidOperationException($"expected {_stagedChunks.Count} snapshot chunks, found {chunks}");
        using ChunkStream stream = new(_stagedChunks);
        SnapshotContent restored = SnapshotReader.Read(stream, $"restored snapshot in the journal of {persistenceId}");
        if (restored.Kernel.Schema != Kernel.Schema)
            throw new InvalidOperationException($"expected a snapshot with {Kernel.Schema}, found one with {restored.Kernel.Schema}");
        // The chain before the place that a recovery began at is not known: then only the number is compared.
        bool isOfThatEvent = keepsRequestsTo == restored.Header.SequenceNr
            && (EventOf(restored.Header) == keepsRequestsTo || !History.KnowsChainOf(keepsRequestsTo)) && keepsRequestsTo <= SequenceNr;
        if (keepsRequestsTo != 0 && !isOfThatEvent)
            throw new InvalidOperationException($"the restore says that it went back to event {keepsRequestsTo}, "
                + $"and its snapshot is of event {restored.Header.SequenceNr} with the chain {restored.Header.Chain}");
        return restored.Kernel;
    }
}
