using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Valori.Host.Operations;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>
/// Asks every request for its key, and the key for what it may, before anything else of the request is looked at. What it decides on is
/// what routing found, which is also what the endpoint gets, so there is no second reading of the path that could differ.
/// </summary>
internal static class KeyCheck
{
    public const string Header = "api-key";

    private const string Scheme = "Bearer ";
    /// <summary><c>WWW-Authenticate</c>, if a key was sent that is not valid.</summary>
    public const string InvalidToken = Challenge + ", error=\"invalid_token\"";

    private const string Challenge = "Bearer realm=\"valori\"";

    // As other services call it. An address is kept in logs, histories and by proxies, so a key in it is not secret any more.
    private static readonly string[] InQuery = ["api-key", "api_key", "apikey", "access_token", "authorization", "bearer", "token"];

    public static void UseKeys(this WebApplication app)
    {
        KeyRing ring = app.Services.GetRequiredService<KeyRing>();
        app.Use((context, next) => AnswerAsync(ring, context, next));
    }

    /// <summary>Stands before everything that answers: what one key may read must not be answered to another from a cache in between.</summary>
    public static void UseNoStore(this WebApplication app)
    {
        KeyRing ring = app.Services.GetRequiredService<KeyRing>();
        app.Use((context, next) =>
        {
            if (ring.IsRequired) context.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
    }

    /// <summary>Who asks.</summary>
    public static Caller CallerOf(HttpContext context) => context.Features.GetRequiredFeature<Caller>();

    private static async Task AnswerAsync(KeyRing ring, HttpContext context, RequestDelegate next)
    {
        EndpointAccess? access = AccessOf(context);
        if (!ring.IsRequired)
        {
            context.Features.Set(Caller.Anyone);
            // The request that adds the first key is answered.
            await using CancellationTokenRegistration closed = access is { Role: not null, IsOfService: false } ? ring.Closed.Register(context.Abort) : default;
            await next(context);
            return;
        }
        (KeyUse? use, Problem? problem) = Authenticate(ring, context.Request);
        if (access is { Role: null })
        {
            // A probe must not fail because its key has expired. Without a valid key it is told less.
            if (use is not null) context.Features.Set(use.Caller);
            await next(context);
            return;
        }
        if (use is null)
        {
            await RefuseAsync(context, problem!);
            return;
        }
        KeyTraffic traffic = context.RequestServices.GetRequiredService<KeyTraffics>().Of(use);
        if (traffic.Begin(use.Key.Name) is var (busy, retryAfter))
        {
            context.Response.Headers.RetryAfter = retryAfter;
            await RefuseAsync(context, new Problem(StatusCodes.Status429TooManyRequests, "overloaded", busy));
            return;
        }
        try
        {
            if ((RefusalOf(access, use.Caller, context) ?? TooLarge(traffic, context)) is { } refusal)
            {
                await RefuseAsync(context, refusal);
                return;
            }
            context.Features.Set(use.Caller);
            context.Features.Set(traffic);
            // A key may revoke itself, and is answered.
            await using CancellationTokenRegistration ended = access is { IsOfService: true } && HttpMethods.IsDelete(context.Request.Method) ? default : use.Ended.Register(context.Abort);
            await next(context);
        }
        finally
        {
            traffic.End();
        }
    }

    private static Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (problem.Challenge is { } challenge) context.Response.Headers.WWWAuthenticate = challenge;
        return JsonAnswer.SendProblemAsync(context, problem.Status, problem.Title, problem.Detail);
    }

    /// <summary>A body that says its length is refused before it is read; any other one when it is longer.</summary>
    private static Problem? TooLarge(KeyTraffic traffic, HttpContext context)
    {
        if (traffic.MaximumBodyBytes is not { } maximum) return null;
        if (context.Request.ContentLength > maximum)
        {
            return new Problem(StatusCodes.Status413PayloadTooLarge, "limit_exceeded",
                $"the body has {context.Request.ContentLength} bytes, and the limit of a key is {maximum} (valori.http.keys.max-body-bytes)");
        }
        IHttpMaxRequestBodySizeFeature size = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        size.MaxRequestBodySize = Math.Min(maximum, size.MaxRequestBodySize ?? maximum);
        return null;
    }

    /// <summary>Null if there is no such path, or not with this method: whoever has a key is told so.</summary>
    private static EndpointAccess? AccessOf(HttpContext context) => context.GetEndpoint() is not RouteEndpoint endpoint
        ? null
        : endpoint.Metadata.GetMetadata<EndpointAccess>() ?? throw new InvalidOperationException($"{endpoint.RoutePattern.RawText} does not say who may ask it");

    private static (KeyUse?, Problem?) Authenticate(KeyRing ring, HttpRequest request)
    {
        if (request.Query.Keys.FirstOrDefault(name => InQuery.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } parameter)
        {
            return (null, new Problem(StatusCodes.Status400BadRequest, "invalid_request",
                $"parameter '{parameter}' is not taken: an API key belongs in the header Authorization or {Header}. If this was one, it is in the logs of whatever saw the address: revoke it"));
        }
        StringValues authorization = request.Headers.Authorization, own = request.Headers[Header];
        int count = authorization.Count + own.Count;
        if (count == 0) return (null, Unauthorized(Challenge, $"a request needs an API key, as 'Authorization: Bearer KEY' or '{Header}: KEY'. 'valori keys add' makes one"));
        if (count > 1)
            return (null, new Problem(StatusCodes.Status400BadRequest, "invalid_request", $"the request has {count} headers Authorization and {Header}; it must have one of them, once"));
        string? token = own.Count == 1 ? own.ToString() : TokenOf(authorization.ToString());
        if (token is null) return (null, Unauthorized(Challenge, "the header Authorization is not 'Bearer KEY'"));
        return ring.Find(token, out string fault) is { } use ? (use, null) : (null, Unauthorized(InvalidToken, fault));
    }

    // A scheme's case does not count (RFC 9110); that of the key does.
    private static string? TokenOf(string authorization) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim(' ') : null;

    private static Problem? RefusalOf(EndpointAccess? access, Caller caller, HttpContext context)
    {
        if (access is null) return null;
        if (access.IsOfCollection && context.Request.RouteValues[Operation.CollectionName] is string name && !caller.MayUse(name))
            return Forbidden(VisibleCollections.RefusalOf(caller, name));
        if (caller.Role < access.Role)
            return Forbidden($"this request needs a key with the role {access.Role.Value.Word()}, and '{caller.Name}' has the role {caller.Role.Word()}");
        if (access.IsOfService && caller.IsLimited)
            return Forbidden($"this request needs a key with the role {access.Role!.Value.Word()} that is not limited to collections, and '{caller.Name}' is");
        return null;
    }

    private static Problem Unauthorized(string challenge, string detail) => new(StatusCodes.Status401Unauthorized, "unauthorized", detail, challenge);

    private static Problem Forbidden(string detail) => new(StatusCodes.Status403Forbidden, "forbidden", detail);

    private sealed record Problem(int Status, string Title, string Detail, string? Challenge = null);
}
