using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Valori.Actors.Protocol;
using Valori.Kernel;
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

    public static object Id(ulong id) => new { id };

    public static object Ids(IReadOnlyList<RecordId> ids) => new { ids = ids.Select(id => id.Value) };

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
        sequence_nr = status.SequenceNr,
        time = Time(status.UnixMicroseconds),
    };

    /// <summary>ISO 8601 with microseconds.</summary>
    public static string Time(long unixMicroseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(unixMicroseconds * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static object Hit(SearchHit hit) => new { id = hit.Id.Value, score = hit.Score, distance = hit.Distance };
}
