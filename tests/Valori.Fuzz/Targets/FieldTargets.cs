using System.Globalization;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Valori.Host.Commands;
using Valori.Host.Operations;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Requests that are carried out, and then again with a field or a parameter that is unknown, misspelt, there twice, null or empty.
/// Declared: those are refused, by its name, and leave the state as it was.
/// </summary>
internal static class FieldTargets
{
    private const int WrongFieldsOfARequest = 6;
    private const int InputsPerEngine = 5_000;

    // Of every operation: over HTTP the path says which one it is.
    private static readonly string[] Names = [.. OperationTable.All.SelectMany(operation => operation.Request.Parameters.Names.Concat(operation.Request.Body.Names)).Distinct()];

    private static ValoriEngine? s_engine;
    private static ActorSystem? s_system;
    private static int s_inputs;

    // As for the targets of the same requests, times the requests of one input.
    private static readonly AllocationBound Allocation = new(Allocating.WholeProcess, 160 << 20, 20_000);

    public static readonly FuzzTarget Exec = new(
        "exec-fields", input => AttackExecAsync(Encoding.UTF8.GetString(input)).GetAwaiter().GetResult(), ExecTarget.Target.Corpus, Syntax.Text, Allocation, Rounds: 600);

    public static readonly FuzzTarget Http = new(
        "http-fields", input => AttackHttpAsync(input.ToArray()).GetAwaiter().GetResult(), HttpTarget.Target.Corpus, Syntax.Text, Allocation, Rounds: 400)
    {
        TimeLimit = TimeSpan.FromSeconds(30),
    };

    private static async Task AttackExecAsync(string input)
    {
        // A line ends where exec's own reader ends it, at a lone carriage return too.
        string line = ExecTarget.Resolved(input.Split('\n', '\r')[0]);
        if (ParsedObject(Encoding.UTF8.GetBytes(line)) is not { } request) return;
        ValoriEngine engine = await EngineAsync();
        if (await ErrorOfAsync(engine, line) is not null) return;
        Verdict.Accepted();

        string op = request.GetProperty("op").GetString()!;
        string[] known = OperationTable.Find(op)!.Line.Names;
        WrongFields wrong = new(RandomOf(input));
        Digest before = await engine.GetStateHashAsync();
        for (int i = 0; i < WrongFieldsOfARequest; i++)
        {
            (string json, string name) = wrong.Field(request, known);
            string? error = await ErrorOfAsync(engine, json);
            BrokenPromiseException.ThrowIf(error is null || !error.Contains($"'{name}'", StringComparison.Ordinal), $"{json} was answered with {error ?? "no error"}");
        }
        BrokenPromiseException.ThrowIf(before != await engine.GetStateHashAsync(), "every line was refused, and the state is another");
    }

    private static async Task AttackHttpAsync(byte[] input)
    {
        HttpServiceUnderAttack service = await HttpServiceUnderAttack.CurrentAsync();
        int end = input.AsSpan().IndexOf("\n\n"u8);
        string head = Encoding.Latin1.GetString(end < 0 ? input : input[..end]);
        byte[] body = end < 0 ? [] : input[(end + 2)..];
        // A key would answer the same request again, and a new collection is an engine for the rest of the service's life.
        string[] first = head.Split('\n')[0].Split(' ');
        if (first is not [var method, ['/', ..] target] || method == "PUT" && !target.Contains("/records/", StringComparison.Ordinal)) return;
        if (HttpResponseBytes.Of(await service.ExchangeAsync(RequestOf(method, target, body).Bytes)).Status != 200 || method is not ("GET" or "POST" or "PUT")) return;
        Verdict.Accepted();

        WrongFields wrong = new(RandomOf(head));
        Digest before = await service.StateHashAsync();
        for (int i = 0; i < WrongFieldsOfARequest; i++)
        {
            bool isOfBody = i % 2 == 0 && method != "GET" && !target.Contains("/restore", StringComparison.Ordinal) && ParsedObject(body) is not null;
            (string changed, string name) = isOfBody ? wrong.Field(ParsedObject(body)!.Value, Names) : wrong.Parameter(target, Names);
            HttpRequestBytes request = isOfBody ? RequestOf(method, target, Encoding.UTF8.GetBytes(changed)) : RequestOf(method, changed, body);
            HttpResponseBytes response = HttpResponseBytes.Of(await service.ExchangeAsync(request.Bytes));
            string? detail = response.Status == 400 ? JsonSerializer.Deserialize<JsonElement>(response.Body).GetProperty("detail").GetString() : null;
            BrokenPromiseException.ThrowIf(
                detail is null || !detail.Contains($"'{name}'", StringComparison.Ordinal), $"{method} {changed} was answered with {response.Status} {response.Text}");
        }
        BrokenPromiseException.ThrowIf(before != await service.StateHashAsync(), "every request was refused, and the state is another");
    }

    private static HttpRequestBytes RequestOf(string method, string target, byte[] body)
    {
        string type = target.Contains("/restore", StringComparison.Ordinal) ? "application/octet-stream" : "application/json";
        return HttpRequestBytes.Of([.. Encoding.Latin1.GetBytes($"{method} {target}\nContent-Type: {type}\n\n"), .. body]);
    }

    private static async Task<string?> ErrorOfAsync(ValoriEngine engine, string line)
    {
        using MemoryStream output = new();
        await ExecCommand.RunAsync(new ExecCollections(Sandbox.Actors, engine), engine.Name, new MemoryStream(Encoding.UTF8.GetBytes(line)), output, CancellationToken.None);
        return JsonSerializer.Deserialize<JsonElement>(output.ToArray()).TryGetProperty("error", out JsonElement error) ? error.GetString() : null;
    }

    private static JsonElement? ParsedObject(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(json) is { ValueKind: JsonValueKind.Object } parsed && parsed.EnumerateObject().All(field => field.Name is not null) ? parsed : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The same for the same input, so that a find can be made again.</summary>
    private static Random RandomOf(string input) => new((int)(input.Aggregate(2_166_136_261u, (hash, letter) => unchecked((hash ^ letter) * 16_777_619)) & int.MaxValue));

    private static async Task<ValoriEngine> EngineAsync()
    {
        if (s_system != Sandbox.Actors || s_inputs % InputsPerEngine == 0)
            (s_engine, s_system) = (await Sandbox.NewEngineAsync(string.Create(CultureInfo.InvariantCulture, $"fields-{s_inputs / InputsPerEngine}")), Sandbox.Actors);
        s_inputs++;
        return s_engine!;
    }
}
