using Microsoft.Extensions.Primitives;
using Valori.Host.Json;
using Valori.Host.Operations;

namespace Valori.Host.Http;

/// <summary>
/// Refuses what an endpoint would not read, before it does anything: a parameter of the query that its operation does not have, a body
/// with a method that has none, and an <c>Idempotency-Key</c> if it is not a command. An endpoint without an operation takes nothing.
/// </summary>
internal static class StrictRequests
{
    private static readonly FieldNames NoParameters = FieldNames.OfRequest([]);

    public static void UseStrictRequests(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            HttpRequest request = context.Request;
            Operation? operation = endpoint.Metadata.GetMetadata<Operation>();
            CheckParameters(request, operation?.Request.Parameters ?? NoParameters);
            bool isWithoutBody = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsDelete(request.Method);
            if (isWithoutBody && await HasBodyAsync(request, operation, context.RequestAborted))
                throw new RequestException($"{request.Method} takes no body: {(HttpMethods.IsDelete(request.Method) ? "the path says what to delete" : "parameters belong in the query")}");
            if (operation is not { TakesRequestId: true } && request.Headers.ContainsKey(OperationEndpoints.IdempotencyKey))
                throw new RequestException($"{request.Method} {request.Path} takes no header {OperationEndpoints.IdempotencyKey}: only commands that change records, metadata, nodes or edges do");
        }
        await next(context);
    });

    private static void CheckParameters(HttpRequest request, FieldNames names)
    {
        ulong seen = 0;
        foreach ((string name, StringValues values) in request.Query)
        {
            names.Take("parameter", name, ref seen);
            if (values.Count > 1) throw new RequestException($"parameter '{name}' appears {values.Count} times; it must appear once");
            if (values.ToString().Length == 0) throw new RequestException($"parameter '{name}' is empty: leave out what has no value");
        }
    }

    /// <summary>Whether a byte of a body comes: chunked, it may be announced and be empty.</summary>
    private static async Task<bool> HasBodyAsync(HttpRequest request, Operation? operation, CancellationToken stop)
    {
        if (!RequestBody.IsPresent(request)) return false;
        // What has no operation needs no key: there, nobody is waited for, who could take all connections.
        return operation is null || request.ContentLength > 0 || await request.Body.ReadAsync(new byte[1], stop) > 0;
    }
}
