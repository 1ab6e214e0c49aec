using System.Globalization;
using Valori.Actors.Entries;
using Valori.Actors.Rows;
using Valori.Actors.Text;
using Valori.Kernel.Merkle;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Audit;

/// <summary>
/// The last dropped event, whose row stays, and events after it up to the snapshot that an audit starts from: there is no
/// state to replay them on, but their chain values must follow each other and end in the snapshot's.
/// </summary>
/// <param name="journal">The name used in errors.</param>
internal sealed class UnreplayedEvents(string journal, JournalRow lastDropped)
{
    private JournalEntry _last = Decode(journal, lastDropped);

    public long LastSequenceNr { get; private set; } = lastDropped.SequenceNr;

    /// <exception cref="CorruptionException">The event cannot stand after the one before it.</exception>
    public void Take(JournalRow row)
    {
        if (row.SequenceNr != LastSequenceNr + 1)
            throw new CorruptionException(journal, row.SequenceNr, $"sequence number {LastSequenceNr + 1}", row.SequenceNr.ToString(CultureInfo.InvariantCulture));
        JournalEntry entry = Decode(journal, row);
        Digest expected = HistoryChain.Extend(_last.Chain, row.SequenceNr, entry.UnixMicroseconds, entry.StateHash);
        if (entry.Chain != expected) throw new CorruptionException(journal, row.SequenceNr, $"history chain {expected}", entry.Chain.ToString());
        (_last, LastSequenceNr) = (entry, row.SequenceNr);
    }

    /// <exception cref="CorruptionException">The last event is not the one that the snapshot includes.</exception>
    public void MustLeadTo(SnapshotHeader header)
    {
        Compare("history chain", $"{header.Chain}", $"{_last.Chain}");
        Compare("state hash", $"{header.StateHash}", $"{_last.StateHash}");
        Compare("time", Iso8601.Format(header.UnixMicroseconds), Iso8601.Format(_last.UnixMicroseconds));
    }

    private void Compare(string what, string expected, string found)
    {
        if (expected != found) throw new CorruptionException(journal, LastSequenceNr, $"{what} {expected}, as in the snapshot of that event", found);
    }

    private static JournalEntry Decode(string journal, JournalRow row)
    {
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
