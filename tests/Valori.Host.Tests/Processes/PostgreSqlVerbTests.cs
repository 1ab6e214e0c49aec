using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>The verbs with <c>--config</c>: a journal in PostgreSQL. Those that only read do it beside its service.</summary>
[Trait("Category", "Slow")]
public sealed class PostgreSqlVerbTests : IAsyncLifetime
{
    private const string InTable = "valori.snapshot-store-plugin-id = \"valori.sql-snapshot-store\"\n";

    private readonly TemporaryDirectory _directory = new();
    private readonly List<PostgreSqlDatabase> _databases = [];
    private RunningService? _service;

    private string Config => _directory.File("service.conf");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        foreach (PostgreSqlDatabase database in _databases) database.Dispose();
        _directory.Dispose();
    }

    [SkippableFact]
    public async Task A_journal_is_verified_beside_its_service_with_snapshots_in_the_table_and_a_bad_row_is_named()
    {
        (PostgreSqlDatabase database, JsonElement receipt) = await StartAsync(InTable);
        Finished verified = await ValoriVerb.RunAsync("verify", "--config", Config, "--expect", receipt.GetRawText());
        Assert.True(verified.ExitCode == 0, verified.ToString());
        Assert.Contains($"state hash       {receipt.GetProperty("state_hash")}", verified.Lines);
        Assert.Contains("snapshots        1 verified", verified.Lines);
        Assert.Equal("verified: notes", verified.Lines[^1]);

        database.Execute("UPDATE journal SET message = '\\x00' WHERE sequence_number = 2");
        Finished bad = await ValoriVerb.RunAsync("verify", "--config", Config);
        Assert.Equal((1, "not what was written: notes"), (bad.ExitCode, bad.Lines[^1]));
        Assert.Contains(bad.Lines, line => line.StartsWith("BAD              public.journal in PostgreSQL ", StringComparison.Ordinal) && line.Contains(" at 2: expected ", StringComparison.Ordinal));
        Finished info = await ValoriVerb.RunAsync("info", "--config", Config, "--collection", "notes");
        Assert.Equal(1, info.ExitCode);
        Assert.Contains(" at 2: expected ", info.Error);
    }

    [SkippableFact]
    public async Task Snapshot_files_are_verified_in_the_directory_that_is_named_beside_the_configuration()
    {
        (_, JsonElement receipt) = await StartAsync("");
        Finished verified = await ValoriVerb.RunAsync("verify", "--config", Config, "--data", _directory.File("data"), "--expect", receipt.GetRawText());
        Assert.True(verified.ExitCode == 0, verified.ToString());
        Assert.Contains("snapshots        1 verified", verified.Lines);
        Finished without = await ValoriVerb.RunAsync("verify", "--config", Config);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("valori.data-directory is empty", without.Error);
    }

    [SkippableFact]
    public async Task Log_and_info_say_what_the_service_says()
    {
        (_, JsonElement receipt) = await StartAsync(InTable);
        Finished log = await ValoriVerb.RunAsync("log", "--config", Config, "--collection", "notes");
        Assert.True(log.ExitCode == 0, log.ToString());
        Assert.Equal(5, log.Lines.Length);
        Assert.EndsWith("collection created", log.Lines[0]);
        Assert.EndsWith("record 0 deleted", log.Lines[^1]);
        Finished last = await ValoriVerb.RunAsync("log", "--config", Config, "--collection", "notes", "--last", "2");
        Assert.Equal(log.Lines[^2..], last.Lines);
        Finished none = await ValoriVerb.RunAsync("log", "--config", Config, "--collection", "other");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("has no collection 'other'", none.Error);

        Finished info = await ValoriVerb.RunAsync("info", "--config", Config, "--collection", "notes", "--json");
        Assert.True(info.ExitCode == 0, info.ToString());
        JsonElement found = JsonSerializer.Deserialize<JsonElement>(info.Output), served = await _service!.DoneAsync(HttpMethod.Get, "/v1/collections/notes");
        foreach (JsonProperty property in served.EnumerateObject()) Assert.Equal(property.Value.ToString(), found.GetProperty(property.Name).ToString());
        Assert.Equal(receipt.GetProperty("state_hash").GetString(), found.GetProperty("state_hash").GetString());
        Assert.True(found.GetProperty("journal_bytes").GetInt64() > 0 && found.GetProperty("snapshot_bytes").GetInt64() > 0);
        Assert.Equal(1, found.GetProperty("snapshots").GetArrayLength());
    }

    [SkippableFact]
    public async Task Two_journals_are_compared_whatever_they_are_in()
    {
        await StartAsync(InTable);
        string data = _directory.File("sqlite"), first = Config;
        await ExecScript.RunAsync(data, "notes", 2, ExecScript.Insert(1, 2), ExecScript.Insert(3, 4), ExecScript.Insert(5, 6));
        Finished different = await ValoriVerb.RunAsync("diff", "--config", first, "--data", data, "--collection", "notes");
        Assert.Equal((1, ""), (different.ExitCode, different.Error));
        Assert.Contains("record 0 differs", different.Lines);
        Assert.Contains(different.Lines, line => line.StartsWith("1 difference; ", StringComparison.Ordinal));
        await ExecScript.RunAsync(data, "notes", 2, """{"op":"soft_delete","record_id":0}""");
        Finished equal = await ValoriVerb.RunAsync("diff", "--data", data, "--config", first, "--collection", "notes");
        Assert.True(equal.ExitCode == 0 && equal.Lines[^1] == "equal", equal.ToString());
        Finished same = await ValoriVerb.RunAsync("diff", "--config", first, "--config", first, "--collection", "notes");
        Assert.Contains("there is nothing to compare", same.Error);
    }

    [SkippableTheory]
    [InlineData(InTable)]
    [InlineData("valori.data-directory = \"{0}\"\n")]
    public async Task Search_reads_beside_the_service_and_exec_and_import_write_once_it_has_stopped(string more)
    {
        (PostgreSqlDatabase database, _) = await StartAsync(more.Replace("{0}", _directory.File("data"), StringComparison.Ordinal));
        string vectors = _directory.File("v.jsonl");
        await File.WriteAllTextAsync(vectors, """{"vector":[3,4]}""" + "\n" + """{"vector":[9,9],"tag":5}""" + "\n");
        string[] notes = ["--config", Config, "--collection", "notes"];
        Finished found = await ValoriVerb.RunAsync(["search", .. notes, "--queries", vectors, "--k", "1"]);
        Assert.Equal((0, """{"query":0,"hits":[{"id":1,"score":0,"distance":0}]}"""), (found.ExitCode, found.Lines[0]));
        Finished unknown = await ValoriVerb.RunAsync("search", "--config", Config, "--queries", vectors);
        Assert.Equal(1, unknown.ExitCode);
        Assert.EndsWith(" has no collection 'default': its collections are notes\n", unknown.Error);

        foreach (string[] verb in new[] { ["exec"], new[] { "import", vectors } })
        {
            Finished refused = await ValoriVerb.RunAsync([.. verb, .. notes]);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Matches($" is in use by (\"Valori lock of )?process {_service!.Process.Id}( on |:)", refused.Error);
        }
        _service!.Process.Terminate();
        Assert.Equal(0, (await _service.Process.EndAsync()).ExitCode);

        Finished executed = await ValoriVerb.RunWithInputAsync("""{"op":"insert","vector":[7,8],"tag":7}""" + "\n", ["exec", .. notes]);
        Assert.True(executed.ExitCode == 0, executed.ToString());
        Assert.Equal("""{"id":3}""", Receipts.WithoutReceipt(executed.Lines[0]));
        Finished misspelt = await ValoriVerb.RunAsync("exec", "--config", Config, "--collection", "notse");
        Assert.Equal(1, misspelt.ExitCode);
        Assert.EndsWith(" has no collection 'notse': its collections are notes; --dimension N creates 'notse' for vectors of N components\n", misspelt.Error);
        Finished imported = await ValoriVerb.RunAsync(["import", .. notes, vectors]);
        Assert.True(imported.ExitCode == 0, imported.ToString());
        Finished other = await ValoriVerb.RunAsync("import", "--config", Config, "--collection", "other", vectors);
        Assert.StartsWith("created collection 'other' for vectors of 2 components in ", other.Lines[0]);
        Assert.Equal("valori-notes:7 valori-other:2", database.Scalar(
            "SELECT string_agg(persistence_id || ':' || last, ' ' ORDER BY persistence_id) FROM (SELECT persistence_id, max(sequence_number) AS last FROM journal GROUP BY persistence_id) AS ends"));
    }

    [Fact]
    public async Task A_command_line_without_a_place_and_a_configuration_of_another_journal_are_refused()
    {
        foreach (string verb in new[] { "verify", "log", "info", "exec", "search --queries q.fvecs", "import v.fvecs" })
        {
            Finished neither = await ValoriVerb.RunAsync(verb.Split(' '));
            Assert.Equal(2, neither.ExitCode);
            Assert.Contains("one of --data and --config is required", neither.Error);
        }
        await File.WriteAllTextAsync(Config, "valori.journal-plugin-id = \"akka.persistence.journal.inmem\"\nvalori.data-directory = \"somewhere\"");
        Finished other = await ValoriVerb.RunAsync("verify", "--config", Config);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("neither journal.db in the data directory nor in PostgreSQL", other.Error);
        Finished missing = await ValoriVerb.RunAsync("verify", "--config", _directory.File("none.conf"));
        Assert.Contains("none.conf cannot be read", missing.Error);
    }

    [SkippableFact]
    public async Task A_second_service_on_the_same_database_is_refused_in_one_line()
    {
        await StartAsync(InTable);
        Finished second = await ValoriVerb.RunAsync("serve", "--data", _directory.File("second"), "--urls", "http://127.0.0.1:0", "--config", Config);
        Assert.Equal(1, second.ExitCode);
        Assert.StartsWith("valori: the journal (public.journal in PostgreSQL ", second.Error);
        Assert.Contains($"is in use by \"Valori lock of process {_service!.Process.Id} on ", second.Error);
        Assert.Single(second.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A service with a collection of three records, of which the first was deleted behind a snapshot; the last receipt.</summary>
    private async Task<(PostgreSqlDatabase Database, JsonElement Receipt)> StartAsync(string more)
    {
        PostgreSqlDatabase database = new();
        _databases.Add(database);
        await File.WriteAllTextAsync(Config, HoconFile.Text("postgresql.conf") + $"\nvalori.journal.connection-string = \"{database.ConnectionString}\"\n{more}");
        _service = await RunningService.StartAsync(_directory.File("data"), "--config", Config);
        const string notes = "/v1/collections/notes";
        await _service.DoneAsync(HttpMethod.Put, notes, """{"dimension":2}""");
        foreach (string vector in new[] { "[1,2]", "[3,4]", "[5,6]" }) await _service.DoneAsync(HttpMethod.Post, $"{notes}/records", $$"""{"vector":{{vector}},"tag":7}""");
        await _service.DoneAsync(HttpMethod.Post, $"{notes}/save");
        JsonElement deleted = await _service.DoneAsync(HttpMethod.Delete, $"{notes}/records/0");
        return (database, deleted.GetProperty("receipt"));
    }
}
