using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>A service is not ready while its journal cannot be written, or is not the one that its collections come from.</summary>
[Trait("Category", "Slow")]
public sealed class JournalHealthTests : IAsyncLifetime
{
    // Health answers within ten seconds whatever the journal does; then there is what the machine takes.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private PostgreSqlDatabase? _database;
    private ValoriService? _service;

    private ValoriService Service => _service!;

    private string Journal => Path.Combine(Service.DirectoryPath, "journal.db");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        _database?.Dispose();
    }

    [Fact]
    public async Task An_acknowledged_event_that_is_gone_from_the_file_is_named()
    {
        await StartAsync(null);
        Execute("DELETE FROM journal WHERE sequence_number = 3");
        Assert.Contains("event 3 of 'notes', which was acknowledged, is not in the journal", await ReasonAsync());
    }

    [Fact]
    public async Task An_acknowledged_event_that_is_another_one_in_the_file_is_named()
    {
        await StartAsync(null);
        Execute("UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 2) WHERE sequence_number = 3");
        Assert.Contains("event 3 of 'notes', which was acknowledged, is different in the journal", await ReasonAsync());
    }

    [Fact]
    public async Task An_event_in_the_file_that_this_process_did_not_write_is_named()
    {
        await StartAsync(null);
        Execute("INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid) "
            + "SELECT created, deleted, persistence_id, 4, message, tags, manifest, identifier, writer_uuid FROM journal WHERE sequence_number = 3");
        Assert.Contains("notes: the journal has events up to 4, but this process has only those up to 3", await ReasonAsync());
    }

    /// <summary>As <c>cp</c> does with an older copy: the file is the same one, and SQLite has pages of it in memory.</summary>
    [Fact]
    public async Task Bytes_that_are_written_over_in_place_are_told()
    {
        await StartAsync(null);
        Run("PRAGMA wal_checkpoint(TRUNCATE)");
        byte[] old = await File.ReadAllBytesAsync(Journal);
        await Service.DoneAsync(HttpMethod.Post, "/v1/collections/notes/records", """{"vector":[3,4]}""");
        await ReadyAsync();
        Run("PRAGMA wal_checkpoint(TRUNCATE)");
        await using (FileStream file = new(Journal, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) await file.WriteAsync(old);
        Assert.Contains("event 4 of 'notes', which was acknowledged, is not in the journal", await ReasonAsync());
    }

    [Fact]
    public async Task A_trigger_in_the_file_is_told_and_without_it_the_service_is_ready()
    {
        await StartAsync(null);
        Run("CREATE TRIGGER loses BEFORE INSERT ON journal BEGIN SELECT raise(ignore); END");
        Assert.Contains("the trigger loses, which is not Valori's", await ReasonAsync());
        Run("DROP TRIGGER loses");
        await ReadyAsync();
    }

    [SkippableTheory]
    [InlineData("deleted")]
    [InlineData("replaced by a copy")]
    public async Task A_file_that_is_not_the_one_that_is_open_is_named_and_one_that_is_there_is_ready(string how)
    {
        Skip.If(OperatingSystem.IsWindows(), "a file that is open cannot be moved there");
        await StartAsync(null);
        Assert.Equal("""{"status":"ready","scrub":null}""", (await Service.GetAsync("/health/ready")).Text);
        string aside = Path.Combine(Service.DirectoryPath, "aside.db");
        File.Move(Journal, aside);
        if (how != "deleted") File.Copy(aside, Journal);
        Assert.Contains($"the file at {Journal} is not the one that this process has open", await ReasonAsync());
        File.Move(aside, Journal, overwrite: true);
        await ReadyAsync();
    }

    [SkippableFact]
    public async Task A_database_that_is_renamed_is_told_and_one_that_is_back_is_ready()
    {
        await StartAsync(_database = new PostgreSqlDatabase());
        Assert.Equal("""{"status":"ready","scrub":null}""", (await Service.GetAsync("/health/ready")).Text);
        Rename(_database.Name, $"{_database.Name}_away");
        Assert.Contains("the journal (public.journal in PostgreSQL ", await ReasonAsync("does not exist"));
        Rename($"{_database.Name}_away", _database.Name);
        await ReadyAsync();
    }

    [SkippableFact]
    public async Task A_database_that_became_read_only_is_told()
    {
        await StartAsync(_database = new PostgreSqlDatabase());
        _database.OnServer($"ALTER DATABASE \"{_database.Name}\" SET default_transaction_read_only = on");
        Assert.Contains("is read-only for Valori's user", await ReasonAsync());
        _database.OnServer($"ALTER DATABASE \"{_database.Name}\" RESET default_transaction_read_only");
        await ReadyAsync();
    }

    [SkippableFact]
    public async Task A_database_that_was_replaced_by_an_empty_one_is_told()
    {
        await StartAsync(_database = new PostgreSqlDatabase());
        Rename(_database.Name, $"{_database.Name}_away");
        try
        {
            _database.OnServer($"CREATE DATABASE {_database.Name}");
            await ReasonAsync("public.journal in PostgreSQL", "is gone: the database was replaced, or the table dropped");
        }
        finally
        {
            _database.OnServer($"DROP DATABASE {_database.Name}_away WITH (FORCE)");
        }
    }

    [SkippableTheory]
    [InlineData("DELETE FROM journal WHERE sequence_number = 3", "event 3 of 'notes', which was acknowledged, is not in the journal")]
    [InlineData("UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 2) WHERE sequence_number = 3", "is different in the journal")]
    [InlineData("UPDATE journal SET identifier = 1 WHERE sequence_number = 3", "is different in the journal")]
    [InlineData("INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid) SELECT created, deleted, persistence_id, 4, message, tags, manifest, identifier, writer_uuid FROM journal WHERE sequence_number = 3", "the journal has events up to 4, but this process has only those up to 3")]
    public async Task A_journal_in_the_database_that_is_not_what_was_acknowledged_is_told(string change, string why)
    {
        await StartAsync(_database = new PostgreSqlDatabase());
        _database.Execute(change);
        Assert.Contains(why, await ReasonAsync());
    }

    [SkippableFact]
    public async Task A_table_that_loses_inserts_is_told()
    {
        await StartAsync(_database = new PostgreSqlDatabase());
        _database.Run("CREATE RULE nothing AS ON INSERT TO journal DO INSTEAD NOTHING");
        Assert.Contains("has rules (nothing)", await ReasonAsync());
        _database.Run("DROP RULE nothing ON journal");
        await ReadyAsync();
        _database.Run("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER nothing BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION nothing()");
        Assert.Contains("has triggers on inserts (nothing)", await ReasonAsync());
        _database.Run("DROP TRIGGER nothing ON journal");
        await ReadyAsync();
        _database.Run("ALTER TABLE journal RENAME TO elsewhere");
        Assert.Contains("is gone", await ReasonAsync());
    }

    /// <summary>A health check on a database writes to no table.</summary>
    [SkippableFact]
    public async Task Asking_for_health_changes_no_row()
    {
        await StartAsync(_database = new PostgreSqlDatabase());
        const string tables = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables";
        object? before = _database.Scalar("SELECT count(*) || ' ' || max(ordering) FROM journal");
        for (int i = 0; i < 20; i++) await ReadyAsync();
        Assert.Equal(before, _database.Scalar("SELECT count(*) || ' ' || max(ordering) FROM journal"));
        Assert.Equal(1L, _database.Scalar($"SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND ({tables}) IS NOT NULL"));
    }

    private async Task StartAsync(PostgreSqlDatabase? database)
    {
        _service = await ValoriService.StartAsync(database is null ? null : HoconFile.Text("postgresql.conf") + $"\nvalori.journal.connection-string = \"{database.ConnectionString}\"\n");
        string notes = await Service.CreateCollectionAsync(name: "notes");
        for (int i = 0; i < 2; i++) await Service.DoneAsync(HttpMethod.Post, $"{notes}/records", """{"vector":[1,2]}""");
        await ReadyAsync();
    }

    private async Task ReadyAsync()
    {
        for (Stopwatch watch = Stopwatch.StartNew(); ;)
        {
            HttpAnswer answer = await Service.GetAsync("/health/ready");
            if (answer.Status == HttpStatusCode.OK) return;
            Assert.True(watch.Elapsed < Bound, answer.Text);
        }
    }

    /// <summary>The reason that has these texts, in bounded time: those before it are of what happened on the way there.</summary>
    private async Task<string> ReasonAsync(params string[] texts)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); ;)
        {
            HttpAnswer answer = await Service.GetAsync("/health/ready");
            if (answer.Status == HttpStatusCode.ServiceUnavailable)
            {
                string reason = answer.Json.GetProperty("reason").GetString()!;
                if (Array.TrueForAll(texts, text => reason.Contains(text, StringComparison.Ordinal))) return reason;
            }
            Assert.True(watch.Elapsed < Bound, answer.Text);
        }
    }

    /// <summary>Only a database without connections can be renamed, and this process connects again at once.</summary>
    private void Rename(string from, string to)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); ;)
        {
            try
            {
                _database!.OnServer($"ALTER DATABASE {from} WITH ALLOW_CONNECTIONS false");
                _database.OnServer($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{from}'");
                _database.OnServer($"ALTER DATABASE {from} RENAME TO {to}");
                _database.OnServer($"ALTER DATABASE {to} WITH ALLOW_CONNECTIONS true");
                return;
            }
            catch (Npgsql.PostgresException e) when (e.SqlState == Npgsql.PostgresErrorCodes.ObjectInUse && watch.Elapsed < Bound)
            {
                // A connection that is just ending.
            }
        }
    }

    private void Execute(string sql) => Assert.True(Run(sql) > 0, sql);

    private int Run(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Journal};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }
}
