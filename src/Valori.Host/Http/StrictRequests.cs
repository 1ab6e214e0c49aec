using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>
/// Refuses what an endpoint would not read, before it does anything: a parameter of the query that it does not have, and a body with a
/// method that has none. An endpoint has the parameters of its <see cref="TakesQuery"/>, and none without.
/// </summary>
internal static class StrictRequests
{
    private static readonly FieldNames NoParameters = FieldNames.OfRequest();

    public static void UseStrictRequests(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            HttpRequest request = context.Request;
            QueryFields.Check(request, endpoint.Metadata.GetMetadata<FieldNames>() ?? NoParameters);
            bool isWithoutBody = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsDelete(request.Method);
            if (isWithoutBody && await HasBodyAsync(request, context.RequestAborted))
                throw new RequestException($"{request.Method} takes no body: {(HttpMethods.IsDelete(request.Method) ? "the path says what to delete" : "parameters stand in the query")}");
        }
        await next(context);
    });

    /// <summary>The parameters that an endpoint takes in its query.</summary>
    public static void TakesQuery(this RouteHandlerBuilder endpoint, FieldNames parameters) => endpoint.WithMetadata(parameters);

    /// <summary>Whether a byte of a body comes: chunked, it may be announced and be empty.</summary>
    private static async Task<bool> HasBodyAsync(HttpRequest request, CancellationToken stop)
    {
        if (!RequestBody.IsPresent(request)) return false;
        return request.ContentLength > 0 || await request.Body.ReadAsync(new byte[1], stop) > 0;
    }
}
