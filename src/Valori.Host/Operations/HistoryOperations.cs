using System.Text.Json.Serialization;
using Valori.Actors.Text;
using Valori.Host.Json;

namespace Valori.Host.Operations;

/// <param name="From">The earlier event.</param>
/// <param name="To">The later event.</param>
internal sealed record ProveHistoryRequest(long From, long To);

/// <param name="From">The first event.</param>
/// <param name="Count">The maximum number of events.</param>
internal sealed record TimelineRequest(long From = 1, int Count = 100);

/// <param name="Other">The name of the other collection.</param>
/// <param name="Limit">The maximum number of differences.</param>
internal sealed record CompareRequest(string Other, int Limit = 1_000);

/// <summary>A proof of content, and the place whose state hash it leads to.</summary>
internal sealed record ProofAnswer(PlaceAnswer Place, ProofForm Proof)
{
    public static ProofAnswer Of(ContentProof proof) => new(PlaceAnswer.Of(proof.Place), new ProofForm(proof.Proof.ToJson()));
}

/// <summary>A proof that a history extends an earlier one.</summary>
internal sealed record HistoryProofAnswer(ProofForm Proof);

/// <summary>A page of what happened.</summary>
/// <param name="LastSequenceNr">The last event that there is.</param>
internal sealed record TimelineAnswer(IEnumerable<TimelineEventAnswer> Events, long LastSequenceNr)
{
    public static TimelineAnswer Of(Timeline timeline) => new(timeline.Entries.Select(TimelineEventAnswer.Of), timeline.LastSequenceNr);
}

/// <summary>One event of the history.</summary>
internal sealed record TimelineEventAnswer(long SequenceNr, string Time, string StateHash, string Chain, IEnumerable<TimelineChangeAnswer> Changes)
{
    public static TimelineEventAnswer Of(TimelineEntry entry) => new(
        entry.SequenceNr, Iso8601.Format(entry.UnixMicroseconds), entry.StateHash.ToString(), entry.Chain.ToString(),
        entry.Changes.Select(change => new TimelineChangeAnswer(AnswerJson.Word(change.Kind), change.FirstId, change.Count, change.RequestId, change.Author)));
}

/// <summary>One change of an event.</summary>
/// <param name="FirstId">The first id that it is about, or null.</param>
/// <param name="RequestId">The id that the command was sent with, or null.</param>
/// <param name="Author">Who asked for it, if that is known.</param>
internal sealed record TimelineChangeAnswer(
    string Kind, ulong? FirstId, int Count, string? RequestId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Author);

/// <summary>How two collections differ.</summary>
/// <param name="IsComplete">Whether these are all differences.</param>
internal sealed record ComparisonAnswer(PlaceAnswer This, PlaceAnswer Other, IEnumerable<DifferenceAnswer> Differences, bool IsComplete, long DigestsRead)
{
    public static ComparisonAnswer Of(Comparison comparison) => new(
        PlaceAnswer.Of(comparison.This), PlaceAnswer.Of(comparison.Other), comparison.Differences.Select(DifferenceAnswer.Of), comparison.IsComplete, comparison.DigestsRead);
}

/// <summary>A record, node or edge in which two collections differ.</summary>
internal sealed record DifferenceAnswer(string Kind, ulong Id, string How)
{
    public static DifferenceAnswer Of(Difference difference) => new(AnswerJson.Word(difference.Kind), difference.Id, AnswerJson.Word(difference.How));
}

/// <summary>Proofs, the timeline, and how collections differ.</summary>
internal static class HistoryOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<GetRecordRequest, ProofAnswer>(OperationKind.Read, "prove_record", "GET /records/{record_id}/proof",
            "Proves what a state says of a record: its content, or that it was deleted.",
            async (on, request, stop) => ProofAnswer.Of(await on.Engine.ProveRecordAsync(new RecordId(request.RecordId), request.AsOf, stop))),
        new Operation<GetNodeRequest, ProofAnswer>(OperationKind.Read, "prove_node", "GET /nodes/{node_id}/proof",
            "Proves what a state says of a node.",
            async (on, request, stop) => ProofAnswer.Of(await on.Engine.ProveNodeAsync(new NodeId(request.NodeId), request.AsOf, stop))),
        new Operation<GetEdgeRequest, ProofAnswer>(OperationKind.Read, "prove_edge", "GET /edges/{edge_id}/proof",
            "Proves what a state says of an edge.",
            async (on, request, stop) => ProofAnswer.Of(await on.Engine.ProveEdgeAsync(new EdgeId(request.EdgeId), request.AsOf, stop))),
        new Operation<ProveHistoryRequest, HistoryProofAnswer>(OperationKind.Read, "prove_history", "GET /history/proof",
            "Proves that the history up to one event extends the history up to an earlier one.",
            async (on, request, stop) => new HistoryProofAnswer(new ProofForm((await on.Engine.ProveHistoryAsync(request.From, request.To, stop)).ToJson()))),
        new Operation<TimelineRequest, TimelineAnswer>(OperationKind.Read, "timeline", "GET /timeline",
            "Returns what happened, in order, a page at a time.",
            async (on, request, stop) => TimelineAnswer.Of(await on.Engine.TimelineAsync(request.From, request.Count, stop))),
        new Operation<CompareRequest, ComparisonAnswer>(OperationKind.Read, "compare", "POST /compare/{other}",
            "Finds the records, nodes and edges in which two collections differ.",
            async (on, request, stop) => ComparisonAnswer.Of(
                await on.Engine.CompareAsync(await on.Collections.GetAsync(request.Other, stop), request.Limit, stop)), takesQuery: true),
    ];
}
