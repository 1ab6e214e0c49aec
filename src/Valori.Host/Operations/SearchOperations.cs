using System.Text.Json.Serialization;
using Valori.Host.Json;
using Valori.Kernel.Filters;

namespace Valori.Host.Operations;

/// <param name="Filter">Only records that match it.</param>
/// <param name="Tag">Only records with this tag.</param>
/// <param name="Depth">Adds the nodes within this many outgoing edges of each hit.</param>
/// <param name="Receipt">Whether the answer has a receipt.</param>
/// <param name="MaximumDistance">Only records at most so far away; with the metric l2.</param>
/// <param name="MinimumSimilarity">Only records that are at least so similar; with the metrics cosine and dot.</param>
/// <param name="With">Which parts of its record come with each hit.</param>
/// <param name="Offset">How many of the best hits are left out.</param>
/// <param name="Explain">Whether the answer says how the hits were found.</param>
/// <param name="Mode">Whether hits may be missing in return for speed; exact if missing.</param>
/// <param name="Beam">How many candidates an approximate search keeps.</param>
/// <param name="Recall">In place of the beam: the part of the nearest records that it is to find.</param>
internal sealed record SearchRequest(
    float[] Vector, int K, Filter? Filter = null, [OlderName("filter_tag")] ulong? Tag = null, int? Depth = null, bool Receipt = false,
    double? MaximumDistance = null, double? MinimumSimilarity = null, RecordParts With = RecordParts.None, int Offset = 0, bool Explain = false,
    SearchModeKind? Mode = null, int? Beam = null, double? Recall = null, AsOf? AsOf = null);

/// <param name="Filter">Only records that match it.</param>
/// <param name="Tag">Only records with this tag.</param>
/// <param name="MaximumDistance">As in a <see cref="SearchRequest"/>.</param>
/// <param name="MinimumSimilarity">As in a <see cref="SearchRequest"/>.</param>
/// <param name="With">As in a <see cref="SearchRequest"/>.</param>
/// <param name="Offset">As in a <see cref="SearchRequest"/>.</param>
/// <param name="Explain">As in a <see cref="SearchRequest"/>.</param>
/// <param name="Mode">As in a <see cref="SearchRequest"/>.</param>
/// <param name="Beam">As in a <see cref="SearchRequest"/>.</param>
/// <param name="Recall">As in a <see cref="SearchRequest"/>.</param>
internal sealed record SearchBatchRequest(
    IReadOnlyList<ReadOnlyMemory<float>> Vectors, int K, Filter? Filter = null, [OlderName("filter_tag")] ulong? Tag = null,
    double? MaximumDistance = null, double? MinimumSimilarity = null, RecordParts With = RecordParts.None, int Offset = 0, bool Explain = false,
    SearchModeKind? Mode = null, int? Beam = null, double? Recall = null, AsOf? AsOf = null);

/// <summary>
/// A record that a search found, with the parts that were asked for. It is a class because a struct would save nothing: the serializer boxes each one
/// (301 bytes a hit either way).
/// </summary>
/// <param name="Score">The exact integer that hits are ordered by (docs/formats.md, section 2).</param>
/// <param name="Distance">With the metrics l2 and cosine.</param>
/// <param name="Similarity">With the metrics cosine and dot.</param>
/// <param name="Nodes">The nodes around it, if the request has a depth.</param>
internal sealed record HitAnswer(
    ulong Id, long Score,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Distance,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Similarity,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<ulong>? Nodes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Tag,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<float>? Vector,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Fields? Fields,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresAt)
{
    /// <param name="with">Which parts of its record come with it.</param>
    public static HitAnswer Of(SearchHit hit, RecordParts with, EngineSchema schema, IEnumerable<ulong>? nodes = null)
    {
        RecordPartsAnswer parts = new(hit.Record, with, schema);
        return new HitAnswer(
            hit.Id.Value, hit.Score, Shown(hit.Distance), Shown(hit.Similarity), nodes, parts.Tag, parts.Vector, parts.Key, parts.Fields, parts.Metadata, parts.ExpiresAt);
    }

    private static double? Shown(double value) => double.IsNaN(value) ? null : value;
}

