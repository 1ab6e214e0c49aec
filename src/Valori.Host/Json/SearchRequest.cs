using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Host.Json;

/// <summary>A search in its forms, of the dialect and of HTTP alike: hits, hits with a receipt, hits with their nodes, hits of many vectors.</summary>
internal static class SearchRequest
{
    /// <exception cref="RequestException">A field is missing or wrong, or two exclude each other.</exception>
    public static async Task<object> AnswerAsync(ValoriEngine engine, JsonFields fields, CancellationToken cancellationToken)
    {
        int? depth = fields.OptionalInt32("depth");
        bool withReceipt = fields.OptionalBoolean("receipt");
        if (depth is not null && withReceipt) throw new RequestException("a search with 'depth' has no receipt: leave one of the two out");
        SearchQuery query = engine.QueryOf(fields.Vector("vector"), fields.Int32("k")) with { Filter = fields.Filter() };
        AsOf? asOf = fields.OptionalAsOf();
        if (depth is { } edges) return Answers.Hits(await engine.SearchExpandAsync(query, edges, asOf, cancellationToken));
        return withReceipt
            ? Answers.Found(await engine.SearchWithReceiptAsync(query, asOf, cancellationToken))
            : Answers.Hits(await engine.SearchAsync(query, asOf, cancellationToken));
    }

    /// <exception cref="RequestException">A field is missing or wrong.</exception>
    public static async Task<object> AnswerBatchAsync(ValoriEngine engine, JsonFields fields, CancellationToken cancellationToken)
    {
        SearchQuery query = engine.QueryOf(fields.Vectors("vectors"), fields.Int32("k")) with { Filter = fields.Filter() };
        return Answers.Results(await engine.SearchBatchAsync(query, fields.OptionalAsOf(), cancellationToken));
    }
}
