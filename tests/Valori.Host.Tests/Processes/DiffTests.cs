using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori diff</c>: equal, and each way to differ.</summary>
[Trait("Category", "Slow")]
public sealed class DiffTests : IAsyncLifetime
{
    private static readonly string[] Common =
    [
        """{"op":"insert_batch","vectors":[[1,2],[3,4],[5,6],[7,8],[9,10]]}""",
        """{"op":"set_metadata","record_id":2,"metadata":"AA=="}""",
        """{"op":"create_node","kind":1,"record_id":0}""",
    ];

    private readonly TemporaryDirectory _directory = new();

    private string A => _directory.File("a");

    private string B => _directory.File("b");

    public async Task InitializeAsync()
    {
        await ExecScript.RunAsync(A, Common);
        await ExecScript.RunAsync(B, Common);
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Equal_content_is_equal_whatever_its_history()
    {
        await ExecScript.RunAsync(B, """{"op":"set_metadata","record_id":2,"metadata":"AQ=="}""", """{"op":"set_metadata","record_id":2,"metadata":"AA=="}""");
        Finished diff = await DiffAsync();
        Assert.Equal((0, ""), (diff.ExitCode, diff.Error));
        Assert.StartsWith($"{A}: event 4 of 2", diff.Lines[0]);
        Assert.StartsWith($"{B}: event 6 of 2", diff.Lines[1]);
        Assert.Equal("equal", diff.Lines[2]);
        Assert.Equal(0, (await DiffAsync("--json")).ExitCode);
    }

    [Fact]
    public async Task Each_difference_is_a_line_and_no_more_than_the_limit()
    {
        await ExecScript.RunAsync(A, """{"op":"soft_delete","record_id":4}""", ExecScript.Insert(1, 1));
        await ExecScript.RunAsync(B, """{"op":"set_metadata","record_id":2,"metadata":"AQ=="}""", """{"op":"create_node","kind":2}""", """{"op":"create_edge","from_id":0,"to_id":1,"kind":1}""");
        Finished diff = await DiffAsync();
        Assert.Equal((1, ""), (diff.ExitCode, diff.Error));
        Assert.Equal(
            ["record 2 differs", "record 4 differs", $"record 5 only in {A}", $"node 1 only in {B}", $"edge 0 only in {B}"],
            diff.Lines[2..^1]);
        Assert.Matches("^5 differences; [0-9]+ digests read$", diff.Lines[^1]);

        Finished limited = await DiffAsync("--limit", "2");
        Assert.Equal((1, 5), (limited.ExitCode, limited.Lines.Length));
        Assert.StartsWith("2 differences and more (--limit); ", limited.Lines[^1]);

        Finished json = await DiffAsync("--json");
        Assert.Equal(1, json.ExitCode);
        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(Assert.Single(json.Lines));
        Assert.True(answer.GetProperty("is_complete").GetBoolean());
        Assert.Equal("""{"kind":"record","id":5,"how":"only_in_this"}""", answer.GetProperty("differences")[2].GetRawText());
    }

    [Fact]
    public async Task What_cannot_be_compared_is_refused()
    {
        string c = _directory.File("c"), link = _directory.File("link");
        await ExecScript.RunAsync(c, "default", 3, ExecScript.Insert(1, 2, 3));
        await FailsAsync(1, $"the collections cannot be compared: dimension 2 in {A}, 3 in {c}", "--data", A, "--data", c);
        await FailsAsync(1, $"both --data are {A}: there is nothing to compare", "--data", A, "--data", A + "/");
        Directory.CreateSymbolicLink(link, A);
        await FailsAsync(1, "both --data are ", "--data", A, "--data", link);
        await FailsAsync(2, "--data names one directory; give it twice", "--data", A);
        await FailsAsync(2, "--data names 3 directories; give it twice", "--data", A, "--data", B, "--data", c);
        await FailsAsync(2, "--limit is '0'; it must be a whole number", "--data", A, "--data", B, "--limit", "0");
        await FailsAsync(1, $"the directory {_directory.File("none")} does not exist", "--data", A, "--data", _directory.File("none"));
        Assert.Equal(0, (await DiffAsync()).ExitCode);
    }

    private static async Task FailsAsync(int exitCode, string error, params string[] arguments)
    {
        Finished finished = await ValoriVerb.RunAsync(["diff", .. arguments]);
        Assert.Equal((exitCode, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {error}", finished.Error);
    }

    private Task<Finished> DiffAsync(params string[] more) => ValoriVerb.RunAsync(["diff", "--data", A, "--data", B, .. more]);
}
