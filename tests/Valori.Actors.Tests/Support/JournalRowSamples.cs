using Valori.Actors.Entries;
using Valori.Kernel.Merkle;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Tests.Support;

/// <summary>Rows of engines whose events follow each other, for tests of what writes them.</summary>
internal static class JournalRowSamples
{
    /// <param name="bytes">Of the message: the event's place, and after it zeros.</param>
    public static Row Row(string persistenceId, long sequenceNr, int bytes = 100) => new()
    {
        PersistenceId = persistenceId,
        SequenceNumber = sequenceNr,
        Timestamp = 7,
        Message = Message(persistenceId, sequenceNr, bytes),
        Manifest = "J",
        Identifier = 5,
        WriterUuid = "w",
    };

    private static byte[] Message(string persistenceId, long sequenceNr, int bytes)
    {
        Digest stateHash = Digest.Of(System.Text.Encoding.UTF8.GetBytes(persistenceId)), chain = HistoryChain.Start;
        for (long i = 1; i <= sequenceNr; i++) chain = HistoryChain.Extend(chain, i, i, stateHash);
        byte[] message = new byte[bytes];
        JournalCodec.Encode(new JournalEntry(new EngineCreated(new EngineSchema(1)), sequenceNr, stateHash, chain)).Payload.AsSpan(0, EntryPlace.MaximumBytes).CopyTo(message);
        return message;
    }
}
