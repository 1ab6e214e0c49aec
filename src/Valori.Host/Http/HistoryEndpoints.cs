using Valori.Actors;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Http;

/// <summary>Proofs, the timeline, and comparing two collections of this service.</summary>
internal static class HistoryEndpoints
{
    private const int DefaultEvents = 100;
    private const int DefaultDifferences = 1_000;

    public static void MapHistory(this RouteGroupBuilder one)
    {
        one.MapEngineGet("/records/{id}/proof", async (engine, id, asOf, stop) => Answers.Proof(await engine.ProveRecordAsync(new RecordId(id), asOf, stop)));
        one.MapEngineGet("/nodes/{id}/proof", async (engine, id, asOf, stop) => Answers.Proof(await engine.ProveNodeAsync(new NodeId(id), asOf, stop)));
        one.MapEngineGet("/edges/{id}/proof", async (engine, id, asOf, stop) => Answers.Proof(await engine.ProveEdgeAsync(new EdgeId(id), asOf, stop)));
        one.MapGet("/history/proof", async (string name, long from, long to, Collections all, CancellationToken stop) =>
            EngineRoutes.Json(new { proof = (await (await all.GetAsync(name, stop)).ProveHistoryAsync(from, to, stop)).ToJson() }));
        one.MapGet("/timeline", async (string name, long? from, int? count, Collections all, CancellationToken stop) =>
            EngineRoutes.Json(Answers.Timeline(await (await all.GetAsync(name, stop)).TimelineAsync(from ?? 1, count ?? DefaultEvents, stop))));
        one.MapPost("/compare/{other}", async (string name, string other, int? limit, Collections all, CancellationToken stop) =>
        {
            ValoriEngine first = await all.GetAsync(name, stop), second = await all.GetAsync(other, stop);
            return EngineRoutes.Json(Answers.Comparison(await first.CompareAsync(second, limit ?? DefaultDifferences, stop)));
        });
    }
}
