using Valori.Actors;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Http;

/// <summary>Proofs, the timeline, and comparing two collections of this service.</summary>
internal static class HistoryEndpoints
{
    private const int DefaultDifferences = 1_000;

    private static readonly FieldNames Limit = FieldNames.OfRequest("limit");
    private static readonly FieldNames NoFields = FieldNames.OfRequest();

    public static void MapHistory(this RouteGroupBuilder one)
    {
        one.MapEngineGet("/records/{id}/proof", Operations.ProveRecord, async (engine, id, query, stop) =>
            Answers.Proof(await engine.ProveRecordAsync(new RecordId(id), query.OptionalAsOf(), stop)));
        one.MapEngineGet("/nodes/{id}/proof", Operations.ProveNode, async (engine, id, query, stop) =>
            Answers.Proof(await engine.ProveNodeAsync(new NodeId(id), query.OptionalAsOf(), stop)));
        one.MapEngineGet("/edges/{id}/proof", Operations.ProveEdge, async (engine, id, query, stop) =>
            Answers.Proof(await engine.ProveEdgeAsync(new EdgeId(id), query.OptionalAsOf(), stop)));
        one.MapEngineGet("/history/proof", Operations.ProveHistory, async (engine, query, stop) =>
            new { proof = (await engine.ProveHistoryAsync(query.Int64("from"), query.Int64("to"), stop)).ToJson() });
        one.MapEngineGet("/timeline", Operations.Timeline, async (engine, query, stop) => Answers.Timeline(await engine.TimelineAsync(
            query.OptionalInt64("from") ?? Operations.DefaultFirstEvent, query.OptionalInt32("count") ?? Operations.DefaultEvents, stop)));
        one.MapPost("/compare/{other}", async (string name, string other, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            int limit = new QueryFields(request).OptionalInt32("limit") ?? DefaultDifferences;
            ValoriEngine first = await all.GetAsync(name, stop), second = await all.GetAsync(other, stop);
            using RequestBody? body = await RequestBody.ReadOptionalJsonAsync(request, NoFields, stop);
            return EngineRoutes.Json(Answers.Comparison(await first.CompareAsync(second, limit, stop)));
        }).TakesQuery(Limit);
    }
}
