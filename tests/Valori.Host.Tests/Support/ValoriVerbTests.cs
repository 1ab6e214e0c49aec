namespace Valori.Host.Tests.Support;

/// <summary>What tests see of a verb in their own process is what its executable says.</summary>
[Trait("Category", "Slow")]
public sealed class ValoriVerbTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Data => _directory.File("data");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_executable_says_the_same_with_the_same_exit_code()
    {
        string vectors = _directory.File("v.jsonl");
        await File.WriteAllTextAsync(vectors, """{"vector":[1,2],"tag":7}""" + "\n");
        await ExecScript.RunAsync(Data, ExecScript.Insert(1, 2), ExecScript.Insert(3, 4));
        (string Input, string[] Arguments)[] runs =
        [
            ("", ["info", "--data", Data]),
            ("", ["log", "--data", Data, "--json"]),
            ("", ["verify", "--data", Data, "--json"]),
            ("", ["search", "--data", Data, "--queries", vectors, "--k", "2"]),
            ("", ["search", "--data", Data, "--collection", "nots", "--queries", vectors]),
            ("", ["search", "--data", Data, "--query", vectors]),
            ("", ["diff", "--data", Data, "--data", Data]),
            ("no\n", ["drop", "--data", Data, "--collection", "default"]),
            ("{\"op\":\"record_count\"}\n{\"op\":\"record_cont\"}\n", ["exec", "--data", Data]),
        ];
        foreach ((string input, string[] arguments) in runs)
        {
            Finished here = await ValoriVerb.RunWithInputAsync(input, arguments), there = await ValoriProcess.RunWithInputAsync(input, arguments);
            Assert.Equal(WithoutTimes(there), WithoutTimes(here));
        }
    }

    /// <summary>A search of queries ends with how long they took.</summary>
    private static Finished WithoutTimes(Finished finished) =>
        finished with { Output = string.Join('\n', finished.Lines.Where(line => !line.StartsWith("latency of ", StringComparison.Ordinal))) };
}
