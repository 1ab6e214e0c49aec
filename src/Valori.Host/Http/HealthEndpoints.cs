using System.Text.Json.Serialization;
using Valori.Actors.Text;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: every collection has proven its state, and the journal is the one that
/// they come from and can be written. It also says how the last proof of everything on disk ended.
/// </summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapRead("/health/live", context => JsonAnswer.SendAsync(context, StatusCodes.Status200OK, new StatusWord("live"))).WithMetadata(EndpointAccess.Anyone);
        routes.MapRead("/health/ready", async context =>
        {
            Collections collections = context.RequestServices.GetRequiredService<Collections>();
            string? reason = context.RequestServices.GetRequiredService<KeyRing>().Fault ?? await collections.NotReadyAsync(context.RequestAborted);
            int status = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            string word = reason is null ? "ready" : "not ready";
            // The reason names collections and files, so it is for those who may see all of them.
            await (context.Features.Get<Caller>() is { IsLimited: false }
                ? JsonAnswer.SendAsync(context, status, new ReadyAnswer(word, reason, ScrubAnswer.Of(collections.LastScrub)))
                : JsonAnswer.SendAsync(context, status, new StatusWord(word)));
        }).WithMetadata(EndpointAccess.Anyone);
    }

    private sealed record StatusWord(string Status);

    /// <param name="Scrub">Null before the first scrub has ended.</param>
    private sealed record ReadyAnswer(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason, ScrubAnswer? Scrub);

    private sealed record ScrubAnswer(string Finished, bool IsGood, IReadOnlyList<string> Proven, IReadOnlyList<string> BadPlaces, IReadOnlyList<string> Skipped)
    {
        public static ScrubAnswer? Of(ScrubReport? report) => report is null ? null : new ScrubAnswer(
            Iso8601.Format((report.Finished - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond), report.IsGood, report.Proven, report.BadPlaces, report.Skipped);
    }
}
