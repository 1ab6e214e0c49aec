using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    /// <summary>
    /// What to search for with a vector; <c>with</c> narrows it, as in
    /// <c>engine.QueryOf(vector, 10) with { Filter = Filter.Tag(7), With = RecordParts.Key | RecordParts.Fields }</c>.
    /// </summary>
    /// <param name="vector"><see cref="Dimension"/> components.</param>
    /// <param name="k">At least 1. There are fewer hits if fewer records match.</param>
    /// <param name="maximumDistance">Only hits at most so far away; with the metric l2 only.</param>
    /// <param name="minimumSimilarity">Only hits that are at least so similar; with the metrics cosine and dot only.</param>
    /// <exception cref="RefusedException">A component, their number or a limit is not allowed.</exception>
    public SearchQuery QueryOf(ReadOnlyMemory<float> vector, int k, double? maximumDistance = null, double? minimumSimilarity = null) =>
        Limited(new SearchQuery(Accept(VectorBlock.FromVector(Schema, vector.Span)), k), maximumDistance, minimumSimilarity);

    /// <summary>The same for many vectors, to be searched for together.</summary>
    public SearchQuery QueryOf(IReadOnlyList<ReadOnlyMemory<float>> vectors, int k, double? maximumDistance = null, double? minimumSimilarity = null) =>
        Limited(new SearchQuery(Accept(VectorBlock.FromVectors(Schema, vectors)), k), maximumDistance, minimumSimilarity);

    /// <summary>
    /// The best records by the metric of the engine, best first: by score, then by id. They are exact unless <see cref="SearchQuery.Mode"/> says
    /// otherwise.
    /// </summary>
    /// <param name="query">With one vector (<see cref="QueryOf(ReadOnlyMemory{float}, int, double?, double?)"/>).</param>
    /// <param name="asOf">Which past state to search; the latest if null.</param>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchQuery query, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await SearchHitsAsync(query, asOf, cancellationToken).ConfigureAwait(false)).Hits;

    /// <summary>The same, with what answered if the mode of the query is not exact.</summary>
    internal Task<SearchHits> SearchHitsAsync(SearchQuery query, AsOf? asOf, CancellationToken cancellationToken) =>
        AskAsync<SearchHits>(new Search(query) { AsOf = asOf }, cancellationToken);

    /// <summary>The exact best records by the metric of the engine, best first: by score, then by id.</summary>
    /// <param name="vector"><see cref="Dimension"/> components.</param>
    /// <param name="k">At least 1. There are fewer hits if fewer records match.</param>
    /// <param name="filterTag">Only records with this tag, if given.</param>
    /// <param name="asOf">Which past state to search; the latest if null.</param>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(
        ReadOnlyMemory<float> vector, int k, ulong? filterTag = null, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        await SearchAsync(Filtered(QueryOf(vector, k), filterTag), asOf, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// What <see cref="SearchAsync(SearchQuery, AsOf?, CancellationToken)"/> returns, with a receipt: a reader that has the state can
    /// search again, as of the receipt's state hash, and must get the same digest.
    /// </summary>
    /// <param name="query">With one vector.</param>
    /// <param name="asOf">Which past state to search; the latest if null.</param>
    public Task<SearchHits> SearchWithReceiptAsync(SearchQuery query, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<SearchHits>(new Search(query, WithReceipt: true) { AsOf = asOf }, cancellationToken);

    /// <summary>
    /// What <see cref="SearchAsync(SearchQuery, AsOf?, CancellationToken)"/> returns, with the plan: which index the filter used, what was read,
    /// and how long it took. If the mode of the query is not exact, <see cref="SearchHits.Answered"/> says what answered.
    /// </summary>
    /// <param name="query">With one vector.</param>
    /// <param name="withReceipt">Whether the answer has a receipt too.</param>
    /// <param name="asOf">Which past state to search; the latest if null.</param>
    public Task<SearchHits> ExplainSearchAsync(SearchQuery query, bool withReceipt = false, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<SearchHits>(new Search(query, withReceipt) { Explain = true, AsOf = asOf }, cancellationToken);

    /// <inheritdoc cref="SearchWithReceiptAsync(SearchQuery, AsOf?, CancellationToken)"/>
    public async Task<SearchHits> SearchWithReceiptAsync(
        ReadOnlyMemory<float> vector, int k, ulong? filterTag = null, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        await SearchWithReceiptAsync(Filtered(QueryOf(vector, k), filterTag), asOf, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The nearest records of each vector of the query, all of one View: what
    /// <see cref="SearchAsync(SearchQuery, AsOf?, CancellationToken)"/> returns for each, at a fraction of the cost.
    /// </summary>
    /// <param name="query">With any number of vectors (<see cref="QueryOf(IReadOnlyList{ReadOnlyMemory{float}}, int, double?, double?)"/>).</param>
    /// <param name="asOf">Which past state to search; the latest if null.</param>
    /// <returns>Hits for each vector, in the order of the vectors.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<SearchHit>>> SearchBatchAsync(
        SearchQuery query, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await SearchHitsBatchAsync(query, asOf, cancellationToken).ConfigureAwait(false)).Hits;

    /// <summary>The same, with what answered if the mode of the query is not exact.</summary>
    internal Task<SearchHitsBatch> SearchHitsBatchAsync(SearchQuery query, AsOf? asOf, CancellationToken cancellationToken) =>
        AskAsync<SearchHitsBatch>(new SearchBatch(query) { AsOf = asOf }, cancellationToken);

    /// <summary>
    /// What <see cref="SearchBatchAsync(SearchQuery, AsOf?, CancellationToken)"/> returns, with the <see cref="QueryPlan"/> of all vectors together, and if
    /// the mode of the query is not exact, what answered.
    /// </summary>
    /// <inheritdoc cref="SearchBatchAsync(SearchQuery, AsOf?, CancellationToken)" path="/param"/>
    public Task<SearchHitsBatch> ExplainSearchBatchAsync(SearchQuery query, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<SearchHitsBatch>(new SearchBatch(query) { Explain = true, AsOf = asOf }, cancellationToken);

    /// <inheritdoc cref="SearchBatchAsync(SearchQuery, AsOf?, CancellationToken)"/>
    public async Task<IReadOnlyList<IReadOnlyList<SearchHit>>> SearchBatchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> vectors, int k, ulong? filterTag = null, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        await SearchBatchAsync(Filtered(QueryOf(vectors, k), filterTag), asOf, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// A search, and for each hit the nodes that stand for it and those within <paramref name="depth"/> of them, all of
    /// one version.
    /// </summary>
    /// <param name="query">With one vector.</param>
    /// <param name="depth">How many outgoing edges away a node may be, at least 0.</param>
    /// <param name="asOf">Which past state to search; the latest if null.</param>
    public async Task<IReadOnlyList<ExpandedHit>> SearchExpandAsync(
        SearchQuery query, int depth, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await ExplainSearchExpandAsync(query, depth, asOf, cancellationToken).ConfigureAwait(false)).Hits;

    /// <summary>
    /// What <see cref="SearchExpandAsync(SearchQuery, int, AsOf?, CancellationToken)"/> returns, and if the mode of the query is not exact, what
    /// answered.
    /// </summary>
    /// <inheritdoc cref="SearchExpandAsync(SearchQuery, int, AsOf?, CancellationToken)" path="/param"/>
    public Task<ExpandedHits> ExplainSearchExpandAsync(SearchQuery query, int depth, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<ExpandedHits>(new SearchExpand(query, depth) { AsOf = asOf }, cancellationToken);

    /// <inheritdoc cref="SearchExpandAsync(SearchQuery, int, AsOf?, CancellationToken)"/>
    public async Task<IReadOnlyList<ExpandedHit>> SearchExpandAsync(
        ReadOnlyMemory<float> vector, int k, int depth, ulong? filterTag = null, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        await SearchExpandAsync(Filtered(QueryOf(vector, k), filterTag), depth, asOf, cancellationToken).ConfigureAwait(false);

    private SearchQuery Limited(SearchQuery query, double? maximumDistance, double? minimumSimilarity) =>
        Accept(query.WithLimits(Schema, maximumDistance, minimumSimilarity));

    private static SearchQuery Filtered(SearchQuery query, ulong? tag) => query with { Filter = Filter.TagOrAll(tag) };
}