/// <summary>Binds the hits of a search to the state that was searched.</summary>
internal sealed record SearchReceiptAnswer(long SequenceNr, string StateHash, string Digest)
{
    public static SearchReceiptAnswer? Of(SearchReceipt? receipt) =>
        receipt is null ? null : new SearchReceiptAnswer(receipt.SequenceNr, receipt.StateHash.ToString(), receipt.Digest.ToString());
}

/// <summary>How the hits were found.</summary>
/// <param name="Index">The part of the filter that an index answered; null if all rows were scanned.</param>
internal sealed record PlanAnswer(string? Index, ulong EstimatedRows, ulong RowsExamined, ulong RowsFiltered, ulong RowsScored, long Microseconds)
{
    public static PlanAnswer? Of(QueryPlan? plan) =>
        plan is null ? null : new PlanAnswer(plan.Index, plan.EstimatedRows, plan.RowsExamined, plan.RowsFiltered, plan.RowsScored, plan.Microseconds);
}

/// <summary>What answered a search that may be approximate: a graph, or an exact search and why.</summary>
/// <param name="Graph">The digest of the proximity graph.</param>
/// <param name="StateHash">Of the state that it was built from.</param>
/// <param name="Boundary">Records with ids from here on were scored exactly.</param>
internal sealed record AnsweredAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Graph = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StateHash = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Boundary = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Beam = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExactBecause = null)
{
    public static AnsweredAnswer? Of(SearchAnswered? answered) => answered switch
    {
        null => null,
        { Graph: { } graph } => new AnsweredAnswer(graph.Digest.ToString(), graph.StateHash.ToString(), graph.Boundary, graph.Beam),
        _ => new AnsweredAnswer(ExactBecause: answered.ExactBecause),
    };
}

/// <summary>What a search found.</summary>
/// <param name="Hits">Best first: by score, then by id.</param>
/// <param name="Receipt">If the request asks for one.</param>
/// <param name="Plan">If the request asks for it.</param>
/// <param name="Answered">If the search may be approximate.</param>
internal sealed record SearchAnswer(
    IEnumerable<HitAnswer> Hits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SearchReceiptAnswer? Receipt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlanAnswer? Plan = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AnsweredAnswer? Answered = null)
{
    public static SearchAnswer Of(SearchHits found, RecordParts with, EngineSchema schema) =>
        new(HitsOf(found.Hits, with, schema), SearchReceiptAnswer.Of(found.Receipt), PlanAnswer.Of(found.Plan), AnsweredAnswer.Of(found.Answered));

    public static SearchAnswer Of(ExpandedHits found, RecordParts with, EngineSchema schema) => new(
        found.Hits.Select(hit => HitAnswer.Of(hit.Hit, with, schema, hit.Nodes.Select(node => node.Value))),
        Answered: AnsweredAnswer.Of(found.Answered));

    public static IEnumerable<HitAnswer> HitsOf(IReadOnlyList<SearchHit> hits, RecordParts with, EngineSchema schema) => hits.Select(hit => HitAnswer.Of(hit, with, schema));
}

/// <summary>What several searches of one state found, in the order of the vectors.</summary>
/// <param name="Plan">Of all of them together, if the request asks for it.</param>
/// <param name="Answered">If they may be approximate.</param>
internal sealed record SearchBatchAnswer(
    IEnumerable<SearchAnswer> Results,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlanAnswer? Plan = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AnsweredAnswer? Answered = null)
{
    public static SearchBatchAnswer Of(SearchHitsBatch found, RecordParts with, EngineSchema schema) =>
        new(found.Hits.Select(hits => new SearchAnswer(SearchAnswer.HitsOf(hits, with, schema))), PlanAnswer.Of(found.Plan), AnsweredAnswer.Of(found.Answered));
}

