using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: every collection has proven its state, and the journal is the one that
/// they come from and can be written. It also tells what the last proof of everything on disk came to.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        RouteGroupBuilder health = app.MapGroup("/health").AddEndpointFilter(EngineRoutes.RefuseUnusedKeyAsync);
        health.MapRead("/live", () => Results.Json(new { status = "live" }));
        health.MapRead("/ready", async (Collections collections, CancellationToken stop) =>
        {
            object? scrub = Answers.Scrub(collections.LastScrub);
            return await collections.NotReadyAsync(stop) is { } reason
                ? Results.Json(new { status = "not ready", reason, scrub }, Answers.Options, statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Json(new { status = "ready", scrub }, Answers.Options);
        });
    }
}
