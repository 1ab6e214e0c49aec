using System.Globalization;
using System.Text.RegularExpressions;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori recall</c>: builds a graph, and says what it finds.</summary>
[Trait("Category", "Slow")]
public sealed partial class RecallVerbTests : IDisposable
{
    private const int Dimension = 8;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Recall_and_rates_of_each_beam_are_told_and_a_wider_beam_finds_more()
    {
        string config = _directory.File("small.conf");
        File.WriteAllText(config, $"valori {{ data-directory = \"{_directory.File("data").Replace('\\', '/')}\", index.min-records = 500 }}");
        await ImportAsync(3_000);
        TestVectors queries = Rows(30, 2);
        string file = queries.WriteFvecs(_directory.File("queries.fvecs"));
        foreach (string[] more in new[] { Array.Empty<string>(), ["--queries", file] })
        {
            Finished finished = await ValoriProcess.RunAsync(["recall", "--config", config, "--sample", "30", "--beam", "1", "--beam", "200", .. more]);
            Assert.True(finished.ExitCode == 0, $"{finished}");
            Assert.StartsWith("graph of 3,000 records, digest ", finished.Lines[0]);
            Assert.Matches("^30 queries one after another; exact: [0-9,]+ queries/s$", finished.Lines[1]);
            double narrow = RecallOf(finished.Lines[2], "   1"), wide = RecallOf(finished.Lines[3], " 200");
            Assert.True(wide >= 0.95 && wide >= narrow, $"{finished}");
        }
    }

    [Fact]
    public async Task Few_records_have_no_graph_which_is_said()
    {
        await ImportAsync(20);
        Finished finished = await ValoriProcess.RunAsync("recall", "--data", _directory.File("data"));
        Assert.Equal((0, ""), (finished.ExitCode, finished.Output));
        Assert.Contains("there is no proximity graph, so every search is exact: the collection has fewer than 10000 records (valori.index.min-records)", finished.Error);
    }

    [Theory]
    [InlineData("--beam is '0'; it must be a whole number from 1 to 4096", "--beam", "0")]
    [InlineData("--beam is 'wide'; it must be a whole number from 1 to 4096", "--beam", "16", "--beam", "wide")]
    [InlineData("--sample is '0'; it must be a whole number from 1 to 100000", "--sample", "0")]
    [InlineData("--k is '4097'; it must be a whole number from 1 to 4096", "--k", "4097")]
    public async Task A_number_that_cannot_be_is_refused(string error, params string[] more)
    {
        Finished finished = await ValoriProcess.RunAsync(["recall", "--data", _directory.Path, .. more]);
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains(error, finished.Error);
    }

    private async Task ImportAsync(int rows)
    {
        Finished finished = await ValoriProcess.RunAsync("import", "--data", _directory.File("data"), Rows(rows, 1).WriteFvecs(_directory.File("rows.fvecs")));
        Assert.True(finished.ExitCode == 0, $"{finished}");
    }

    private static TestVectors Rows(int count, int seed)
    {
        Random random = new(seed);
        return new TestVectors(Dimension, [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, Dimension).Select(_ => random.NextSingle()).ToArray())]);
    }

    private static double RecallOf(string line, string beam)
    {
        Match match = Line().Match(line);
        Assert.True(match.Success && match.Groups["beam"].Value == beam, line);
        return double.Parse(match.Groups["recall"].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^beam (?<beam> *[0-9]+): recall@10 (?<recall>[01]\.[0-9]{4}) \([01]\.[0-9]{4} to [01]\.[0-9]{4}\), [0-9,]+ queries/s")]
    private static partial Regex Line();
}
