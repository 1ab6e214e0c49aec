using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Http;

/// <summary>
/// Routes of one collection, by what they have in common: a query takes <c>as_of</c>, a command takes an
/// <c>Idempotency-Key</c>, both answer with JSON.
/// </summary>
internal static class EngineRoutes
{
    private const string IdempotencyKey = "Idempotency-Key";

    public static void MapEngineGet(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, AsOf?, CancellationToken, Task<object>> query) =>
        one.MapGet(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(await query(await all.GetAsync(name, stop), AsOfIn(request), stop)));

    public static void MapEngineGet(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, ulong, AsOf?, CancellationToken, Task<object>> query) =>
        one.MapGet(pattern, async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(await query(await all.GetAsync(name, stop), id, AsOfIn(request), stop)));

    public static void MapEnginePost(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, JsonFields, CancellationToken, Task<object>> operation) =>
        one.MapPost(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
            using JsonDocument body = await BodyAsync(request, stop);
            return Json(await operation(engine, new JsonFields(body.RootElement), stop));
        });

    public static void MapEnginePut(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, ulong, JsonFields, CancellationToken, Task<object>> operation) =>
        one.MapPut(pattern, async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
            using JsonDocument body = await BodyAsync(request, stop);
            return Json(await operation(engine, id, new JsonFields(body.RootElement), stop));
        });

    public static void MapEngineDelete(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, ulong, CancellationToken, Task<Receipt>> command) =>
        one.MapDelete(pattern, async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(Answers.Done(await command(Named(await all.GetAsync(name, stop), request), id, stop))));

    /// <summary>Which past state the query is about, by its parameter <c>as_of</c>; null where it has none.</summary>
    /// <exception cref="RefusedException">It is no sequence number, state hash or time.</exception>
    public static AsOf? AsOfIn(HttpRequest request)
    {
        if (!request.Query.TryGetValue("as_of", out StringValues text)) return null;
        return AsOf.Parse(text.ToString()).TryGet(out AsOf? asOf, out Refusal? refusal) ? asOf : throw new RefusedException(refusal);
    }

    public static async Task<JsonDocument> BodyAsync(HttpRequest request, CancellationToken stop)
    {
        try
        {
            return await JsonDocument.ParseAsync(request.Body, cancellationToken: stop);
        }
        catch (JsonException e)
        {
            throw new RequestException($"the body is no JSON object: {e.Message}");
        }
    }

    public static IResult Json(object value) => Results.Json(value, Answers.Options);

    /// <summary>The engine, for a command with the request's idempotency key where it has one.</summary>
    private static ValoriEngine Named(ValoriEngine engine, HttpRequest request) =>
        request.Headers.TryGetValue(IdempotencyKey, out StringValues key) ? engine.WithRequestId(key.ToString()) : engine;
}
