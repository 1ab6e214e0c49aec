using System.Text.Json.Serialization;
using Valori.Actors.Protocol;
using Valori.Host.Json;
using Valori.Kernel;
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
internal sealed record SearchRequest(
    float[] Vector, int K, Filter? Filter = null, [OlderName("filter_tag")] ulong? Tag = null, int? Depth = null, bool Receipt = false,
    double? MaximumDistance = null, double? MinimumSimilarity = null, RecordParts With = RecordParts.None, int Offset = 0, bool Explain = false, AsOf? AsOf = null);

/// <param name="Filter">Only records that match it.</param>
/// <param name="Tag">Only records with this tag.</param>
/// <param name="MaximumDistance">As in a <see cref="SearchRequest"/>.</param>
/// <param name="MinimumSimilarity">As in a <see cref="SearchRequest"/>.</param>
/// <param name="With">As in a <see cref="SearchRequest"/>.</param>
/// <param name="Offset">As in a <see cref="SearchRequest"/>.</param>
internal sealed record SearchBatchRequest(
    IReadOnlyList<ReadOnlyMemory<float>> Vectors, int K, Filter? Filter = null, [OlderName("filter_tag")] ulong? Tag = null,
    double? MaximumDistance = null, double? MinimumSimilarity = null, RecordParts With = RecordParts.None, int Offset = 0, AsOf? AsOf = null);

/// <summary>A record that a search found.</summary>
internal sealed record HitAnswer : RecordContentAnswer
{
    [JsonConstructor]
    public HitAnswer()
    {
    }

    /// <param name="with">Which parts of its record come with it.</param>
    public HitAnswer(SearchHit hit, RecordParts with, EngineSchema schema)
        : base(hit.Record, with, schema) => (Id, Score, Distance, Similarity) = (hit.Id.Value, hit.Score, Shown(hit.Distance), Shown(hit.Similarity));

    public ulong Id { get; init; }

    /// <summary>The exact integer that hits are ordered by (docs/formats.md, section 2).</summary>
    public long Score { get; init; }

    /// <summary>With the metrics l2 and cosine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Distance { get; init; }

    /// <summary>With the metrics cosine and dot.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Similarity { get; init; }

    /// <summary>The nodes around it, if the request has a depth.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IEnumerable<ulong>? Nodes { get; init; }

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

/// <summary>What a search found.</summary>
/// <param name="Hits">Best first: by score, then by id.</param>
/// <param name="Receipt">If the request asks for one.</param>
/// <param name="Plan">If the request asks for it.</param>
internal sealed record SearchAnswer(
    IEnumerable<HitAnswer> Hits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SearchReceiptAnswer? Receipt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlanAnswer? Plan = null)
{
    public static SearchAnswer Of(IReadOnlyList<SearchHit> hits, RecordParts with, EngineSchema schema, SearchReceipt? receipt = null, QueryPlan? plan = null) =>
        new(hits.Select(hit => new HitAnswer(hit, with, schema)), SearchReceiptAnswer.Of(receipt), PlanAnswer.Of(plan));

    public static SearchAnswer Of(IReadOnlyList<ExpandedHit> hits, RecordParts with, EngineSchema schema) =>
        new(hits.Select(hit => new HitAnswer(hit.Hit, with, schema) { Nodes = hit.Nodes.Select(node => node.Value) }));
}

/// <summary>What several searches of one state found, in the order of the vectors.</summary>
internal sealed record SearchBatchAnswer(IEnumerable<SearchAnswer> Results)
{
    public static SearchBatchAnswer Of(IReadOnlyList<IReadOnlyList<SearchHit>> results, RecordParts with, EngineSchema schema) =>
        new(results.Select(hits => SearchAnswer.Of(hits, with, schema)));
}

/// <summary>Searches.</summary>
internal static class SearchOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<SearchRequest, SearchAnswer>(OperationKind.Read, "search", "POST /search",
            "Finds the exact nearest records to a vector.", SearchAsync)
        {
            Hits = request => new HitCount(1, request.K, HasMore: request.Depth is not null || request.With != RecordParts.None),
        },
        new Operation<SearchBatchRequest, SearchBatchAnswer>(OperationKind.Read, "search_batch", "POST /search/batch",
            "Finds the exact nearest records to each of several vectors, all in one state.",
            async (on, request, stop) => SearchBatchAnswer.Of(await on.Engine.SearchBatchAsync(
                on.Engine.QueryOf(request.Vectors, request.K, request.MaximumDistance, request.MinimumSimilarity) with
                {
                    Filter = FilterOf(request.Filter, request.Tag),
                    With = request.With,
                    Offset = request.Offset,
                }, request.AsOf, stop), request.With, on.Engine.Schema))
        {
            Hits = request => new HitCount(request.Vectors.Count, request.K, HasMore: request.With != RecordParts.None),
        },
    ];

    /// <summary>Filter and tag together.</summary>
    /// <exception cref="Valori.Actors.RefusedException">The filter is at its limit already.</exception>
    public static Filter FilterOf(Filter? filter, ulong? tag) => JsonFields.Accept(FilterFactory.And([filter ?? Filter.All, Filter.TagOrAll(tag)]));

    private static async Task<SearchAnswer> SearchAsync(OperationContext on, SearchRequest request, CancellationToken stop)
    {
        if (request.Depth is not null && (request.Receipt || request.Explain))
            throw new RequestException($"a search with 'depth' has no {(request.Receipt ? "receipt" : "plan")}: leave one of the two out");
        SearchQuery query = on.Engine.QueryOf(request.Vector, request.K, request.MaximumDistance, request.MinimumSimilarity) with
        {
            Filter = FilterOf(request.Filter, request.Tag),
            With = request.With,
            Offset = request.Offset,
        };
        EngineSchema schema = on.Engine.Schema;
        if (request.Depth is { } depth) return SearchAnswer.Of(await on.Engine.SearchExpandAsync(query, depth, request.AsOf, stop), request.With, schema);
        if (!request.Receipt && !request.Explain) return SearchAnswer.Of(await on.Engine.SearchAsync(query, request.AsOf, stop), request.With, schema);
        SearchHits found = request.Explain
            ? await on.Engine.ExplainSearchAsync(query, request.Receipt, request.AsOf, stop)
            : await on.Engine.SearchWithReceiptAsync(query, request.AsOf, stop);
        return SearchAnswer.Of(found.Hits, request.With, schema, found.Receipt, found.Plan);
    }
}
