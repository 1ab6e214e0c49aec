using Valori.Actors.Entries;
using Valori.Kernel.Merkle;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Rows;

/// <summary>
/// The rule of every write: the row before it is in the table, read in the same transaction, and its chain value leads to
/// that of what is written. So nothing is acknowledged on top of a journal that lost its end, or that is another one.
/// </summary>
internal static class Predecessor
{
    /// <param name="rows">Of one engine, in the order of their sequence numbers.</param>
    /// <param name="previous">
    /// The first <see cref="EntryPlace.MaximumBytes"/> bytes of the message of the row before them; null if the table has no such row.
    /// Not looked at if the rows begin with the first event of all.
    /// </param>
    /// <exception cref="CorruptionException">The row before is missing, or the rows cannot follow it.</exception>
    public static void Check(IReadOnlyList<Row> rows, byte[]? previous)
    {
        long first = rows[0].SequenceNumber;
        Digest chain = first == 1 ? HistoryChain.Start : ChainOf(rows[0].PersistenceId, first - 1, previous);
        foreach (Row row in rows)
        {
            EntryPlace place = PlaceOf(row.PersistenceId, row.SequenceNumber, row.Message);
            if (!place.Follows(chain, row.SequenceNumber))
            {
                throw Corrupt(row.PersistenceId, row.SequenceNumber - 1,
                    $"the event that leads to the history chain {place.Chain}, which was acknowledged", $"one with the history chain {chain}: the journal holds another history");
            }
            chain = place.Chain;
        }
    }

    private static Digest ChainOf(string persistenceId, long sequenceNr, byte[]? start) => start is null
        ? throw Corrupt(persistenceId, sequenceNr, "the last event, which was acknowledged", "no such row: the journal was rolled back or replaced")
        : PlaceOf(persistenceId, sequenceNr, start).Chain;

    private static EntryPlace PlaceOf(string persistenceId, long sequenceNr, byte[] message) => EntryPlace.TryRead(message, out EntryPlace place)
        ? place
        : throw Corrupt(persistenceId, sequenceNr, "a journal entry", "bytes that do not begin one");

    private static CorruptionException Corrupt(string persistenceId, long sequenceNr, string expected, string found) =>
        new($"journal of {persistenceId}", sequenceNr, expected, found);
}
