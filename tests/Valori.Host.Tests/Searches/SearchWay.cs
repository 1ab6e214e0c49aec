using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using Valori.Host.Tests.Support;
using Valori.Protocol;

namespace Valori.Host.Tests.Searches;

/// <summary>One way in which users ask for a search.</summary>
internal sealed record SearchWay(string Name, Func<SearchCase, Task<FoundHits>> AskAsync)
{
    public static SearchWay[] All(ValoriService service, string path, ValoriEngine engine) =>
    [
        new("facade, by vector, k and tag", asked => ByVectorAsync(engine, asked)),
        new("facade, by query", asked => ByQueryAsync(engine, asked)),
        new("Ask", asked => AskGatewayAsync(engine, Message(asked))),
        new("Ask in bytes, as another process does", asked => AskGatewayAsync(engine, Message(asked), service.Part<ActorSystem>())),
        new("HTTP", asked => ByHttpAsync(service, path, asked)),
        new("exec", asked => ByLineAsync(service.Part<ActorSystem>(), engine, asked)),
    ];

    private static async Task<FoundHits> ByVectorAsync(ValoriEngine engine, SearchCase asked)
    {
        // It has a parameter for a tag only.
        if (asked.Query.With != RecordParts.None || asked.Query.Offset != 0 || asked.Query.Mode != SearchMode.Exact || (asked.Tag is null && !asked.Query.Filter.Equals(Filter.All))) return await ByQueryAsync(engine, asked);
        float[][] vectors = asked.Vectors;
        int k = asked.Query.K;
        return asked.Form switch
        {
            SearchForm.Hits => FoundHits.Of(await engine.SearchAsync(vectors[0], k, asked.Tag, asked.ParsedAsOf)),
            SearchForm.Receipt => FoundHits.Of(await engine.SearchWithReceiptAsync(vectors[0], k, asked.Tag, asked.ParsedAsOf)),
            SearchForm.Batch => FoundHits.Of(await engine.SearchBatchAsync([.. vectors.Select(vector => (ReadOnlyMemory<float>)vector)], k, asked.Tag, asked.ParsedAsOf)),
            _ => FoundHits.Of(await engine.SearchExpandAsync(vectors[0], k, asked.Depth, asked.Tag, asked.ParsedAsOf)),
        };
    }

    private static async Task<FoundHits> ByQueryAsync(ValoriEngine engine, SearchCase asked)
    {
        float[][] vectors = asked.Vectors;
        SearchQuery query = asked.Form == SearchForm.Batch
            ? engine.QueryOf([.. vectors.Select(vector => (ReadOnlyMemory<float>)vector)], asked.Query.K)
            : engine.QueryOf(vectors[0], asked.Query.K);
        query = query with { Filter = asked.Query.Filter, With = asked.Query.With, Offset = asked.Query.Offset, Mode = asked.Query.Mode };
        return asked.Form switch
        {
            SearchForm.Hits => FoundHits.Of(await engine.SearchAsync(query, asked.ParsedAsOf)),
            SearchForm.Receipt => FoundHits.Of(await engine.SearchWithReceiptAsync(query, asked.ParsedAsOf)),
            SearchForm.Batch => FoundHits.Of(await engine.SearchBatchAsync(query, asked.ParsedAsOf)),
            _ => FoundHits.Of(await engine.SearchExpandAsync(query, asked.Depth, asked.ParsedAsOf)),
        };
    }

    private static SearchQuestion Message(SearchCase asked)
    {
        SearchQuestion question = asked.Form switch
        {
            SearchForm.Batch => new SearchBatch(asked.Query),
            SearchForm.Expanded => new SearchExpand(asked.Query, asked.Depth),
            _ => new Search(asked.Query, asked.Form == SearchForm.Receipt),
        };
        return question with { AsOf = asked.ParsedAsOf };
    }

    /// <param name="bytesOf">If given, question and answer travel as bytes through its serializer.</param>
    private static async Task<FoundHits> AskGatewayAsync(ValoriEngine engine, object question, ActorSystem? bytesOf = null)
    {
        object answer = await engine.Gateway.Ask<object>(Through(question, bytesOf), TimeSpan.FromSeconds(60));
        return Through(answer, bytesOf) switch
        {
            SearchHits found => FoundHits.Of(found),
            SearchHitsBatch found => FoundHits.Of(found.Hits),
            ExpandedHits found => FoundHits.Of(found.Hits),
            var other => throw new InvalidOperationException($"{question} was answered with {other}"),
        };
    }

    private static object Through(object message, ActorSystem? system)
    {
        if (system?.Serialization.FindSerializerFor(message) is not SerializerWithStringManifest serializer) return message;
        return serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
    }

    private static async Task<FoundHits> ByHttpAsync(ValoriService service, string path, SearchCase asked)
    {
        string route = asked.Form == SearchForm.Batch ? "/search/batch" : "/search";
        return FoundHits.Of(await service.DoneAsync(HttpMethod.Post, path + route, JsonSerializer.Serialize(asked.Fields())));
    }

    private static async Task<FoundHits> ByLineAsync(ActorSystem system, ValoriEngine engine, SearchCase asked)
    {
        Dictionary<string, object> fields = asked.Fields();
        fields["op"] = asked.Form == SearchForm.Batch ? "search_batch" : "search";
        return FoundHits.Of(JsonSerializer.Deserialize<JsonElement>(await OperationSample.AnswerAsync(system, engine, JsonSerializer.Serialize(fields))));
    }
}
