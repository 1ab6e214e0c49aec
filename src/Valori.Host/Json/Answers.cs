using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Proofs;
using Valori.Kernel.Vectors;

namespace Valori.Host.Json;

/// <summary>The JSON that people and programs see: lower snake case, the same words in the dialect and over HTTP.</summary>
internal static class Answers
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        // Quotes in messages as people write them; no answer is ever put into HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static object Created(ulong id, Receipt receipt) => new { id, receipt = Receipt(receipt) };

    public static object Created(CreatedRecords records) => new { ids = records.Select(id => id.Value), receipt = Receipt(records.Receipt) };

    public static object Done(Receipt receipt) => new { receipt = Receipt(receipt) };

    public static object Receipt(Receipt receipt) => new
    {
        sequence_nr = receipt.SequenceNr,
        time = Iso8601.Format(receipt.UnixMicroseconds),
        state_hash = receipt.StateHash.ToString(),
        chain = receipt.Chain.ToString(),
        history_root = receipt.HistoryRoot.ToString(),
        first_id = receipt.FirstId,
        count = receipt.Count,
    };

    public static object Found(SearchHits found) => found.Receipt is not { } receipt
        ? Hits(found.Hits)
        : new
        {
            hits = found.Hits.Select(Hit),
            receipt = new { sequence_nr = receipt.SequenceNr, state_hash = receipt.StateHash.ToString(), digest = receipt.Digest.ToString() },
        };

    public static object Hits(IReadOnlyList<SearchHit> hits) => new { hits = hits.Select(Hit) };

    public static object Hits(IReadOnlyList<ExpandedHit> hits) => new
    {
        hits = hits.Select(hit => new { id = hit.Hit.Id.Value, score = hit.Hit.Score, distance = hit.Hit.Distance, nodes = hit.Nodes.Select(node => node.Value) }),
    };

    public static object Results(IReadOnlyList<IReadOnlyList<SearchHit>> results) => new { results = results.Select(Hits) };

    public static object Nodes(IReadOnlyList<NodeId> nodes) => new { nodes = nodes.Select(node => node.Value) };

    public static object Metadata(byte[]? metadata) => new { metadata };

    public static object Record(RecordContent record) => new
    {
        id = record.Id.Value,
        tag = record.Tag,
        vector = record.Vector.ToArray().Select(FixedPoint.ToSingle),
        metadata = record.Metadata?.ToArray(),
    };

    public static object Node(NodeContent node) => new { id = node.Id.Value, kind = node.Kind.Value, record_id = node.Record?.Value };

    public static object Edge(EdgeContent edge) => new { id = edge.Id.Value, from_id = edge.From.Value, to_id = edge.To.Value, kind = edge.Kind.Value };

    public static object Edges(NodeEdges edges) => new { outgoing = edges.Outgoing.Select(Edge), incoming = edges.Incoming.Select(Edge) };

    public static object Status(EngineStatus status) => new
    {
        name = status.Name,
        dimension = status.Dimension,
        record_count = status.RecordCount,
        node_count = status.NodeCount,
        edge_count = status.EdgeCount,
        record_slots = status.RecordSlots,
        node_slots = status.NodeSlots,
        edge_slots = status.EdgeSlots,
        state_hash = status.StateHash.ToString(),
        chain = status.Chain.ToString(),
        history_root = status.HistoryRoot.ToString(),
        sequence_nr = status.SequenceNr,
        time = Iso8601.Format(status.UnixMicroseconds),
    };

    public static object Proof(ContentProof proof) => new { place = Place(proof.Place), proof = proof.Proof.ToJson() };

    public static object Timeline(Timeline timeline) => new
    {
        events = timeline.Entries.Select(TimelineEntry),
        last_sequence_nr = timeline.LastSequenceNr,
    };

    public static object TimelineEntry(TimelineEntry entry) => new
    {
        sequence_nr = entry.SequenceNr,
        time = Iso8601.Format(entry.UnixMicroseconds),
        state_hash = entry.StateHash.ToString(),
        chain = entry.Chain.ToString(),
        changes = entry.Changes.Select(change => new { kind = Word(change.Kind), first_id = change.FirstId, count = change.Count, request_id = change.RequestId }),
    };

    public static object Comparison(Comparison comparison) => new
    {
        @this = Place(comparison.This),
        other = Place(comparison.Other),
        differences = comparison.Differences.Select(difference => new { kind = Word(difference.Kind), id = difference.Id, how = Word(difference.How) }),
        is_complete = comparison.IsComplete,
        digests_read = comparison.DigestsRead,
    };

    /// <summary>Null before the first scrub has ended.</summary>
    public static object? Scrub(ScrubReport? report) => report is null
        ? null
        : new
        {
            finished = Iso8601.Format((report.Finished - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond),
            is_good = report.IsGood,
            proven = report.Proven,
            bad_places = report.BadPlaces,
            skipped = report.Skipped,
        };

    public static object Place(HistoryPlace place) => new
    {
        sequence_nr = place.SequenceNr,
        time = Iso8601.Format(place.UnixMicroseconds),
        state_hash = place.StateHash.ToString(),
        chain = place.Chain.ToString(),
        history_root = place.HistoryRoot.ToString(),
    };

    /// <summary>An enumeration's value as a word for programs: lower snake case.</summary>
    public static string Word(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static object Hit(SearchHit hit) => new { id = hit.Id.Value, score = hit.Score, distance = hit.Distance };
}
