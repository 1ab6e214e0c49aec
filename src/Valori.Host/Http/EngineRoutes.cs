using System.Globalization;
using Microsoft.Extensions.Primitives;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Actors.Text;
using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>
/// Routes of one collection, by what they have in common: the fields of an operation, in the query or in the body; a command takes an
/// <c>Idempotency-Key</c>; all answer with JSON.
/// </summary>
internal static class EngineRoutes
{
    private const string IdempotencyKey = "Idempotency-Key";
    private static readonly KeyTaking TakesKey = new();

    // Every resource that can be read answers HEAD too (RFC 9110): load balancers ask so.
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => routes.MapMethods(pattern, ReadMethods, handler);

    public static void MapEngineGet(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, QueryFields, CancellationToken, Task<object>> query) =>
        one.MapRead(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
            Json(await query(await all.GetAsync(name, stop), new QueryFields(request), stop))).TakesQuery(operation.Request);

    public static void MapEngineGet(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, ulong, QueryFields, CancellationToken, Task<object>> query) =>
        one.MapRead(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ulong id = IdOf(request);
            return Json(await query(await all.GetAsync(name, stop), id, new QueryFields(request), stop));
        }).TakesQuery(operation.Request);

    public static void MapEnginePost(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, JsonFields, CancellationToken, Task<object>> carryOut) =>
        one.MapPost(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
            using RequestBody body = await RequestBody.ReadJsonAsync(request, operation.Request, stop);
            return Json(await carryOut(engine, body.Fields, stop));
        }).WithMetadata(TakesKey);

    /// <summary>A search: its hits, as many as there may be, are taken from the budget before it is carried out.</summary>
    public static void MapEngineSearch(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, JsonFields, CancellationToken, Task<object>> search) =>
        one.MapPost(pattern, async (string name, HttpRequest request, Collections all, TransferBudget budget, CancellationToken stop) =>
        {
            ValoriEngine engine = await all.GetAsync(name, stop);
            using RequestBody body = await RequestBody.ReadJsonAsync(request, operation.Request, stop);
            TransferHold hold = budget.Hold("the answer");
            request.HttpContext.Response.RegisterForDispose(hold);
            hold.Grow(await body.AnswerBytesAsync(engine, stop));
            object found = await search(engine, body.Fields, stop);
            // Hits with nodes are of no known size.
            return body.Fields.OptionalInt32("depth") is null ? new SearchAnswer(found, hold) : Json(found);
        });

    public static void MapEnginePut(this RouteGroupBuilder one, string pattern, Operation operation, Func<ValoriEngine, ulong, JsonFields, CancellationToken, Task<object>> carryOut) =>
        one.MapPut(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ulong id = IdOf(request);
            ValoriEngine engine = Named(await all.GetAsync(name, stop), request);
            using RequestBody body = await RequestBody.ReadJsonAsync(request, operation.Request, stop);
            return Json(await carryOut(engine, id, body.Fields, stop));
        }).WithMetadata(TakesKey);

    public static void MapEngineDelete(this RouteGroupBuilder one, string pattern, Func<ValoriEngine, ulong, CancellationToken, Task<Receipt>> command) =>
        one.MapDelete(pattern, async (string name, HttpRequest request, Collections all, CancellationToken stop) =>
        {
            ulong id = IdOf(request);
            return Json(Answers.Done(await command(Named(await all.GetAsync(name, stop), request), id, stop)));
        }).WithMetadata(TakesKey);

    /// <summary>Refuses an <c>Idempotency-Key</c> on the requests that would ignore it.</summary>
    public static async ValueTask<object?> RefuseUnusedKeyAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        if (request.Headers.ContainsKey(IdempotencyKey) && context.HttpContext.GetEndpoint()!.Metadata.GetMetadata<KeyTaking>() is null)
            throw new RequestException($"{request.Method} {request.Path} takes no header {IdempotencyKey}: only commands that change records, metadata, nodes or edges do");
        return await next(context);
    }

    public static IResult Json(object value) => new JsonAnswer(value);

    /// <summary>The id in the path.</summary>
    /// <exception cref="RequestException">It is not a number.</exception>
    private static ulong IdOf(HttpRequest request)
    {
        string text = (string)request.RouteValues["id"]!;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong id)
            ? id
            : throw new RequestException($"'{Spelling.Shown(text)}' is not an id; it must be a whole number from 0 to {ulong.MaxValue}");
    }

    /// <summary>The engine, for a command with the request's idempotency key if it has one.</summary>
    private static ValoriEngine Named(ValoriEngine engine, HttpRequest request)
    {
        if (!request.Headers.TryGetValue(IdempotencyKey, out StringValues keys)) return engine;
        return keys is [var key]
            ? engine.WithRequestId(key ?? "")
            : throw new RequestException($"the header {IdempotencyKey} appears {keys.Count} times; it must appear once");
    }

    /// <summary>Marks an endpoint that looks at the header itself.</summary>
    private sealed record KeyTaking;
}
