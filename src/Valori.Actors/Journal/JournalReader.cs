using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Entries;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Actors.Journal;

/// <summary>
/// Reads the events of one engine beside it, by Akka.Persistence.Query: for what its memory does not hold, the timeline and
/// proofs that reach back before the snapshot that it was recovered from. Thread-safe.
/// </summary>
internal sealed class JournalReader(ActorSystem system, ValoriSettings settings, MemoryBudget memory, string name)
{
    // What a page of events has besides them, and each of them besides its bytes, at most.
    private const int EventPageBytes = 64, EventFieldBytes = 8;

    // Enough that asking again costs little, and little enough that many readers can wait with a page in hand.
    private const int FeedBytes = 1 << 20, EventsOfAPage = 256;

    private readonly SemaphoreSlim _readers = new(2);
    private readonly string _persistenceId = ValoriSettings.PersistenceIdOf(name);

    /// <summary>A page of what happened up to an event.</summary>
    /// <param name="from">At least 1, at most the last event.</param>
    /// <param name="history">Knows the chain values, as far as memory goes: what is read is compared with them.</param>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    /// <exception cref="EventsDroppedException">The event is not in the journal any more.</exception>
    public async Task<Timeline> ReadTimelineAsync(long from, int count, long last, History history)
    {
        List<TimelineEntry> entries = [];
        Digest? chain = from == 1 ? HistoryChain.Start : from > history.FirstSequenceNr ? history.ChainOf(from - 1) : null;
        await ForEachAsync(from, Math.Min(last, from + count - 1), (sequenceNr, entry) =>
        {
            // The chain binds time and state hash too. What an entry changed, only a recovery proves.
            if (chain is { } before && HistoryChain.Extend(before, sequenceNr, entry.UnixMicroseconds, entry.StateHash) is var follows && follows != entry.Chain)
                throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, $"history chain {follows}", entry.Chain.ToString());
            chain = entry.Chain;
            if (sequenceNr >= history.FirstSequenceNr && entry.Chain != history.ChainOf(sequenceNr))
                throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, $"history chain {history.ChainOf(sequenceNr)}", entry.Chain.ToString());
            entries.Add(TimelineEntries.Of(sequenceNr, entry));
        }).ConfigureAwait(false);
        return new Timeline(entries, last);
    }

    /// <summary>Events as bytes, as many as one message takes, or a part of the first one if that does not fit.</summary>
    /// <param name="from">At least 1, at most the last event.</param>
    /// <param name="offset">In the bytes of the first one.</param>
    /// <param name="view">The state up to whose event is read.</param>
    /// <param name="limit">Of the bytes of a message; null if there is none.</param>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    /// <exception cref="EventsDroppedException">The event is not in the journal any more.</exception>
    /// <exception cref="RefusedException">The event has fewer bytes.</exception>
    public async Task<EventPage> ReadEventsAsync(long from, int offset, DurableView view, long? limit)
    {
        int partBytes = (int)Math.Min((limit ?? int.MaxValue) - EventPageBytes, int.MaxValue - EventPageBytes);
        long left = Math.Min(partBytes, FeedBytes);
        List<ReadOnlyMemory<byte>> events = [];
        int totalBytes = 0;
        // Each holds an event in memory, which may be as large as a batch.
        await _readers.WaitAsync().ConfigureAwait(false);
        try
        {
            await WhileAsync(from, view.SequenceNr, (sequenceNr, record) =>
            {
                CheckChain(sequenceNr, record, view.History);
                ReadOnlyMemory<byte> bytes = record.Payload;
                bool isFirst = events.Count == 0;
                if (isFirst && (offset > 0 || bytes.Length > partBytes))
                {
                    if (offset >= bytes.Length) throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"offset is {offset}; event {sequenceNr} has {bytes.Length} bytes"));
                    totalBytes = bytes.Length;
                    bytes = bytes.Slice(offset, Math.Min(bytes.Length - offset, partBytes));
                }
                left -= bytes.Length + EventFieldBytes;
                if (!isFirst && (left < 0 || totalBytes > 0 || events.Count >= EventsOfAPage)) return false;
                events.Add(bytes);
                return true;
            }).ConfigureAwait(false);
        }
        finally
        {
            _readers.Release();
        }
        return new EventPage(view.SequenceNr, events, totalBytes);
    }

    /// <summary>A row of another history is found here, before somebody follows it.</summary>
    private void CheckChain(long sequenceNr, JournalRecord record, History history)
    {
        if (!EntryPlace.TryRead(record.Payload, out EntryPlace place))
            throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, "a journal entry", "bytes that do not begin one");
        if (history.KnowsChainOf(sequenceNr) && history.ChainOf(sequenceNr) != place.Chain)
            throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, $"history chain {history.ChainOf(sequenceNr)}", place.Chain.ToString());
    }

    /// <summary>The proof of <see cref="History.Prove"/> for an event that memory does not reach: from the chain values of all events.</summary>
    /// <param name="history">What the chain values that are read must lead to.</param>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    /// <exception cref="EventsDroppedException">The first event is not in the journal any more.</exception>
    public async Task<HistoryProof> ProveAsync(long from, long to, History history)
    {
        // What memory lacks ends with the snapshot of the start, so it is read once and kept; if there is no room to keep it, it is read again.
        if (!history.CanProveFrom(from) && memory.RefusalOf(history.MemoryBytesOfChainsBefore) is null)
            history.LearnChainsBefore(await ReadChainsAsync(history.FirstSequenceNr, history).ConfigureAwait(false));
        if (history.CanProveFrom(from)) return history.Prove(from, to);
        return (await ReadChainsAsync(Math.Max(to, history.FirstSequenceNr), history).ConfigureAwait(false)).Prove(from, to);
    }

    /// <summary>The history from the first event on, proven to be the one that memory goes on from.</summary>
    private async Task<History> ReadChainsAsync(long needed, History history)
    {
        History whole = new();
        await ForEachAsync(1, needed, (sequenceNr, entry) =>
        {
            if (sequenceNr > 1 && entry.UnixMicroseconds < whole.UnixMicroseconds)
                throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, $"a time not before {Iso8601.Format(whole.UnixMicroseconds)}", Iso8601.Format(entry.UnixMicroseconds));
            whole.Extend(entry.UnixMicroseconds, entry.StateHash, version: 0);
            if (whole.Chain != entry.Chain)
                throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, $"history chain {whole.Chain}", entry.Chain.ToString());
        }).ConfigureAwait(false);
        if (whole.RootAt(needed) != history.RootAt(needed))
            throw new CorruptionException($"journal of {_persistenceId}", needed, $"history root {history.RootAt(needed)}", whole.RootAt(needed).ToString());
        return whole;
    }

    private Task ForEachAsync(long from, long to, Action<long, JournalEntry> take) => WhileAsync(from, to, (sequenceNr, record) =>
    {
        take(sequenceNr, Decode(sequenceNr, record));
        return true;
    });

    /// <param name="take">Returns false when it needs no more. What it was called with then is not taken.</param>
    private async Task WhileAsync(long from, long to, Func<long, JournalRecord, bool> take)
    {
        long expected = from;
        bool isEnough = false;
        await PersistenceQuery.Get(system).ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(settings.ReadJournalPluginId)
            .CurrentEventsByPersistenceId(_persistenceId, from, to)
            .TakeWhile(
                envelope =>
                {
                    if (envelope.SequenceNr != expected)
                    {
                        throw expected == from
                            ? new EventsDroppedException($"the events before {envelope.SequenceNr} were dropped from the journal (valori.journal-retention)")
                            : new CorruptionException($"journal of {_persistenceId}", expected, $"sequence number {expected}", $"{envelope.SequenceNr}");
                    }
                    expected++;
                    if (envelope.Event is not JournalRecord record)
                        throw new CorruptionException($"journal of {_persistenceId}", envelope.SequenceNr, "a Valori journal record", envelope.Event.GetType().Name);
                    isEnough = !take(envelope.SequenceNr, record);
                    return !isEnough;
                })
            .RunWith(Sink.Ignore<EventEnvelope>(), system.Materializer())
            .ConfigureAwait(false);
        if (isEnough) return;
        if (expected == from) throw new EventsDroppedException($"the events {from} to {to} were dropped from the journal (valori.journal-retention)");
        if (expected <= to) throw new CorruptionException($"journal of {_persistenceId}", expected, $"events up to sequence number {to}", $"events up to {expected - 1}");
    }

    private JournalEntry Decode(long sequenceNr, JournalRecord record)
    {
        try
        {
            return JournalCodec.Decode(record);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw new CorruptionException($"journal of {_persistenceId}", sequenceNr, "a journal entry", e.Message, e);
        }
    }
}

/// <summary>The events asked for were dropped on purpose, because snapshots cover them.</summary>
internal sealed class EventsDroppedException(string message) : Exception(message);
