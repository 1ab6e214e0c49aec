using System.Text.Json;

namespace Valori.Host.Tests.Support;

/// <summary>Fills a data directory, and asks it, with <c>valori exec</c>.</summary>
internal static class ExecScript
{
    /// <summary>One answer a command; none may be an error.</summary>
    public static async Task<JsonElement[]> RunAsync(string data, string collection, int dimension, params string[] commands)
    {
        Finished finished = await ValoriVerb.RunWithInputAsync(
            string.Concat(commands.Select(command => command + "\n")),
            "exec", "--data", data, "--collection", collection, "--dimension", $"{dimension}");
        Assert.True(finished.ExitCode == 0 && !finished.Output.Contains("\"error\"", StringComparison.Ordinal), finished.ToString());
        return [.. finished.Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    public static Task<JsonElement[]> RunAsync(string data, params string[] commands) => RunAsync(data, "default", 2, commands);

    public static string Insert(params float[] vector) => $$"""{"op":"insert","vector":{{JsonSerializer.Serialize(vector)}},"tag":7}""";
}
