using Valori.Actors.Client;
using Valori.Actors.Queries;
using Valori.Protocol;

namespace Valori;

/// <remarks>docs/proofs.md in Valori's repository says what the proofs prove, and against whom.</remarks>
public sealed partial class ValoriEngine
{
    /// <summary>
    /// Proves what a state says of a record: that it is there with this content, or that a tombstone is. To be checked with
    /// <see cref="ProofVerifier.VerifyInclusion(ReadOnlySpan{byte}, Valori.Digest)"/> against a state hash that the verifier trusts, such as a receipt's.
    /// </summary>
    /// <param name="asOf">Which past state; the latest if null.</param>
    public Task<ContentProof> ProveRecordAsync(RecordId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<ContentProof>(new ProveContent(ContentKind.Record, id.Value) { AsOf = asOf }, cancellationToken);

    /// <summary>As <see cref="ProveRecordAsync"/>, for a node.</summary>
    public Task<ContentProof> ProveNodeAsync(NodeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<ContentProof>(new ProveContent(ContentKind.Node, id.Value) { AsOf = asOf }, cancellationToken);

    /// <summary>As <see cref="ProveRecordAsync"/>, for an edge.</summary>
    public Task<ContentProof> ProveEdgeAsync(EdgeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<ContentProof>(new ProveContent(ContentKind.Edge, id.Value) { AsOf = asOf }, cancellationToken);

    /// <summary>
    /// Proves that the history up to one event extends that up to an earlier one: nothing in between was changed or taken away.
    /// To be checked with <see cref="ProofVerifier.VerifyHistory"/> against two receipts. It takes microseconds for events since the snapshot that
    /// the engine was recovered from, and a pass over the journal for earlier ones.
    /// </summary>
    /// <param name="fromSequenceNr">The earlier event, at least 1.</param>
    /// <param name="toSequenceNr">The later event.</param>
    public async Task<HistoryProof> ProveHistoryAsync(long fromSequenceNr, long toSequenceNr, CancellationToken cancellationToken = default) =>
        (await AskAsync<HistoryExtension>(new ProveHistory(fromSequenceNr, toSequenceNr), cancellationToken).ConfigureAwait(false)).Proof;

    /// <summary>What happened, in order, a page at a time, read from the journal.</summary>
    /// <param name="fromSequenceNr">The first event, at least 1.</param>
    /// <param name="count">The maximum number of events, 1 to <see cref="Timeline.MaximumEntries"/>.</param>
    public Task<Timeline> TimelineAsync(long fromSequenceNr, int count, CancellationToken cancellationToken = default) =>
        AskAsync<Timeline>(new GetTimeline(fromSequenceNr, count), cancellationToken);

    /// <summary>
    /// Finds the records, nodes and edges in which another engine differs from this one, which may be in another process, by
    /// descending both Merkle trees: about 4 log2(n) digests a difference.
    /// </summary>
    /// <param name="limit">The maximum number of differences to find.</param>
    public Task<Comparison> CompareAsync(ValoriEngine other, int limit = 1_000, CancellationToken cancellationToken = default) =>
        EngineAddresses.Of(other.Gateway, _gateway) is { } address
            ? AskAsync<Comparison>(new CompareWith(address, limit), cancellationToken)
            : CompareHereAsync(other, limit, cancellationToken);

    /// <summary>Neither engine can name the other: both are asked from here.</summary>
    private async Task<Comparison> CompareHereAsync(ValoriEngine other, int limit, CancellationToken cancellationToken)
    {
        CheckCall(typeof(CompareWith));
        cancellationToken.ThrowIfCancellationRequested();
        if (Comparison.CheckLimit(limit) is { } refusal) throw new RefusedException(refusal);
        return await new EngineComparison(_gateway, other.Gateway, limit, _timeout).RunAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
