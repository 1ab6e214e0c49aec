using Valori.Actors.Text;

namespace Valori.Host.Operations;

/// <summary>A command was carried out and is durable.</summary>
/// <param name="Time">Of the event, ISO 8601 in UTC with microseconds.</param>
/// <param name="FirstId">The first id that the command created, or the id that it was about; after a step, where the next one begins.</param>
/// <param name="Count">How many ids it created; after a step, how many records it deleted or changed.</param>
internal sealed record ReceiptAnswer(long SequenceNr, string Time, string StateHash, string Chain, string HistoryRoot, ulong FirstId, int Count)
{
    public static ReceiptAnswer Of(Receipt receipt) => new(
        receipt.SequenceNr, Iso8601.Format(receipt.UnixMicroseconds), receipt.StateHash.ToString(), receipt.Chain.ToString(), receipt.HistoryRoot.ToString(),
        receipt.FirstId, receipt.Count);
}

/// <summary>A command that creates nothing was carried out.</summary>
internal sealed record DoneAnswer(ReceiptAnswer Receipt)
{
    public static DoneAnswer Of(Receipt receipt) => new(ReceiptAnswer.Of(receipt));
}

/// <summary>A command created a record, a node or an edge.</summary>
internal sealed record CreatedAnswer(ulong Id, ReceiptAnswer Receipt)
{
    public static CreatedAnswer Of(Receipt receipt) => new(receipt.FirstId, ReceiptAnswer.Of(receipt));
}

/// <summary>A place in the history of a collection.</summary>
internal sealed record PlaceAnswer(long SequenceNr, string Time, string StateHash, string Chain, string HistoryRoot)
{
    public static PlaceAnswer Of(HistoryPlace place) => new(
        place.SequenceNr, Iso8601.Format(place.UnixMicroseconds), place.StateHash.ToString(), place.Chain.ToString(), place.HistoryRoot.ToString());
}
