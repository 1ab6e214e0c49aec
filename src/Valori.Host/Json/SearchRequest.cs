using Valori.Actors;
using Valori.Actors.Protocol;

namespace Valori.Host.Json;

/// <summary>A search in its three forms, of the dialect and of HTTP alike: hits, hits with a receipt, hits with their nodes.</summary>
internal static class SearchRequest
{
    /// <exception cref="RequestException">A field is missing or wrong, or two exclude each other.</exception>
    public static async Task<object> AnswerAsync(ValoriEngine engine, JsonFields fields, CancellationToken cancellationToken)
    {
        float[] vector = fields.Vector("vector");
        ulong? tag = fields.OptionalTag();
        AsOf? asOf = fields.OptionalAsOf();
        bool withReceipt = fields.OptionalBoolean("receipt");
        return fields.OptionalInt32("depth") switch
        {
            null when withReceipt => Answers.Found(await engine.SearchWithReceiptAsync(vector, fields.Int32("k"), tag, asOf, cancellationToken)),
            null => Answers.Hits(await engine.SearchAsync(vector, fields.Int32("k"), tag, asOf, cancellationToken)),
            _ when withReceipt => throw new RequestException("a search with 'depth' has no receipt: leave one of the two out"),
            { } depth => Answers.Hits(await engine.SearchExpandAsync(vector, fields.Int32("k"), depth, tag, asOf, cancellationToken)),
        };
    }
}
