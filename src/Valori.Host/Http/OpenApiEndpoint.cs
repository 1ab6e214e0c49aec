using Valori.Host.OpenApi;

namespace Valori.Host.Http;

/// <summary><c>/openapi/v1.json</c>: what the service can be asked. It says nothing of what a service holds, so it needs no key.</summary>
internal static class OpenApiEndpoint
{
    public const string Path = "/openapi/v1.json";

    public static void MapOpenApi(this IEndpointRouteBuilder routes) => routes.MapRead(Path, async context =>
    {
        byte[] document = OpenApiDocument.Bytes.Value;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = document.Length;
        await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }).WithMetadata(EndpointAccess.Anyone);
}
