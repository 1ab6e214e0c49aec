using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>
/// Routes of one collection, by what they have in common: a query takes <c>as_of</c>, a command takes an
/// <c>Idempotency-Key</c>, both answer with JSON.
/// </summary>
internal static class EngineRoutes
{
    private const string IdempotencyKey = "Idempotency-Key";
    private static readonly KeyTaking TakesKey = new();

    public static void MapEngineGet(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, QueryFields, CancellationToken, Task<object>> query) =>
        one.MapGet(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(await query(await all.GetAsync(name, stop), new QueryFields(request), stop))).TakesQuery(operation.Request);

    public static void MapEngineGet(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, ulong, QueryFields, CancellationToken, Task<object>> query) =>
        one.MapGet(pattern, async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(await query(await all.GetAsync(name, stop), id, new QueryFields(request), stop))).TakesQuery(operation.Request);

    public static void MapEnginePost(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, JsonFields, CancellationToken, Task<object>> carryOut) =>
        one.MapPost(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
            using JsonDocument body = await BodyAsync(request, stop);
            return Json(await carryOut(engine, new JsonFields(body.RootElement, operation.Request), stop));
        }).WithMetadata(TakesKey);

    public static void MapEnginePut(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, ulong, JsonFields, CancellationToken, Task<object>> carryOut) =>
        one.MapPut(pattern, async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
            using JsonDocument body = await BodyAsync(request, stop);
            return Json(await carryOut(engine, id, new JsonFields(body.RootElement, operation.Request), stop));
        }).WithMetadata(TakesKey);

    public static void MapEngineDelete(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, ulong, CancellationToken, Task<Receipt>> command) =>
        one.MapDelete(pattern, async (string name, ulong id, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(Answers.Done(await command(Named(await all.GetAsync(name, stop), request), id, stop)))).WithMetadata(TakesKey);

    /// <summary>Refuses an <c>Idempotency-Key</c> on the requests that would ignore it.</summary>
    public static async ValueTask<object?> RefuseUnusedKeyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        if (request.Headers.ContainsKey(IdempotencyKey) && context.HttpContext.GetEndpoint()!.Metadata.GetMetadata<KeyTaking>() is null)
            throw new RequestException($"{request.Method} {request.Path} takes no header {IdempotencyKey}: only commands that change records, metadata, nodes or edges do");
        return await next(context);
    }

    /// <summary>The body of a request that may have none.</summary>
    /// <exception cref="RequestException">It is no JSON object, or has other fields.</exception>
    public static async Task<JsonDocument?> OptionalBodyAsync(HttpRequest request, FieldNames names, CancellationToken stop)
    {
        if (!StrictRequests.MayHaveBody(request)) return null;
        JsonDocument body = await BodyAsync(request, stop);
        _ = new JsonFields(body.RootElement, names);
        return body;
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
    private static ValoriEngine Named(ValoriEngine engine, HttpRequest request)
    {
        if (!request.Headers.TryGetValue(IdempotencyKey, out StringValues keys)) return engine;
        return keys is [var key]
            ? engine.WithRequestId(key ?? "")
            : throw new RequestException($"the header {IdempotencyKey} is there {keys.Count} times; it must be there once");
    }

    /// <summary>Marks an endpoint that looks at the header itself.</summary>
    private sealed record KeyTaking;
}
