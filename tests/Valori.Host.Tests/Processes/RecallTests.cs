using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori search --truth</c>: only ties in the source's own distances count.</summary>
[Trait("Category", "Slow")]
public sealed class RecallTests : IDisposable
{
    private const float Unit = 1 / 65536f;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Ties_that_rounding_made_do_not_count()
    {
        // All of them become 100 units. The nearest to 100.4 is row 3, and the search finds the tie with the smallest id.
        TestVectors source = Rows([100, 0], [100.1f, 0], [100.2f, 0], [100.4f, 0]), queries = Rows([100.4f, 0]);
        string file = await ImportAsync(source);
        string truth = source.WriteNearest(_directory.File("t.ivecs"), queries, k: 1);
        Finished alone = await SearchAsync(queries, "--k", "1", "--truth", truth);
        Assert.Equal("recall@1 0.000000 (0 of 1)", alone.Lines[0]);
        Assert.Contains("valori: hits that tie with the last true one are not counted; add --base FILE, the file that was imported, to count them\n", alone.Error);
        Finished withSource = await SearchAsync(queries, "--k", "1", "--truth", truth, "--base", file);
        Assert.Equal("recall@1 0.000000 (0 of 1)", withSource.Lines[0]);
        Assert.DoesNotContain("--base", withSource.Error);
    }

    [Fact]
    public async Task Ties_of_the_source_count_if_the_source_is_given()
    {
        // Rows 0, 1 and 3 are equally far from the query; the truth names rows 3 and 1, the search finds 0 and 1.
        TestVectors source = Rows([1000, 0], [0, 1000], [5000, 0], [-1000, 0]), queries = Rows([0, 0]);
        string file = await ImportAsync(source);
        string truth = WriteTruth([3, 1]);
        Assert.Equal("recall@2 0.500000 (1 of 2)", (await SearchAsync(queries, "--k", "2", "--truth", truth)).Lines[0]);
        Assert.Equal("recall@2 1.000000 (2 of 2, 1 of them as far as the last true one)",
            (await SearchAsync(queries, "--k", "2", "--truth", truth, "--base", file)).Lines[0]);
    }

    [Fact]
    public async Task A_hit_nearer_than_the_last_true_one_is_not_a_tie()
    {
        TestVectors source = Rows([1000, 0], [0, 2000], [5000, 0]), queries = Rows([0, 0]);
        string file = await ImportAsync(source);
        Assert.Equal("recall@1 0.000000 (0 of 1)", (await SearchAsync(queries, "--k", "1", "--truth", WriteTruth([1]), "--base", file)).Lines[0]);
    }

    [Fact]
    public async Task Files_that_do_not_belong_together_are_refused()
    {
        TestVectors source = Rows([1000, 0], [0, 2000], [5000, 0]), queries = Rows([0, 0], [1, 0]);
        await ImportAsync(source);
        string shorter = source.Take(1).WriteFvecs(_directory.File("short.fvecs")), other = new TestVectors(1, [[1]]).WriteFvecs(_directory.File("other.fvecs"));
        string one = WriteTruth([1]), two = WriteTruth([1], [0]), beyond = WriteTruth([7], [0]);
        await FailsAsync($"{one} has 1 rows, none for query 1: is it the ground truth of these queries?", queries, "--truth", one);
        await FailsAsync($"{shorter} has 1 rows, but the ground truth names id 1 for query 0: it is not the file that the collection was imported from", queries, "--truth", two, "--base", shorter);
        await FailsAsync($"{shorter} has 1 rows, but the ground truth names id 7 for query 0", queries, "--truth", beyond, "--base", shorter);
        await FailsAsync($"{other} has 1 components a row, the queries have 2: is it the file that was imported?", queries, "--truth", two, "--base", other);
        await FailsAsync($"{shorter} has 1 rows, but the search found id 1 for query 0", Rows([0, 1999], [1, 0]), "--truth", WriteTruth([0], [0]), "--base", shorter);
    }

    [Fact]
    public async Task A_query_that_is_refused_is_named_with_its_file_and_row()
    {
        await ImportAsync(Rows([1000, 0]));
        TestVectors queries = Rows([1, 0], [0, 0], [0, 0.25f]);
        Finished finished = await SearchAsync(queries, "--k", "1");
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {_directory.File("q.fvecs")}: row 2: the vector is not zero, but all of its components round to zero", finished.Error);
        Finished wrong = await SearchAsync(new TestVectors(3, [[1, 2, 3]]), "--k", "1");
        Assert.Equal((1, $"valori: {_directory.File("q.fvecs")}: row 0: expected 2 components, got 3\n"), (wrong.ExitCode, wrong.Error));
    }

    [Fact]
    public async Task Queries_that_lose_precision_are_counted()
    {
        await ImportAsync(Rows([1000, 0]));
        Finished finished = await SearchAsync(Rows([1.25f, 0], [0, 1]), "--k", "1", "--truth", WriteTruth([0], [0]));
        Assert.Equal("recall@1 1.000000 (2 of 2)", finished.Lines[0]);
        Assert.StartsWith($"valori: warning: {_directory.File("q.fvecs")}: 1 of 2 vectors lost more than 0.1% of their length to rounding, up to 20.0%; ", finished.Error);
    }

    /// <summary>Vectors in raw units.</summary>
    private static TestVectors Rows(params float[][] rows) => new(2, [.. rows.Select(row => Array.ConvertAll(row, x => x * Unit))]);

    private string WriteTruth(params int[][] rows)
    {
        string path = _directory.File($"truth-{Guid.NewGuid():N}.ivecs");
        File.WriteAllBytes(path, [.. rows.SelectMany(row => row.Prepend(row.Length)).SelectMany(BitConverter.GetBytes)]);
        return path;
    }

    private async Task<string> ImportAsync(TestVectors source)
    {
        string path = source.WriteFvecs(_directory.File("base.fvecs"));
        Finished imported = await ValoriVerb.RunAsync("import", "--data", _directory.File("data"), path);
        Assert.True(imported.ExitCode == 0, imported.ToString());
        return path;
    }

    private Task<Finished> SearchAsync(TestVectors queries, params string[] more) =>
        ValoriVerb.RunAsync(["search", "--data", _directory.File("data"), "--queries", queries.WriteFvecs(_directory.File("q.fvecs")), .. more]);

    private async Task FailsAsync(string message, TestVectors queries, params string[] more)
    {
        Finished finished = await SearchAsync(queries, ["--k", "1", .. more]);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {message}", finished.Error);
    }
}
