using Valori.Actors.Engine;
using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Hashing;

namespace Valori.Actors.Journal;

/// <summary>
/// Compares the lists of remembered requests in a journal with the events that the requests were in: the chain covers neither, and
/// an engine that recovers from a snapshot believes the lists.
/// </summary>
/// <param name="journal">The name to give in errors.</param>
internal sealed class RequestsAudit(string journal)
{
    private Dictionary<RequestId, Receipt> _known = [];

    /// <summary>The event that the audit starts behind: of requests up to there only the lists tell.</summary>
    public long StartSequenceNr { get; set; }

    /// <param name="state">Behind the event.</param>
    /// <exception cref="CorruptionException">A list has a request, or a receipt, that the journal has not.</exception>
    public void Take(JournalEvent happened, EngineState state)
    {
        switch (happened)
        {
            case KernelChanged(var changes):
                foreach (Change change in changes)
                {
                    if (change.Request is not { } request) continue;
                    CommandResult result = new(change.Happened);
                    result.Complete(state.ReceiptFor(0, 0));
                    _known[request] = result.Receipt;
                }
                break;
            case RequestsKept(var requests):
                foreach ((RequestId request, Receipt receipt) in requests) Check(request, receipt, state.SequenceNr);
                // What is not in the list any more was forgotten by the engine too.
                _known = requests.ToDictionary(kept => kept.Request, kept => kept.Receipt);
                break;
        }
    }

    private void Check(RequestId request, Receipt found, long sequenceNr)
    {
        if (_known.TryGetValue(request, out Receipt? expected))
        {
            if (Difference(expected, found) is var (what, wanted, there))
                throw new CorruptionException(journal, sequenceNr, $"request '{request}' with {what} {wanted}, as of event {expected.SequenceNr}", there);
        }
        else if (found.SequenceNr > StartSequenceNr)
        {
            throw new CorruptionException(journal, sequenceNr, $"a request that was recorded before (event {found.SequenceNr} has none of that name)", $"'{request}'");
        }
    }

    private static (string What, string Expected, string Found)? Difference(Receipt expected, Receipt found)
    {
        // Lists from before receipts had a root hold none.
        if (found.HistoryRoot == Digest.Zero) expected = expected with { HistoryRoot = Digest.Zero };
        if (expected == found) return null;
        foreach (((string name, string wanted), (_, string there)) in Values(expected).Zip(Values(found)))
        {
            if (wanted != there) return (name, wanted, there);
        }
        throw new InvalidOperationException($"a receipt has a value that is not compared here: {found}");
    }

    private static (string Name, string Value)[] Values(Receipt receipt) =>
    [
        ("sequence number", FormattableString.Invariant($"{receipt.SequenceNr}")),
        ("time", Iso8601.Format(receipt.UnixMicroseconds)),
        ("state hash", $"{receipt.StateHash}"),
        ("history chain", $"{receipt.Chain}"),
        ("history root", $"{receipt.HistoryRoot}"),
        ("first id", FormattableString.Invariant($"{receipt.FirstId}")),
        ("count", FormattableString.Invariant($"{receipt.Count}")),
    ];
}
