using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>A damaged journal is told once: the place, what was found and what to do, without a stack trace.</summary>
public sealed partial class DamagedJournalLogTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private string _vectors = "";

    private string Data => _directory.File("data");

    public async Task InitializeAsync()
    {
        _vectors = new TestVectors(2, [[1, 2], [3, 4]]).WriteFvecs(_directory.File("v.fvecs"));
        Finished imported = await ValoriProcess.RunAsync("import", "--data", Data, "--batch", "1", _vectors);
        Assert.True(imported.ExitCode == 0, imported.ToString());
        JournalRows.FlipBit(Data, "valori-default", 3, 5);
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("info")]
    [InlineData("log")]
    [InlineData("exec")]
    [InlineData("import", "FILE")]
    [InlineData("search", "--queries", "FILE")]
    public async Task Each_verb_says_it_in_one_line(params string[] verb)
    {
        Finished finished = await ValoriProcess.RunAsync([verb[0], "--data", Data, .. verb[1..].Select(word => word == "FILE" ? _vectors : word)]);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        AssertTells(Assert.Single(finished.Error.TrimEnd('\n').Split('\n')));
        Assert.StartsWith("valori: ", finished.Error);
    }

    [Fact]
    public async Task The_service_logs_it_once_and_goes_on()
    {
        await using ValoriProcess process = ValoriProcess.Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0");
        string serving = await process.LineWithAsync("serving ");
        AssertTells(await process.LineWithAsync("journal of valori-default at 3"));
        using HttpClient client = new() { BaseAddress = new Uri(serving[serving.IndexOf("http://", StringComparison.Ordinal)..]) };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        process.Terminate();
        Finished finished = await process.EndAsync();
        Assert.Single(finished.Lines, line => line.Contains("at 3", StringComparison.Ordinal) || line.Contains("[3]", StringComparison.Ordinal));
        Assert.DoesNotMatch(BuildPath(), finished.Output + finished.Error);
    }

    private void AssertTells(string line)
    {
        Assert.Matches("refuses to serve a state that it cannot prove: journal of valori-default at 3: expected .*, found ", line);
        Assert.EndsWith(
            string.Create(CultureInfo.InvariantCulture, $". Nothing was changed. 'valori verify --data {Data}' lists what is damaged; restore a backup beside it and keep the damaged data"), line);
        Assert.DoesNotMatch(BuildPath(), line);
    }

    [GeneratedRegex("\\.cs:line|   at |Exception")]
    private static partial Regex BuildPath();
}
