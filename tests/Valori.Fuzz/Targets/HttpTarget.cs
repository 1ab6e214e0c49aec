using System.Text;
using System.Text.Json;
using Valori.Fuzz.Corpus;
using Valori.Kernel.Blake3;

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
        if (service.NewCollections > MostNewCollections || ++s_requests % RequestsPerService == 0)
        {
            await HttpServiceUnderAttack.CloseAsync();
            service = await HttpServiceUnderAttack.CurrentAsync();
        }
        Digest before = await service.StateHashAsync();
        HttpResponseBytes response = HttpResponseBytes.Of(await service.ExchangeAsync(request.Bytes));
        Check(request, response);
        if (response.Status < 400) Verdict.Accepted();
        else BrokenPromiseException.ThrowIf(before != await service.StateHashAsync(), $"answered {response.Status}, and the state is another");
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
        string[] requests =
        [
            "GET /health/live", "GET /health/ready", "GET /v1/collections", $"GET {path}", $"GET {path}?as_of=3",
            $"GET {path}/state-hash?as_of=2026-11-25T13:00:00Z", $"GET {path}/count", $"PUT {path}\n\n{{\"dimension\":3}}",
            "PUT /v1/collections/fresh\n\n{}", "PUT /v1/collections/other",
            $"POST {path}/records\nContent-Type: application/json\nIdempotency-Key: k-1\n\n{{\"vector\":[0.1,-2,3],\"tag\":7}}",
            $"POST {path}/records/batch\n\n{{\"vectors\":[[1,2,3],[4,5,6]],\"tags\":[1,2]}}", $"GET {path}/records/0",
            $"DELETE {path}/records/2\nIdempotency-Key: k-2", $"GET {path}/records/1/metadata?as_of=5",
            $"PUT {path}/records/1/metadata\n\n{{\"metadata\":\"aGVsbG8=\"}}", $"GET {path}/records/1/proof",
            $"POST {path}/search\n\n{{\"vector\":[0,0,0],\"k\":3,\"tag\":1,\"receipt\":true,\"as_of\":5}}",
            $"POST {path}/search\n\n{{\"vector\":[0,0,0],\"k\":3,\"depth\":1}}",
            $"POST {path}/search/batch\n\n{{\"vectors\":[[0,0,0],[1,1,1]],\"k\":2}}", $"POST {path}/nodes\n\n{{\"kind\":2,\"record_id\":1}}",
            $"GET {path}/nodes/0", $"GET {path}/nodes/0/proof?as_of=9", $"DELETE {path}/nodes/3", $"GET {path}/nodes/0/edges",
            $"GET {path}/nodes/0/expand?depth=2", $"POST {path}/edges\n\n{{\"from_id\":0,\"to_id\":1,\"kind\":1}}", $"GET {path}/edges/0",
            $"DELETE {path}/edges/1", $"GET {path}/edges/0/proof", $"GET {path}/history/proof?from=1&to=4", $"GET {path}/timeline?from=1&count=5",
            $"POST {path}/compare/other?limit=10", $"POST {path}/save", "OPTIONS /v1/collections", $"HEAD {path}", $"PATCH {path}/records/0\n\n{{}}",
            "GET /%2e%2e/%00/\u00e9?x=%zz", $"POST {path}/records\nOrigin: http://localhost\n\n{{\"vector\":[0.1,-2,3]}}",
            $"POST {path}/search\nContent-Encoding: gzip\n\n{{\"vector\":[0,0,0],\"k\":1}}", $"HEAD {path}/records/0?as_of=3",
        ];
        byte[] snapshot = SampleStates.Snapshot(SampleStates.Full(Sandbox.Dimension));
        // The type of a body, in a line of its own: what changes it is refused.
        IEnumerable<string> typed = requests.Select(request => request.Contains("Content-Type", StringComparison.Ordinal) ? request : request.Replace("\n\n", "\nContent-Type: application/json\n\n", StringComparison.Ordinal));
        byte[] restore = [.. Encoding.ASCII.GetBytes($"POST {path}/restore\nContent-Type: application/octet-stream\n\n"), .. snapshot];
        return [.. typed.Select(Encoding.UTF8.GetBytes), restore];
    }
}
