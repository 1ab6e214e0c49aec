using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori.Actors.Audit;

/// <summary>
/// Compares the lists of remembered requests in a journal with the events that the requests were in: the chain covers neither, and
/// an engine that recovers from a snapshot believes the lists.
/// </summary>
/// <param name="journal">The name used in errors.</param>
internal sealed class RequestsAudit(string journal)
{
    private Dictionary<RequestId, KeptRequest> _known = [];

    // What was restored so far: the event that it went back to, and its own.
    private readonly List<(long KeepsRequestsTo, long SequenceNr)> _restores = [];

    /// <summary>The event that the audit starts after: of requests up to there only the lists tell.</summary>
    public long StartSequenceNr { get; set; }

    /// <param name="state">After the event.</param>
    /// <exception cref="CorruptionException">
    /// A list has a request, a receipt or a command that the journal has not, or a request that a restore undid.
    /// </exception>
    public void Take(JournalEvent happened, EngineState state)
    {
        switch (happened)
        {
            case KernelChanged(var changes):
                foreach (Change change in changes)
                {
                    if (change.Request is not { } request) continue;
                    _known[request] = new KeptRequest(request, state.LastReceiptOf(request), CommandDigest.Of(change.Happened));
                }
                break;
            case RequestsKept(var requests):
                foreach (KeptRequest kept in requests) Check(kept, state.SequenceNr);
                // What is not in the list any more was forgotten by the engine too.
                _known = requests.ToDictionary(kept => kept.Request, WithDigest);
                break;
            case Restored restored:
                _restores.Add((restored.KeepsRequestsTo, state.SequenceNr));
                break;
        }
    }

    private void Check(KeptRequest found, long sequenceNr)
    {
        if (_known.TryGetValue(found.Request, out KeptRequest? expected))
        {
            if ((Difference(expected.Receipt, found.Receipt) ?? DifferentCommand(expected, found)) is var (what, wanted, there))
                throw new CorruptionException(journal, sequenceNr, $"request '{found.Request}' with {what} {wanted}, as of event {expected.Receipt.SequenceNr}", there);
        }
        else if (found.Receipt.SequenceNr > StartSequenceNr)
        {
            throw new CorruptionException(journal, sequenceNr, $"a request that was recorded before (event {found.Receipt.SequenceNr} has none of that name)", $"'{found.Request}'");
        }
        // Restores forget since there are digests: a list from before, which has none, may still name what one undid.
        if (found.Command is null) return;
        foreach ((long keepsRequestsTo, long restore) in _restores)
        {
            if (found.Receipt.SequenceNr > keepsRequestsTo && found.Receipt.SequenceNr < restore)
                throw new CorruptionException(journal, sequenceNr, $"no request of the events {keepsRequestsTo + 1} to {restore}, which the restore at {restore} undid",
                    $"'{found.Request}' of event {found.Receipt.SequenceNr}");
        }
    }

    /// <summary>A list without the digest of a command does not take away what its event told.</summary>
    private KeptRequest WithDigest(KeptRequest kept) => kept.Command is null && _known.TryGetValue(kept.Request, out KeptRequest? known)
        ? kept with { Command = known.Command }
        : kept;

    private static (string What, string Expected, string Found)? DifferentCommand(KeptRequest expected, KeptRequest found) =>
        expected.Command is { } wanted && found.Command is { } there && wanted != there ? ("command digest", $"{wanted}", $"{there}") : null;

    private static (string What, string Expected, string Found)? Difference(Receipt expected, Receipt found)
    {
        // Lists from before receipts had a root hold none.
        if (found.HistoryRoot == Digest.Zero) expected = expected with { HistoryRoot = Digest.Zero };
        // Nor do lists from before receipts told what was replaced.
        if (found is { Replaced: 0, FirstReplaced: 0, Document: null }) expected = expected with { Replaced = 0, FirstReplaced = 0 };
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
        ("first node", FormattableString.Invariant($"{receipt.Nodes.First}")),
        ("count of nodes", FormattableString.Invariant($"{receipt.Nodes.Count}")),
        ("first edge", FormattableString.Invariant($"{receipt.Edges.First}")),
        ("count of edges", FormattableString.Invariant($"{receipt.Edges.Count}")),
        ("first replaced record", FormattableString.Invariant($"{receipt.FirstReplaced}")),
        ("count of replaced records", FormattableString.Invariant($"{receipt.Replaced}")),
        ("document", FormattableString.Invariant($"{receipt.Document}")),
    ];
}
