using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Valori.Actors.Entries;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;

namespace Valori.Actors.Journal;

/// <summary>
/// Reads the events of one engine beside it, by Akka.Persistence.Query: for what its memory does not hold, the timeline and
/// proofs that reach back before the snapshot that it was recovered from. Thread-safe.
/// </summary>
internal sealed class JournalReader(ActorSystem system, ValoriSettings settings, MemoryBudget memory, string name)
{
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

    private async Task ForEachAsync(long from, long to, Action<long, JournalEntry> take)
    {
        long expected = from;
        await PersistenceQuery.Get(system).ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(settings.ReadJournalPluginId)
            .CurrentEventsByPersistenceId(_persistenceId, from, to)
            .RunForeach(
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
                    take(envelope.SequenceNr, Decode(envelope.SequenceNr, record));
                },
                system.Materializer())
            .ConfigureAwait(false);
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
