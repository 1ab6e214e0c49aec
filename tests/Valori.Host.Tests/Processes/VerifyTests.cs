using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori verify</c>: the verdict, the exit code, and what it leaves alone.</summary>
[Trait("Category", "Slow")]
public sealed class VerifyTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private JsonElement[] _answers = [];

    private string Data => _directory.File("data");

    private string Journal => Path.Combine(Data, "journal.db");

    private JsonElement Last => _answers[^1].GetProperty("receipt");

    public async Task InitializeAsync() => _answers = await ExecScript.RunAsync(
        Data, ExecScript.Insert(1, 2), ExecScript.Insert(3, 4), """{"op":"soft_delete","record_id":0}""", """{"op":"save"}""", """{"op":"create_node","kind":9}""");

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_proven_is_told_with_its_place_and_no_file_is_changed()
    {
        Dictionary<string, string> before = Files();
        Finished verified = await VerifyAsync();
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        Assert.Equal(
            [
                "collection       default",
                "proven up to     5",
                $"time             {Last.GetProperty("time")}",
                $"state hash       {Last.GetProperty("state_hash")}",
                $"history chain    {Last.GetProperty("chain")}",
                $"history root     {Last.GetProperty("history_root")}",
                "events           5 replayed",
                "records          1 (1 deleted)",
                "nodes            1",
                "edges            0",
                "snapshots        1 verified",
                "verified: default",
            ],
            verified.Lines);
        JsonElement json = await JsonAsync(0);
        Assert.True(json.GetProperty("is_good").GetBoolean());
        JsonElement collection = Assert.Single(json.GetProperty("collections").EnumerateArray());
        Assert.Equal(Last.GetProperty("history_root").GetString(), collection.GetProperty("place").GetProperty("history_root").GetString());
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task It_works_while_another_process_has_the_directory()
    {
        await using ValoriProcess exec = ValoriProcess.Start("exec", "--data", Data);
        JsonElement inserted = JsonSerializer.Deserialize<JsonElement>(await exec.AnswerAsync(ExecScript.Insert(5, 6)));
        Finished verified = await VerifyAsync("--expect", inserted.GetRawText());
        Assert.True(verified.ExitCode == 0, verified.ToString());
        Assert.Contains("proven up to     6", verified.Lines);
        await exec.AnswerAsync(ExecScript.Insert(7, 8));
        exec.EndInput();
        Assert.Equal(0, (await exec.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_bad_event_and_a_bad_snapshot_are_named_with_exit_code_1()
    {
        string snapshot = Assert.Single(Directory.GetFiles(Path.Combine(Data, "snapshots")));
        byte[] bytes = await File.ReadAllBytesAsync(snapshot);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(snapshot, bytes);
        Finished badSnapshot = await VerifyAsync();
        Assert.Equal((1, ""), (badSnapshot.ExitCode, badSnapshot.Error));
        Assert.Contains("proven up to     5", badSnapshot.Lines);
        Assert.Contains(badSnapshot.Lines, line => line.StartsWith($"BAD              {snapshot} at 4: expected body digest ", StringComparison.Ordinal));
        Assert.Equal("not what was written: default", badSnapshot.Lines[^1]);

        Execute("UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 2) WHERE sequence_number = 3");
        JsonElement bad = (await JsonAsync(1)).GetProperty("collections")[0];
        Assert.False(bad.GetProperty("is_good").GetBoolean());
        Assert.Equal(2, bad.GetProperty("place").GetProperty("sequence_nr").GetInt32());
        JsonElement place = bad.GetProperty("bad_places")[0];
        Assert.Equal((Journal, 3), (place.GetProperty("file").GetString(), place.GetProperty("sequence_nr").GetInt32()));
        Assert.Equal("an event that can follow the one before it", place.GetProperty("expected").GetString());
    }

    [Fact]
    public async Task A_receipt_is_expected_as_text_as_a_file_and_inside_an_answer()
    {
        string file = _directory.File("receipt.json");
        foreach (JsonElement answer in _answers.Where(answer => answer.TryGetProperty("receipt", out _)))
        {
            Assert.Equal(0, (await VerifyAsync("--expect", answer.GetProperty("receipt").GetRawText())).ExitCode);
            await File.WriteAllTextAsync(file, answer.GetRawText());
            Assert.Equal(0, (await VerifyAsync("--expect", file)).ExitCode);
        }
        await File.WriteAllTextAsync(file, (await ValoriVerb.RunAsync("info", "--data", Data, "--json")).Output);
        Assert.Equal(0, (await VerifyAsync("--expect", file)).ExitCode);

        foreach ((string field, string what, string value) in new[]
        {
            ("time", "time", "2026-01-01T00:00:00Z"),
            ("state_hash", "state hash", new string('a', 64)),
            ("chain", "history chain", new string('b', 64)),
            ("history_root", "history root", new string('c', 64)),
        })
        {
            JsonObject wrong = JsonNode.Parse(Last.GetRawText())!.AsObject();
            wrong[field] = value;
            Finished found = await VerifyAsync("--expect", wrong.ToJsonString());
            Assert.Equal(1, found.ExitCode);
            Assert.Contains($"BAD              {Journal} at 5: expected {what} {value}", found.Output.Replace("2026-01-01T00:00:00.000000Z", value, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_journal_that_lost_its_end_is_found_by_its_mark_or_with_a_receipt_and_not_without_both()
    {
        Execute("DELETE FROM journal WHERE sequence_number = 5");
        Finished marked = await VerifyAsync();
        Assert.Equal(1, marked.ExitCode);
        Assert.Contains($"BAD              {Journal} at 5: expected events up to 5, which the end mark says were durable at ", marked.Output);
        Directory.Delete(Path.Combine(Data, "ends"), recursive: true);
        Assert.Equal(0, (await VerifyAsync()).ExitCode);
        Finished found = await VerifyAsync("--expect", Last.GetRawText());
        Assert.Equal(1, found.ExitCode);
        Assert.Contains($"BAD              {Journal} at 5: expected event 5 of the receipt, found a journal that ends at 4: it was truncated", found.Output);

        Execute("DELETE FROM journal WHERE sequence_number = 4");
        Finished behind = await VerifyAsync();
        Assert.Equal(1, behind.ExitCode);
        Assert.Contains("at 4: expected a sequence number up to 3, where the journal ends, found 4", behind.Output);

        Execute("DELETE FROM journal");
        Finished gone = await VerifyAsync();
        Assert.Equal((1, "not what was written: files of no collection"), (gone.ExitCode, gone.Lines[^1]));
        Finished none = await VerifyAsync("--expect", Last.GetRawText());
        Assert.Equal((1, $"valori: {Data} has no collection: its journal has none\n"), (none.ExitCode, none.Error));
    }

    [Fact]
    public async Task Wrong_usage_and_what_cannot_be_read_say_what_to_do()
    {
        await ExecScript.RunAsync(Data, "notes", 3, ExecScript.Insert(1, 2, 3));
        Finished both = await VerifyAsync();
        Assert.Equal((0, "verified: default, notes"), (both.ExitCode, both.Lines[^1]));
        Finished one = await VerifyAsync("--collection", "notes");
        Assert.Equal((0, "verified: notes"), (one.ExitCode, one.Lines[^1]));
        Assert.Equal(0, (await VerifyAsync("--expect", Last.GetRawText(), "--collection", "default")).ExitCode);

        await FailsAsync(2, $"--expect is a receipt of one collection, but {Data} has 2: choose with --collection one of default, notes", "--expect", Last.GetRawText());
        await FailsAsync(1, $"{Data} has no collection 'gone': its collections are default, notes", "--collection", "gone");
        await FailsAsync(1, "--expect is not a receipt: field 'time' is missing", "--expect", """{"sequence_nr":1}""");
        await FailsAsync(1, "--expect is not a receipt: field 'chain' must be 64 hex digits, got \"x\"", "--expect", """{"sequence_nr":1,"time":"2026-01-01T00:00:00Z","state_hash":"%","chain":"x"}""".Replace("%", new string('0', 64), StringComparison.Ordinal));
        await FailsAsync(1, "--expect is not a receipt: not a JSON object", "--expect", "{");
        await FailsAsync(1, "--expect is 'nowhere': neither a JSON object nor an existing file", "--expect", "nowhere");
        File.Delete(Journal);
        await FailsAsync(1, $"{Data} holds no Valori data (no journal.db)");
    }

    private async Task FailsAsync(int exitCode, string error, params string[] more)
    {
        Finished finished = await VerifyAsync(more);
        Assert.Equal((exitCode, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {error}", finished.Error);
    }

    private Task<Finished> VerifyAsync(params string[] more) => ValoriVerb.RunAsync(["verify", "--data", Data, .. more]);

    private async Task<JsonElement> JsonAsync(int exitCode)
    {
        Finished finished = await VerifyAsync("--json");
        Assert.Equal((exitCode, ""), (finished.ExitCode, finished.Error));
        return JsonSerializer.Deserialize<JsonElement>(Assert.Single(finished.Lines));
    }

    private Dictionary<string, string> Files() => Directory.GetFiles(Data, "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith("-shm", StringComparison.Ordinal) && !path.EndsWith("-wal", StringComparison.Ordinal))
        .ToDictionary(path => path, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Journal};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }
}