/// <summary>Searches.</summary>
internal static class SearchOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<SearchRequest, SearchAnswer>(OperationKind.Read, "search", "POST /search",
            "Finds the nearest records to a vector, exact ones unless the request says otherwise.", SearchAsync)
        {
            Hits = request => new HitCount(1, request.K, HasMore: request.Depth is not null || request.With != RecordParts.None),
        },
        new Operation<SearchBatchRequest, SearchBatchAnswer>(OperationKind.Read, "search_batch", "POST /search/batch",
            "Finds the nearest records to each of several vectors, all in one state.",
            SearchBatchAsync)
        {
            Hits = request => new HitCount(request.Vectors.Count, request.K, HasMore: request.With != RecordParts.None),
        },
    ];

    /// <summary>Filter and tag together.</summary>
    /// <exception cref="RefusedException">The filter is at its limit already.</exception>
    public static Filter FilterOf(Filter? filter, ulong? tag) => JsonFields.Accept(FilterFactory.And([filter ?? Filter.All, Filter.TagOrAll(tag)]));

    /// <summary>The mode of a search from its three fields. The beam has a default.</summary>
    /// <exception cref="RequestException">There is a beam or a recall, and the mode is exact; or there are both.</exception>
    public static SearchMode ModeOf(SearchModeKind? mode, int? beam, double? recall) => mode switch
    {
        _ when beam is not null && recall is not null => throw new RequestException("a search has 'beam' or 'recall', and not both: leave one of the two out"),
        SearchModeKind.Approximate when recall is { } part => SearchMode.ApproximateWithRecall(part),
        SearchModeKind.Auto when recall is { } part => SearchMode.AutoWithRecall(part),
        _ when recall is not null => throw new RequestException($"'recall' is for searches of the mode approximate or auto, and the mode is {(mode is null ? "missing" : "exact")}"),
        SearchModeKind.Approximate => SearchMode.Approximate(beam ?? SearchMode.DefaultBeam),
        SearchModeKind.Auto => SearchMode.Auto(beam ?? SearchMode.DefaultBeam),
        _ when beam is not null => throw new RequestException($"'beam' is for searches of the mode approximate or auto, and the mode is {(mode is null ? "missing" : "exact")}"),
        _ => SearchMode.Exact,
    };

    private static async Task<SearchAnswer> SearchAsync(OperationContext on, SearchRequest request, CancellationToken stop)
    {
        if (request.Depth is not null && (request.Receipt || request.Explain))
            throw new RequestException($"a search with 'depth' has no {(request.Receipt ? "receipt" : "plan")}: leave one of the two out");
        SearchQuery query = on.Engine.QueryOf(request.Vector, request.K, request.MaximumDistance, request.MinimumSimilarity) with
        {
            Filter = FilterOf(request.Filter, request.Tag),
            With = request.With,
            Offset = request.Offset,
            Mode = ModeOf(request.Mode, request.Beam, request.Recall),
        };
        EngineSchema schema = on.Engine.Schema;
        if (request.Depth is { } depth) return SearchAnswer.Of(await on.Engine.ExplainSearchExpandAsync(query, depth, request.AsOf, stop), request.With, schema);
        SearchHits found = request.Explain ? await on.Engine.ExplainSearchAsync(query, request.Receipt, request.AsOf, stop)
            : request.Receipt ? await on.Engine.SearchWithReceiptAsync(query, request.AsOf, stop)
            : await on.Engine.SearchHitsAsync(query, request.AsOf, stop);
        return SearchAnswer.Of(found, request.With, schema);
    }

    private static async Task<SearchBatchAnswer> SearchBatchAsync(OperationContext on, SearchBatchRequest request, CancellationToken stop)
    {
        SearchQuery query = on.Engine.QueryOf(request.Vectors, request.K, request.MaximumDistance, request.MinimumSimilarity) with
        {
            Filter = FilterOf(request.Filter, request.Tag),
            With = request.With,
            Offset = request.Offset,
            Mode = ModeOf(request.Mode, request.Beam, request.Recall),
        };
        SearchHitsBatch found = request.Explain
            ? await on.Engine.ExplainSearchBatchAsync(query, request.AsOf, stop)
            : await on.Engine.SearchHitsBatchAsync(query, request.AsOf, stop);
        return SearchBatchAnswer.Of(found, request.With, on.Engine.Schema);
    }
}
