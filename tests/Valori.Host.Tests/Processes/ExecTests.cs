using System.Text.Json;
using Microsoft.Data.Sqlite;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>The dialect over standard input and output of a real process.</summary>
public sealed class ExecTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "vectors"), "script-*.jsonl").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Every_answer_to_a_golden_script_is_the_reference_s(string file)
    {
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "vectors", file));
        Assert.True(lines.Length > 50, $"{file} has only {lines.Length} lines");
        JsonElement[] script = [.. lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        string dimension = file[(file.IndexOf("dim", StringComparison.Ordinal) + 3)..^".jsonl".Length];

        Finished finished = await ValoriProcess.RunWithInputAsync(
            string.Concat(script.Select(line => line.GetProperty("command").GetRawText() + "\n")),
            "exec", "--data", _directory.Path, "--dimension", dimension);

        int refused = script.Count(line => line.GetProperty("answer").TryGetProperty("error", out _));
        Assert.Equal((refused > 0 ? 1 : 0, script.Length), (finished.ExitCode, finished.Lines.Length));
        if (refused > 0) Assert.StartsWith($"valori: {refused} of {script.Length} lines were answered with an error, line ", finished.Error);
        for (int i = 0; i < script.Length; i++)
        {
            JsonElement expected = script[i].GetProperty("answer"), actual = JsonSerializer.Deserialize<JsonElement>(finished.Lines[i]);
            Assert.True(Agrees(expected, actual), $"{file}:{i + 1}: {script[i].GetProperty("command")}\nexpected {expected}\ngot      {actual}");
        }
    }

    [Fact]
    public async Task Vectors_near_zero_are_stored_or_refused_as_by_the_reference_program()
    {
        // 2^-17 is the last that rounds to zero. A number that no float64 can tell from zero is not zero all the same.
        string[] vectors =
        [
            "1e-50,0", "-0.0,0", "0,0e-400", "7.62939453125e-06,0", "7.63e-06,0", "0,-7.62939453125e-06", "0,1e-320", "0,0",
            "0,1e-400", "-1E-400,0", $"0,0.{new string('0', 400)}1", "1e-99999999999,0",
        ];
        Finished finished = await ValoriProcess.RunWithInputAsync(
            string.Concat(vectors.Select(vector => $$"""{"op":"insert","vector":[{{vector}}]}""" + "\n")) + """{"op":"get_state_hash"}""", "exec", "--data", _directory.Path, "--dimension", "2");
        Assert.Equal([false, true, true, false, true, false, false, true, false, false, false, false], finished.Lines[..^1].Select(line => line.StartsWith("{\"id\":", StringComparison.Ordinal)));
        Assert.All(finished.Lines[..^1].Where(line => !line.Contains("\"id\"", StringComparison.Ordinal)), line => Assert.StartsWith("{\"error\":\"the vector is not zero, but all of its components round to zero", line));
        Assert.Equal("""{"state_hash":"1a48f6f15bacf84e1d3fc5b6f33eeb5f53e909a3c8e60e8bb390c81e421e7a77"}""", finished.Lines[^1]);
    }

    [Fact]
    public async Task A_number_too_small_for_a_float32_is_no_direction_to_cosine()
    {
        Finished finished = await ValoriProcess.RunWithInputAsync("""
            {"op":"insert","vector":[1e-46,1e-45,0]}
            {"op":"insert_batch","vectors":[[1e-400,-2,0]]}
            {"op":"search","vector":[1e-46,1e-45,0],"k":2}
            {"op":"insert","vector":[1e-46,0,0]}
            {"op":"insert_batch","vectors":[[1,0,0],[0,0,-1e-400]]}
            {"op":"search","vector":[0,1e-46,0],"k":1}
            {"op":"search_batch","vectors":[[1,0,0],[0,0,1e-46]],"k":1}
            """, "exec", "--data", _directory.Path, "--dimension", "3", "--metric", "cosine");
        JsonElement[] answers = [.. finished.Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        Assert.Equal([1, -1], answers[2].GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("similarity").GetDouble()));
        Assert.Equal(["", "vectors[1]: ", "", "vectors[1]: "], answers[3..].Select(answer => Before(answer.GetProperty("error").GetString()!)));

        static string Before(string error) => error[..error.IndexOf("the vector is not zero, but all of its components round to zero", StringComparison.Ordinal)];
    }

    [Fact]
    public async Task Each_answer_comes_before_the_next_line_is_read_and_a_bad_line_ends_nothing()
    {
        await using ValoriProcess process = ValoriProcess.Start("exec", "--data", _directory.Path, "--dimension", "2");
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt(await process.AnswerAsync("""{"op":"insert","vector":[1,2]}""")));
        string hash = await process.AnswerAsync("""{"op":"get_state_hash"}""");
        foreach ((string line, string error) in new[]
        {
            ("not json", "not a JSON object: 'not json' is an invalid JSON literal"),
            ("{\"op\":\"insert\",\"vector\":[1,2]", "not a JSON object"),
            ("[1]", "expected a JSON object, got an array"),
            ("{}", "field 'op' is missing"),
            ("""{"op":5}""", "field 'op' must be a string, got 5"),
            ("""{"op":"\ud800"}""", "field 'op' must be a string"),
            ("""{"op":"nope"}""", "unknown op 'nope'; known are list_collections, "),
            ("""{"op":"getrecord"}""", "unknown op 'getrecord': did you mean 'get_record'; known are list_collections, "),
            ("""{"op":"insert"}""", "field 'vector' is missing"),
            ("""{"op":"insert","vector":[1]}""", "expected 2 components, got 1"),
            ("""{"op":"insert","vector":[1,1e39]}""", "vector[1] is 1e39, out of the range of float32"),
            ("""{"op":"insert","vector":[1e-6,-0.0]}""", "the vector is not zero, but all of its components round to zero: the largest, component 0, is 1E-06"),
            ("""{"op":"insert","vector":[0,-1e-300]}""", "the vector is not zero"),
            ("""{"op":"insert_batch","vectors":[[0,0],[1e-6,0]]}""", "vector 1: the vector is not zero"),
            ("""{"op":"search","vector":[1e-6,0],"k":1}""", "the vector is not zero"),
            ("""{"op":"search_batch","vectors":[[1,2],[1e-6,0]],"k":1}""", "vector 1: the vector is not zero"),
            ("""{"op":"insert_batch","vectors":[[1,2],[3]]}""", "vector 1: expected 2 components, got 1"),
            ("""{"op":"search","vector":[1,2],"k":0}""", "k is 0"),
            ("""{"op":"soft_delete","record_id":7}""", "record 7 does not exist"),
            ("""{"op":"set_metadata","record_id":0,"metadata":"%"}""", "field 'metadata' must be base64 text, got \"%\""),
            ("""{"op":"restore","path":"/no/such/file"}""", "/no/such/file"),
            ("""{"op":"restore","path":""}""", "field 'path' is not a path"),
            ("""{"op":"restore","path":"\u0000"}""", "field 'path' is not a path"),
        })
        {
            string answer = await process.AnswerAsync(line);
            Assert.Contains(error, JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("error").GetString());
        }
        Assert.Equal(hash, await process.AnswerAsync("""{"op":"get_state_hash"}"""));
        process.EndInput();
        Finished finished = await process.EndAsync();
        Assert.Equal((1, "valori: 23 of 26 lines were answered with an error, line 3 of the input first\n"), (finished.ExitCode, finished.Error));
    }

    [Fact]
    public async Task Save_and_restore_go_back_and_what_was_restored_survives_a_restart_without_the_file()
    {
        string path, hash;
        await using (ValoriProcess process = ValoriProcess.Start("exec", "--data", _directory.Path, "--dimension", "2"))
        {
            await process.AnswerAsync("""{"op":"insert","vector":[1,2],"tag":3}""");
            hash = await process.AnswerAsync("""{"op":"get_state_hash"}""");
            path = JsonSerializer.Deserialize<JsonElement>(await process.AnswerAsync("""{"op":"save"}""")).GetProperty("path").GetString()!;
            Assert.True(File.Exists(path), path);
            await process.AnswerAsync("""{"op":"insert","vector":[9,9]}""");
            Assert.Equal("{}", Receipts.WithoutReceipt(await process.AnswerAsync($$"""{"op":"restore","path":{{JsonSerializer.Serialize(path)}}}""")));
            Assert.Equal(hash, await process.AnswerAsync("""{"op":"get_state_hash"}"""));
            process.Kill();
        }
        File.Delete(path);
        Finished again = await ValoriProcess.RunWithInputAsync("{\"op\":\"get_state_hash\"}\n", "exec", "--data", _directory.Path);
        Assert.Equal(hash, Assert.Single(again.Lines));
    }

    [Fact]
    public async Task The_same_request_id_again_gives_the_same_answer_and_changes_nothing_also_in_another_process()
    {
        string[] lines =
        [
            """{"op":"insert","vector":[1,2],"request_id":"a"}""",
            """{"op":"insert_batch","vectors":[[3,4],[5,6]],"request_id":"b"}""",
            """{"op":"set_metadata","record_id":0,"metadata":"aGVsbG8=","request_id":"c"}""",
            """{"op":"create_node","kind":2,"request_id":"d"}""",
            """{"op":"create_edge","from_id":0,"to_id":0,"kind":1,"request_id":"e"}""",
            """{"op":"delete_edge","edge_id":0,"request_id":"f"}""",
            """{"op":"delete_node","node_id":0,"request_id":"g"}""",
            """{"op":"soft_delete","record_id":1,"request_id":"h"}""",
        ];
        string once = string.Concat(lines.Append("""{"op":"get_state_hash"}""").Select(line => line + "\n"));
        Finished first = await ValoriProcess.RunWithInputAsync(once + once, "exec", "--data", _directory.Path, "--dimension", "2");
        string[] answers = first.Lines[..(lines.Length + 1)];
        Assert.DoesNotContain("error", first.Output);
        Assert.Equal(answers, first.Lines[(lines.Length + 1)..]);
        Finished second = await ValoriProcess.RunWithInputAsync(once, "exec", "--data", _directory.Path);
        Assert.Equal(answers, second.Lines);

        Finished refused = await ValoriProcess.RunWithInputAsync(
            "{\"op\":\"insert\",\"vector\":[1,2],\"request_id\":\"two words\"}\n{\"op\":\"get_state_hash\"}\n", "exec", "--data", _directory.Path);
        Assert.Contains("'two words'", JsonSerializer.Deserialize<JsonElement>(refused.Lines[0]).GetProperty("error").GetString());
        Assert.Equal(answers[^1], refused.Lines[1]);
    }

    [Fact]
    public async Task A_second_process_on_the_directory_is_refused_with_the_owner_s_process_id()
    {
        await using ValoriProcess owner = ValoriProcess.Start("exec", "--data", _directory.Path, "--dimension", "2");
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt(await owner.AnswerAsync("""{"op":"insert","vector":[1,2]}""")));
        foreach (string[] verb in new[] { ["info"], ["exec"], new[] { "serve", "--urls", "http://127.0.0.1:0" } })
        {
            Finished second = await ValoriProcess.RunAsync([.. verb, "--data", _directory.Path]);
            Assert.Equal((1, ""), (second.ExitCode, second.Output));
            Assert.Equal($"valori: {_directory.Path} is in use by process {owner.Id}: only one process may open it at a time. Stop that process, or use its HTTP address\n", second.Error);
        }
        Assert.Equal("""{"count":1}""", await owner.AnswerAsync("""{"op":"record_count"}"""));
    }

    [Fact]
    public async Task A_collection_that_is_not_there_is_created_only_with_a_dimension()
    {
        string data = _directory.File("data");
        const string count = "{\"op\":\"record_count\"}\n", advice = "; --dimension N creates 'notse' for vectors of N components\n";
        Finished none = await ValoriProcess.RunWithInputAsync(count, "exec", "--data", data, "--collection", "notse");
        Assert.Equal((1, "", $"valori: the directory {data} does not exist{advice}"), (none.ExitCode, none.Output, none.Error));
        Assert.False(Directory.Exists(data));

        foreach (string name in new[] { "notes", "other" }) await ExecScript.RunAsync(data, name, 2, ExecScript.Insert(1, 2));
        Finished misspelt = await ValoriProcess.RunWithInputAsync(count, "exec", "--data", data, "--collection", "notse");
        Assert.Equal((1, "", $"valori: {data} has no collection 'notse': its collections are notes, other{advice}"), (misspelt.ExitCode, misspelt.Output, misspelt.Error));
        Finished verified = await ValoriProcess.RunAsync("verify", "--data", data);
        Assert.Equal("verified: notes, other", verified.Lines[^1]);
        Assert.Equal("""{"count":1}""", (await ValoriProcess.RunWithInputAsync(count, "exec", "--data", data, "--collection", "notes")).Lines[0]);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_proven_is_refused_with_its_place()
    {
        await ValoriProcess.RunWithInputAsync("{\"op\":\"insert\",\"vector\":[1,2]}\n", "exec", "--data", _directory.Path, "--dimension", "2");
        string journal = _directory.File("journal.db");
        byte[] bytes = await File.ReadAllBytesAsync(journal);
        Array.Fill(bytes, (byte)'x', 0, 100);
        await File.WriteAllBytesAsync(journal, bytes);
        Finished finished = await ValoriProcess.RunWithInputAsync("{\"op\":\"record_count\"}\n", "exec", "--data", _directory.Path);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.Contains($"the journal in {_directory.Path} cannot be opened", finished.Error);
    }

    [Trait("Category", "Slow")]
    [Fact]
    public async Task The_failure_of_another_collection_is_an_answer_and_ends_nothing()
    {
        foreach (string name in new[] { "notes", "damaged" }) await ExecScript.RunAsync(_directory.Path, name, 2, ExecScript.Insert(1, 2));
        using (SqliteConnection connection = new($"Data Source={Path.Combine(_directory.Path, "journal.db")};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE journal SET message = x'010203' WHERE persistence_id = 'valori-damaged' AND sequence_number = 1";
            Assert.Equal(1, command.ExecuteNonQuery());
        }
        foreach (string snapshot in Directory.GetFiles(_directory.Path, "valori-damaged-*", SearchOption.AllDirectories)) File.Delete(snapshot);
        // More than may fail in succession if they were about the collection itself.
        string[] lines = [.. Enumerable.Repeat("""{"op":"create_collection","name":"damaged","dimension":2}""", 11), """{"op":"record_count"}"""];
        Finished finished = await ValoriProcess.RunWithInputAsync(string.Concat(lines.Select(line => line + "\n")), "exec", "--data", _directory.Path, "--collection", "notes");
        Assert.Equal((1, lines.Length), (finished.ExitCode, finished.Lines.Length));
        Assert.All(finished.Lines[..^1], line => Assert.StartsWith("{\"error\":", line));
        Assert.DoesNotContain("error", finished.Lines[^1]);

        Finished own = await ValoriProcess.RunWithInputAsync("""
            {"op":"create_collection","name":"damaged","dimension":2}
            {"op":"list_collections"}
            """, "exec", "--data", _directory.Path, "--collection", "damaged");
        Assert.Equal((1, ""), (own.ExitCode, own.Output));
    }

    /// <summary>Whether every field of the expected answer is in the actual one; an error's text is free.</summary>
    private static bool Agrees(JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != actual.ValueKind) return false;
        return expected.ValueKind switch
        {
            JsonValueKind.Object => expected.EnumerateObject().All(field =>
                actual.TryGetProperty(field.Name, out JsonElement value) && (field.Name == "error" || Agrees(field.Value, value)))
                && expected.TryGetProperty("error", out _) == actual.TryGetProperty("error", out _),
            JsonValueKind.Array => expected.GetArrayLength() == actual.GetArrayLength() && expected.EnumerateArray().Zip(actual.EnumerateArray(), Agrees).All(agrees => agrees),
            JsonValueKind.Number => expected.GetRawText() == actual.GetRawText(),
            JsonValueKind.String => expected.GetString() == actual.GetString(),
            _ => true,
        };
    }
}
