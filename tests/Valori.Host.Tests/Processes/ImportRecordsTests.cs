using Valori.Host.Files;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori import</c> of lines with keys, fields, metadata and expiry.</summary>
[Trait("Category", "Slow")]
public sealed class ImportRecordsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Lines_have_what_a_record_over_HTTP_has_and_lead_to_the_same_state()
    {
        string path = await LinesAsync(
            """{"vector":[1,2],"tag":7,"key":"a","fields":{"user":"ada","at":{"hour":7}},"metadata":"AA==","expires_at":"2030-01-01T00:00:00Z"}""",
            "[3,4]", """{"fields":{"n":1.0},"vector":[5,6]}""");
        string imported = await ImportAsync("a", path);
        Assert.Equal(imported, await ImportAsync("b", path, "--batch", "1"));
        string[] answers = await ExecAsync("a", """{"op":"get_by_key","key":"a"}""", """{"op":"get_record","record_id":1}""", """{"op":"get_record","record_id":2}""");
        Assert.Equal(
        [
            """{"id":0,"tag":7,"vector":[1,2],"metadata":"AA==","key":"a","fields":{"at":{"hour":7},"user":"ada"},"expires_at":"2030-01-01T00:00:00.000000Z"}""",
            """{"id":1,"tag":0,"vector":[3,4],"metadata":null}""",
            """{"id":2,"tag":0,"vector":[5,6],"metadata":null,"fields":{"n":1.0}}""",
        ], answers);
    }

    [Theory]
    [InlineData("""{"vector":[1,2],"key":""}""", "the key is empty")]
    [InlineData("""{"vector":[1,2],"key":"x","key":"x"}""", "field 'key' appears more than once")]
    [InlineData("""{"vector":[1,2],"kye":"x"}""", "unknown field 'kye': did you mean 'key'")]
    [InlineData("""{"vector":[1,2],"fields":{"a":null}}""", "null")]
    [InlineData("""{"vector":[1,2],"fields":[1]}""", "field 'fields' must be a JSON object")]
    [InlineData("""{"vector":[1,2],"metadata":"?"}""", "field 'metadata' must be base64 text")]
    [InlineData("""{"vector":[1,2],"metadata":"65537 bytes"}""", "metadata is 65537 bytes; the limit is 65536")]
    [InlineData("""{"vector":[1,2],"expires_at":"tomorrow"}""", "field 'expires_at' must be a time")]
    public async Task What_is_wrong_with_a_line_is_refused_with_its_number(string line, string message)
    {
        string path = await LinesAsync("""{"vector":[1,2],"key":"a"}""", "", line.Replace("65537 bytes", Convert.ToBase64String(new byte[65_537]), StringComparison.Ordinal));
        using VectorFile file = VectorFile.Open(path);
        VectorFileException refused = Assert.Throws<VectorFileException>(() => file.ReadBatch(10));
        Assert.StartsWith($"{path}: line 3: ", refused.Message);
        Assert.Contains(message, refused.Message);
    }

    [Theory]
    [InlineData("1", """{"vector":[1,2],"key":"a"}""", "the key 'a' is already used by the record with id 0: use --upsert to replace it")]
    [InlineData("10", """{"vector":[1,2],"key":"a"}""", "the key 'a' is already used by the record with id 0: use --upsert to replace it")]
    [InlineData("10", """{"vector":[1,40000],"key":"b"}""", "component 1 is 40000, outside Q16.16")]
    public async Task What_the_engine_refuses_is_named_by_its_line(string batch, string line, string message)
    {
        string path = await LinesAsync("""{"vector":[1,2],"key":"a"}""", "", line);
        Finished finished = await RunAsync("a", path, "--batch", batch);
        Assert.Equal(1, finished.ExitCode);
        Assert.Contains($"valori: {path}: line 3: {message}", finished.Error);
    }

    [Fact]
    public async Task Upserts_replace_by_key_and_the_last_line_with_a_key_stays_whatever_the_batch()
    {
        string first = await LinesAsync("""{"vector":[1,2],"key":"a"}""", """{"vector":[3,4],"key":"b"}""");
        string second = await LinesAsync("""{"vector":[5,6],"key":"b"}""", """{"vector":[7,8],"key":"c"}""", """{"vector":[9,1],"key":"b"}""");
        string[] hashes = new string[2];
        foreach ((int i, string batch) in new[] { (0, "1"), (1, "10") })
        {
            await ImportAsync(batch, first, "--upsert", "--batch", batch);
            hashes[i] = await ImportAsync(batch, second, "--upsert", "--batch", batch);
            Assert.Equal(
                ["""{"id":4,"tag":0,"vector":[9,1],"metadata":null,"key":"b"}""", """{"count":3}"""],
                await ExecAsync(batch, """{"op":"get_by_key","key":"b"}""", """{"op":"record_count"}"""));
        }
        Assert.Equal(hashes[0], hashes[1]);
    }

    [Fact]
    public async Task An_upsert_of_a_row_without_a_key_is_refused_with_its_place_and_leaves_no_directory()
    {
        string lines = await LinesAsync("""{"vector":[1,2],"key":"a"}""", """{"vector":[3,4]}"""), fvecs = TestVectors.Random(1, 3, 2).WriteFvecs(_directory.File("v.fvecs"));
        foreach ((string path, string place) in new[] { (lines, "line 2"), (fvecs, "row 0") })
        {
            Finished finished = await RunAsync("a", path, "--upsert");
            Assert.Equal(1, finished.ExitCode);
            Assert.StartsWith($"valori: {path}: {place}: the vector has no key, and --upsert needs one", finished.Error);
            Assert.False(Directory.Exists(_directory.File("a")));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_resumed_import_leaves_what_an_uninterrupted_one_leaves(bool upsert)
    {
        string[] more = upsert ? ["--upsert"] : [];
        string other = await LinesAsync([.. Enumerable.Range(0, 30).Select(i => Line(i, i, $"{(upsert ? "k" : "o")}{i}"))]);
        // With upserts, keys come again: some of the rows before the interruption are replaced before it, others after it.
        string[] lines = [.. Enumerable.Range(0, 60).Select(i => Line(i, i + 100, $"k{(upsert ? i % 25 : i)}"))];
        string whole = await LinesAsync(lines);
        await ImportAsync("whole", other, more);
        string expected = await ImportAsync("whole", whole, more);
        foreach (int part in new[] { 1, 40, 60 })
        {
            string data = $"part{part}";
            await ImportAsync(data, other, more);
            await ImportAsync(data, await LinesAsync(lines[..part]), more);
            Finished resumed = await RunAsync(data, whole, [.. more, "--resume"]);
            Assert.Contains($"resuming after {part} rows", resumed.Error);
            Assert.Equal(expected, StateHash(resumed));
        }

        static string Line(int i, int x, string key) =>
            $$"""{"vector":[{{x}},1],"tag":{{i % 3}},"key":"{{key}}","fields":{"n":{{x}}},"metadata":"{{Convert.ToBase64String([(byte)x])}}"}""";
    }

    [Theory]
    [InlineData("""{"vector":[1,2],"key":"b"}""")]
    [InlineData("""{"vector":[1,2],"key":"a","fields":{"n":2}}""")]
    [InlineData("""{"vector":[1,2],"key":"a","fields":{"n":1},"metadata":"AQ=="}""")]
    [InlineData("""{"vector":[1,2],"key":"a","fields":{"n":1},"expires_at":"2030-01-01T00:00:00Z"}""")]
    public async Task A_row_that_differs_in_anything_is_not_taken_for_one_that_is_there(string line)
    {
        await ImportAsync("a", await LinesAsync("""{"vector":[1,2],"key":"a","fields":{"n":1},"metadata":"AA=="}"""));
        Finished resumed = await RunAsync("a", await LinesAsync(line), "--upsert", "--resume");
        Assert.Contains("the collection does not end with the first rows of the file", resumed.Error);
        Assert.Contains("imported 1 vectors", resumed.Output);
    }

    [Fact]
    public async Task Rows_with_large_fields_fit_the_limit_of_a_batch_without_an_option()
    {
        string text = new('x', 60_000), path = await LinesAsync([.. Enumerable.Range(0, 40).Select(i => $$"""{"vector":[{{i}},1],"fields":{"t":"{{text}}"} }""")]);
        string config = _directory.File("small.conf");
        await File.WriteAllTextAsync(config, "valori.max-batch-bytes = 500000");
        await ImportAsync("a", path, "--config", config);
        Finished refused = await RunAsync("b", path, "--config", config, "--batch", "40");
        Assert.Contains("and the limit is 500000 (valori.max-batch-bytes): choose a smaller --batch", refused.Error);
    }

    private async Task<string> LinesAsync(params string[] lines)
    {
        string path = _directory.File($"{Guid.NewGuid():N}.jsonl");
        await File.WriteAllLinesAsync(path, lines);
        return path;
    }

    private Task<Finished> RunAsync(string data, string file, params string[] more) =>
        ValoriVerb.RunAsync(["import", "--data", _directory.File(data), file, .. more]);

    private async Task<string> ImportAsync(string data, string file, params string[] more) => StateHash(await RunAsync(data, file, more));

    private async Task<string[]> ExecAsync(string data, params string[] lines)
    {
        Finished finished = await ValoriVerb.RunWithInputAsync(string.Join('\n', lines), "exec", "--data", _directory.File(data));
        Assert.True(finished.ExitCode == 0, finished.ToString());
        return finished.Lines;
    }

    private static string StateHash(Finished finished)
    {
        Assert.True(finished.ExitCode == 0, finished.ToString());
        Assert.Matches("^state hash [0-9a-f]{64}$", finished.Lines[^1]);
        return finished.Lines[^1];
    }
}
