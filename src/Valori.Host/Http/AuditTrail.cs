using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>What administrators do over HTTP, in the audit log: a line before it is done, and one with the status of its answer.</summary>
internal static class AuditTrail
{
    /// <summary>Stands before everything that makes answers, so that it knows what became of a request.</summary>
    public static void UseAuditTrail(this WebApplication app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (context.Features.Get<AuditLine>() is not { } begun) return;
        try
        {
            await context.RequestServices.GetRequiredService<AuditLog>().WriteAsync(begun with { Status = context.Response.StatusCode }, CancellationToken.None);
        }
        catch (AuditException e)
        {
            // It is done, and the line of its beginning is there.
            context.RequestServices.GetRequiredService<ILogger<AuditLog>>().LogError("{Message}", e.Message);
        }
    });

    /// <exception cref="AuditException">The line cannot be written: the request must not be carried out.</exception>
    public static async Task BeginAsync(HttpContext context, AuditLine line, CancellationToken stop)
    {
        await context.RequestServices.GetRequiredService<AuditLog>().WriteAsync(line, stop);
        context.Features.Set(line);
    }
}
