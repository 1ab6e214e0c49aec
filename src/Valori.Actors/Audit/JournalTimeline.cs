using System.Globalization;
using Valori.Actors.Entries;
using Valori.Actors.Journal;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Kernel.Merkle;

namespace Valori.Actors.Audit;

/// <summary>
/// Tells what happened from the rows of a journal, without an engine: each chain value is computed anew from the one before it. What
/// an entry changed, only a replay proves.
/// </summary>
internal static class JournalTimeline
{
    /// <param name="journal">The name used in errors.</param>
    /// <param name="rows">By sequence number; from the row before <paramref name="from"/> on, which binds the first one.</param>
    /// <param name="from">The first event to tell of.</param>
    /// <exception cref="CorruptionException">The journal is not what was written.</exception>
    /// <exception cref="EventsDroppedException">The first event is not in the journal any more.</exception>
    public static IEnumerable<TimelineEntry> Read(string journal, IEnumerable<JournalRow> rows, long from)
    {
        Digest? chain = from == 1 ? HistoryChain.Start : null;
        long? last = null;
        foreach (JournalRow row in rows)
        {
            // The last of dropped events has a row, and nothing reads it.
            if (row.IsDeleted) continue;
            if (last is null && row.SequenceNr > from)
                throw new EventsDroppedException($"the events before {row.SequenceNr} were dropped from the journal (valori.journal-retention)");
            if (last is { } before && row.SequenceNr != before + 1)
                throw new CorruptionException(journal, before + 1, $"sequence number {before + 1}", $"{row.SequenceNr}");
            JournalEntry entry = Decode(journal, row);
            if (chain is { } known && HistoryChain.Extend(known, row.SequenceNr, entry.UnixMicroseconds, entry.StateHash) is var follows && follows != entry.Chain)
                throw new CorruptionException(journal, row.SequenceNr, $"history chain {follows}", entry.Chain.ToString());
            (chain, last) = (entry.Chain, row.SequenceNr);
            if (row.SequenceNr >= from) yield return TimelineEntries.Of(row.SequenceNr, entry);
        }
    }

    private static JournalEntry Decode(string journal, JournalRow row)
    {
        if (row.Manifest != ValoriSerializer.JournalRecordManifest || row.Identifier != ValoriSerializer.Number)
        {
            throw new CorruptionException(journal, row.SequenceNr, $"an entry of Valori's (manifest {ValoriSerializer.JournalRecordManifest}, serializer {ValoriSerializer.Number})",
                string.Create(CultureInfo.InvariantCulture, $"manifest {row.Manifest}, serializer {row.Identifier}"));
        }
        try
        {
            return JournalCodec.Decode(new JournalRecord(row.Payload));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw new CorruptionException(journal, row.SequenceNr, "a journal entry", e.Message, e);
        }
    }
}
