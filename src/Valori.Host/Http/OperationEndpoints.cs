using Microsoft.Extensions.Primitives;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>
/// Every operation over HTTP: path, query and body become the operation's request, and its answer becomes JSON. What a request has and
/// its operation does not take, <see cref="StrictRequests"/> and <see cref="RequestBody"/> have refused before.
/// </summary>
internal static class OperationEndpoints
{
    public const string IdempotencyKey = "Idempotency-Key";

    // An id and a score, and the same again while they are found and merged.
    private const int BytesOfAHit = 32;

    // Every resource that can be read answers HEAD too (RFC 9110): load balancers ask so.
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder routes, string path, RequestDelegate answer) => routes.MapMethods(path, ReadMethods, answer);

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        foreach (Operation operation in OperationTable.OfService)
        {
            Task Answer(HttpContext context) => AnswerAsync(operation, context);
            IEndpointConventionBuilder endpoint = operation.Method == HttpMethods.Get
                ? routes.MapRead(operation.Path, Answer)
                : routes.MapMethods(operation.Path, [operation.Method], Answer);
            endpoint.WithMetadata(operation, EndpointAccess.Of(operation));
        }
    }

    private static async Task AnswerAsync(Operation operation, HttpContext context)
    {
        using TransferHold hold = TransferBudget.Of(context).Hold("the answer");
        (object answer, bool isStreamed) = await CarryOutAsync(operation, context, hold);
        await (isStreamed ? JsonAnswer.StreamAsync(context, answer, operation.Answer, hold) : JsonAnswer.WriteAsync(context, answer, operation.Answer, hold));
    }

    /// <summary>The answer, and whether all that it takes was known before. Nothing of the request is kept while it is sent.</summary>
    private static async Task<(object Answer, bool IsStreamed)> CarryOutAsync(Operation operation, HttpContext context, TransferHold hold)
    {
        HttpRequest request = context.Request;
        CancellationToken stop = context.RequestAborted;
        // A wrong id is refused before its collection is looked for, which may open it.
        foreach (RequestField field in operation.Request.Fields)
        {
            if (field.Place == FieldPlace.Path) Read(field, request, null);
        }
        Caller caller = KeyCheck.CallerOf(context);
        ICollections collections = new VisibleCollections(context.RequestServices.GetRequiredService<Collections>(), caller);
        if (operation.Kind == OperationKind.Admin) await AuditTrail.BeginAsync(context, new AuditLine(operation.Name, request.Path, caller.Name, context.Connection.RemoteIpAddress?.ToString()), stop);
        OperationContext on = operation.IsOfCollection
            ? new OperationContext(collections, Named(operation, await collections.GetAsync((string)request.RouteValues[Operation.CollectionName]!, stop), request, caller).WithRoom(hold))
            : new OperationContext(collections) { Keys = context.RequestServices.GetRequiredService<KeyRing>(), Caller = caller };
        using RequestBody? body = await ReadBodyAsync(operation, request, stop);
        object bound = operation.Request.Bind(field => Read(field, request, body));
        if (operation.HitsOf(bound) is not { } hits) return (await operation.AnswerAsync(on, bound, stop), false);

        // As many hits as there may be are taken from the budget before they are looked for.
        hold.Grow(await BytesOfAsync(hits, on.Engine, stop));
        return (await operation.AnswerAsync(on, bound, stop), !hits.HasMore);
    }

    private static async Task<RequestBody?> ReadBodyAsync(Operation operation, HttpRequest request, CancellationToken stop) => operation.BodyForm switch
    {
        BodyForm.Json => await RequestBody.ReadJsonAsync(request, operation.Request.Body, stop),
        BodyForm.OptionalJson => await RequestBody.ReadOptionalJsonAsync(request, operation.Request.Body, stop),
        _ => null,
    };

    private static object? Read(RequestField field, HttpRequest request, RequestBody? body) => field.Place switch
    {
        FieldPlace.Path => field.FromPath((string)request.RouteValues[field.Name]!),
        FieldPlace.Query => field.FromQuery(name => request.Query.TryGetValue(name, out StringValues values) ? values.ToString() : null),
        FieldPlace.Bytes => RequestBody.OpenBytes(request),
        _ => body is null ? field.OrDefault("field") : field.FromJson(body.Fields),
    };

    /// <summary>The engine, for a command of the caller, with the request's idempotency key if it has one.</summary>
    private static ValoriEngine Named(Operation operation, ValoriEngine engine, HttpRequest request, Caller caller)
    {
        if (caller.Name is { } author) engine = engine.WithAuthor(author);
        if (!operation.TakesRequestId || !request.Headers.TryGetValue(IdempotencyKey, out StringValues keys)) return engine;
        return keys is [var key]
            ? engine.WithRequestId(key ?? "")
            : throw new RequestException($"the header {IdempotencyKey} appears {keys.Count} times; it must appear once");
    }

    /// <summary>What the hits may take of memory: as many as are asked for, or as there are records.</summary>
    private static async Task<long> BytesOfAsync(HitCount hits, ValoriEngine engine, CancellationToken stop)
    {
        if (hits.K <= 0) return 0;
        long count = hits.Searches * (long)hits.K;
        if (count * BytesOfAHit > TransferBudget.FreeBytes)
            count = hits.Searches * (long)Math.Min((ulong)hits.K, (await engine.StatusAsync(cancellationToken: stop)).RecordSlots);
        return Math.Min(count, Limits.MaximumHits) * BytesOfAHit;
    }
}
