using Valori.Actors.Text;
using Valori.Protocol;

namespace Valori;

/// <summary>A command was carried out and is durable.</summary>
/// <param name="SequenceNr">The journal event that holds it; commands that arrived together may share one.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="StateHash">The state hash after that event.</param>
/// <param name="Chain">The history chain after that event.</param>
/// <param name="HistoryRoot">
/// The root of the tree over all chain values up to that event. Given a receipt, an engine
/// can prove that a later history extends this one. Zero in the receipt of a remembered request from before receipts had one.
/// </param>
/// <param name="FirstId">
/// What it says depends on the command. After one that creates, the first id that it created; after one that is about an id, that id; after
/// <see cref="DeleteWhere"/> and <see cref="SetFieldsWhere"/>, the id from which the next step goes on, or 0 if nothing is left: no id of a
/// record that they deleted or changed.
/// </param>
/// <param name="Count">
/// After a command that creates, how many ids it created, counting up from the first; after <see cref="DeleteWhere"/> and
/// <see cref="SetFieldsWhere"/>, how many records they deleted or changed, wherever these are.
/// </param>
public sealed record Receipt(
    long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, Digest HistoryRoot, ulong FirstId, int Count) : IWireMessage
{
    /// <summary>With a transaction or a document: the nodes that it created. Its <see cref="FirstId"/> and <see cref="Count"/> are those of records.</summary>
    public IdRange Nodes { get; init; }

    /// <summary>With a transaction or a document: the edges that it created.</summary>
    public IdRange Edges { get; init; }

    /// <summary>
    /// With an upsert: how many records it replaced. With a document: how many records of its chunks went. 0 with a transaction, which does not say it.
    /// </summary>
    public int Replaced { get; init; }

    /// <summary>One of those records, if there are any: the one that the first new record replaced, or with a document the one with the lowest id.</summary>
    public ulong FirstReplaced { get; init; }

    /// <summary>With a document: its node.</summary>
    public NodeId? Document { get; init; }

    /// <summary>The place in the history, for <see cref="ProofVerifier"/>.</summary>
    public HistoryPlace Place => new(SequenceNr, UnixMicroseconds, StateHash, Chain, HistoryRoot);

    /// <summary>
    /// In a line, such as <c>event 17 of 2026-11-27T13:00:00.000000Z, FirstId 3, Count 2</c>. A receipt does not know its command, and so not what
    /// the two are.
    /// </summary>
    public override string ToString() =>
        $"event {SequenceNr} of {Iso8601.Format(UnixMicroseconds)}{(Count == 0 && Nodes.Count + Edges.Count > 0 ? "" : $", {nameof(FirstId)} {FirstId}, {nameof(Count)} {Count}")}"
        + (Nodes.Count > 0 ? Ids("node", Nodes.First, Nodes.Count) : "") + (Edges.Count > 0 ? Ids("edge", Edges.First, Edges.Count) : "")
        + (Replaced > 0 ? $", {Replaced} replaced" : "") + (Document is { } document ? $", document {document}" : "");

    private static string Ids(string what, ulong first, int count) => count > 1 ? $", {what}s {first} to {first + (ulong)count - 1}" : $", {what} {first}";
}
