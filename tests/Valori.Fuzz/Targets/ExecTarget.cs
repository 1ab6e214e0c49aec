using System.Text;
using System.Text.Json;
using Akka.Actor;
using Valori.Fuzz.Corpus;
using Valori.Host.Commands;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Lines of <c>valori exec</c> (docs/formats.md, section 9), against one engine: each line that is not blank gets one line, a JSON
/// object, and one with <c>error</c> alone where it is refused. Declared: nothing; the stream goes on.
/// </summary>
internal static class ExecTarget
{
    // So many inputs to an engine: what it holds makes each answer longer.
    private const int InputsPerEngine = 20_000;

    private static ValoriEngine? s_engine;
    private static ActorSystem? s_system;
    private static int s_inputs;

    // Constant: what an engine's storage grows by at a time, and a snapshot's writer and reader. Factor: a number of two characters
    // is read, kept and written to the journal; an answer may hold all that the engine does.
    public static readonly FuzzTarget Target = new(
        "exec", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Text, new AllocationBound(Allocating.WholeProcess, 80 << 20, 2_000), Rounds: 1_200);

    public static void Attack(ReadOnlySpan<byte> input)
    {
        byte[] lines = Resolved(input.ToArray());
        AttackAsync(lines).GetAwaiter().GetResult();
    }

    /// <summary>The operations of those lines that are answered with no error, each line on an engine of its own.</summary>
    public static async Task<string[]> CarriedOutAsync(IEnumerable<string> lines)
    {
        List<string> carriedOut = [];
        foreach (string line in lines)
        {
            ValoriEngine engine = await Sandbox.NewEngineAsync($"line-{Guid.NewGuid():N}");
            if (!(await AnswersAsync(engine, Encoding.UTF8.GetBytes(Resolved(line)))).Contains("\"error\"", StringComparison.Ordinal))
                carriedOut.Add(JsonSerializer.Deserialize<JsonElement>(line).GetProperty("op").GetString()!);
        }
        return [.. carriedOut];
    }

    private static async Task<string> AnswersAsync(ValoriEngine engine, byte[] lines)
    {
        using MemoryStream output = new();
        await ExecCommand.RunAsync(new ExecCollections(Sandbox.Actors, engine), engine.Name, new MemoryStream(lines), output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static async Task AttackAsync(byte[] lines)
    {
        ValoriEngine engine = await EngineAsync();
        Digest before = await engine.GetStateHashAsync();
        string text = await AnswersAsync(engine, lines);
        int expected = CountLines(lines), answers = 0, errors = 0;
        foreach (string line in text.Split('\n')[..^1])
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            BrokenPromiseException.ThrowIf(answer.RootElement.ValueKind != JsonValueKind.Object, $"answered with no object: {line}");
            answers++;
            if (answer.RootElement.TryGetProperty("error", out JsonElement error) && error.GetString()!.Length > 0) errors++;
        }
        BrokenPromiseException.ThrowIf(answers != expected, $"{expected} lines got {answers} answers");
        if (errors < answers) Verdict.Accepted();
        else BrokenPromiseException.ThrowIf(engine.IsGone || before != await engine.GetStateHashAsync(), "every line was refused, and the state is another");
    }

    /// <summary>As the command counts them: the same reader, the same blank lines.</summary>
    private static int CountLines(byte[] lines)
    {
        using StreamReader reader = new(new MemoryStream(lines));
        int count = 0;
        while (reader.ReadLine() is { } line) count += string.IsNullOrWhiteSpace(line) ? 0 : 1;
        return count;
    }

    public static string Resolved(string line) => Encoding.UTF8.GetString(Resolved(Encoding.UTF8.GetBytes(line)));

    private static byte[] Resolved(byte[] input)
    {
        int at = input.AsSpan().IndexOf(Encoding.ASCII.GetBytes(SampleRequests.SnapshotPath));
        return at < 0 ? input : [.. input.AsSpan(0, at), .. Encoding.UTF8.GetBytes(Sandbox.SnapshotFile()), .. input.AsSpan(at + SampleRequests.SnapshotPath.Length)];
    }

    private static async Task<ValoriEngine> EngineAsync()
    {
        // A line may have dropped it.
        if (s_system != Sandbox.Actors || s_inputs % InputsPerEngine == 0 || s_engine is { IsGone: true })
            (s_engine, s_system) = (await Sandbox.NewEngineAsync($"exec-{s_inputs}"), Sandbox.Actors);
        s_inputs++;
        return s_engine!;
    }

    private static List<byte[]> Corpus()
    {
        string[] lines =
        [
            .. SampleRequests.Lines(), """{"op":"insert_batch","vectors":[]}""", """{"op":"search_batch","vectors":[[0,0,0],[1,1,1]],"k":2,"filter_tag":0}""",
            """{"op":"get_metadata","record_id":1,"as_of":"2026-11-25T13:00:00Z"}""", """{"op":"create_node","kind":3,"record_id":1,"request_id":"r-2"}""",
            $$"""{"op":"search","vector":[0,0,0],"k":1,"filter":"id in ({{string.Join(',', Enumerable.Range(0, Limits.MaximumFilterTerms))}})","tag":7}""",
            """{"op":"get_state_hash","as_of":"7d2b80e0a2ea71d5b890acd674aa30f1f188fcc97a44e2f9cf96b2fc2074da68"}""",
        ];
        return [.. lines.Select(Encoding.UTF8.GetBytes), Encoding.UTF8.GetBytes(string.Join('\n', lines[..6]) + "\n\n" + lines[6])];
    }
}
