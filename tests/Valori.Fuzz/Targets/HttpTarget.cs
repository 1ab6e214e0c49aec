using System.Text;
using System.Text.Json;
using Valori.Fuzz.Corpus;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Requests of any method, path, headers and body to the service (docs/http.md), on a real socket. Declared: a success with JSON, or
/// a 4xx with problem details, behind which the state is what it was. The service stays ready.
/// </summary>
internal static class HttpTarget
{
    private const int RequestsBetweenHealthChecks = 50;

    // Each is an engine for the rest of the service's life.
    private const int MostNewCollections = 40;

    private const int RequestsPerService = 10_000;

    private static int s_requests;

    // Constant: what an engine's storage grows by at a time, a snapshot's writer and reader, and both ends of a connection. Factor: as
    // for exec lines.
    public static readonly FuzzTarget Target = new(
        "http", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Text, new AllocationBound(Allocating.WholeProcess, 80 << 20, 2_000), Rounds: 1_200)
    {
        TimeLimit = TimeSpan.FromSeconds(30),
    };

    public static void Attack(ReadOnlySpan<byte> input) => AttackAsync(HttpRequestBytes.Of(input)).GetAwaiter().GetResult();

    private static async Task AttackAsync(HttpRequestBytes request)
    {
        HttpServiceUnderAttack service = await HttpServiceUnderAttack.CurrentAsync();
        // A request may have dropped its collection.
        if (service.IsDropped || service.NewCollections > MostNewCollections || ++s_requests % RequestsPerService == 0)
        {
            await HttpServiceUnderAttack.CloseAsync();
            service = await HttpServiceUnderAttack.CurrentAsync();
        }
        Digest before = await service.StateHashAsync();
        HttpResponseBytes response = HttpResponseBytes.Of(await service.ExchangeAsync(request.Bytes));
        Check(request, response);
        if (response.Status < 400) Verdict.Accepted();
        else BrokenPromiseException.ThrowIf(service.IsDropped || before != await service.StateHashAsync(), $"answered {response.Status}, and the state is another");
        if (response.Status == 200 && request.Method == "PUT") service.NewCollections++;
        if (s_requests % RequestsBetweenHealthChecks == 0) await CheckHealthAsync(service);
    }

    private static void Check(HttpRequestBytes request, HttpResponseBytes response)
    {
        string shown = $"answered {response.Status} {response.ContentType} {response.Text}";
        bool isWithoutBody = response.Body.Length == 0;
        if (request.Method == "HEAD" && isWithoutBody && response.Status < 500) return;
        if (isWithoutBody && response.ContentType.Length == 0 && IsOfKestrel(response)) return;
        BrokenPromiseException.ThrowIf(response.Status is < 200 or >= 500 or (>= 300 and < 400), shown);
        if (response.Status == 204 && isWithoutBody) return;
        using JsonDocument json = Parse(response.Body, shown);
        if (response.Status < 400) return;
        JsonElement root = json.RootElement;
        bool isProblem = response.ContentType.StartsWith("application/problem+json", StringComparison.Ordinal)
            && root.GetProperty("status").GetInt32() == response.Status
            && root.GetProperty("title").GetString()!.Length > 0 && root.GetProperty("detail").GetString()!.Length > 0;
        BrokenPromiseException.ThrowIf(!isProblem, shown);
    }

    /// <summary>What Kestrel refuses by itself, without a body, before any of ours is asked: bytes that are no HTTP, and CONNECT's form of a target.</summary>
    private static bool IsOfKestrel(HttpResponseBytes response) => response.Status is 400 or 414 or 431 or 505 || response is { Status: 405, Allow: "CONNECT" };

    private static JsonDocument Parse(byte[] body, string shown)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException e)
        {
            throw new BrokenPromiseException(shown, e);
        }
    }

    private static async Task CheckHealthAsync(HttpServiceUnderAttack service)
    {
        HttpResponseBytes ready = HttpResponseBytes.Of(await service.ExchangeAsync(HttpRequestBytes.Of("GET /health/ready"u8).Bytes));
        BrokenPromiseException.ThrowIf(ready.Status != 200, $"not ready any more: {ready.Text}");
    }

    private static List<byte[]> Corpus()
    {
        const string path = "/v1/collections/notes";
        string[] others =
        [
            "GET /health/live", "GET /health/ready", $"GET {path}/state-hash?as_of=2026-11-25T13:00:00Z", "PUT /v1/collections/fresh\nContent-Type: application/json\n\n{}",
            "PUT /v1/collections/other", $"POST {path}/save", "OPTIONS /v1/collections", $"HEAD {path}", $"HEAD {path}/records/0?as_of=3",
            $"PATCH {path}/records/0\nContent-Type: application/json\n\n{{}}", "GET /%2e%2e/%00/\u00e9?x=%zz",
            $"POST {path}/records\nContent-Type: application/json\nOrigin: http://localhost\n\n{{\"vector\":[0.1,-2,3]}}",
            $"POST {path}/search\nContent-Type: application/json\nContent-Encoding: gzip\n\n{{\"vector\":[0,0,0],\"k\":1}}",
        ];
        return [.. SampleRequests.Http("notes", SampleStates.Snapshot(SampleStates.Full(Sandbox.Dimension))), .. others.Select(Encoding.UTF8.GetBytes)];
    }
}
