using Microsoft.Data.Sqlite;
using Valori.Actors.Audit;
using Valori.Actors.Sqlite;

namespace Valori.Actors.Tests.Journal;

/// <summary>A journal with anything else in its schema is refused by name, by a start and by an audit, and stays as it is.</summary>
public sealed class JournalSchemaTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    private string Journal => _directory.File("journal.db");

    public async Task InitializeAsync()
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
        await engine.InsertAsync(new float[] { 1, 2 });
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("CREATE TRIGGER loses BEFORE INSERT ON journal BEGIN SELECT RAISE(IGNORE); END", "the trigger loses", "DROP TRIGGER loses")]
    [InlineData("CREATE TRIGGER loses AFTER INSERT ON journal BEGIN DELETE FROM journal WHERE ordering = NEW.ordering; END", "the trigger loses", "DROP TRIGGER loses")]
    [InlineData("CREATE VIEW shows AS SELECT * FROM journal", "the view shows", "DROP VIEW shows")]
    [InlineData("CREATE TABLE other (x)", "the table other", "DROP TABLE other")]
    [InlineData("CREATE INDEX more ON journal (identifier)", "the index more", "DROP INDEX more")]
    [InlineData("CREATE UNIQUE INDEX once ON journal (ordering, persistence_id)", "the index once", "DROP INDEX once")]
    [InlineData("CREATE VIRTUAL TABLE words USING fts5(x)", "the table words", "DROP TABLE words")]
    [InlineData("ALTER TABLE journal ADD COLUMN more TEXT DEFAULT 'x'", "more TEXT DEFAULT 'x'", "restore a copy")]
    [InlineData("DROP INDEX journal_uq", "no journal_uq", "create it anew")]
    [InlineData("DROP INDEX journal_created_idx; CREATE INDEX journal_created_idx ON journal (created) WHERE created > 0", "WHERE created > 0", "restore a copy")]
    [InlineData("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NVarChar(255)  NOT NULL', 'NVarChar(255) NOT NULL ON CONFLICT IGNORE') WHERE name = 'journal'", "ON CONFLICT IGNORE", "restore a copy")]
    public async Task What_is_not_the_journal_s_is_refused(string sql, string name, string advice)
    {
        Execute(sql);
        byte[] before = await File.ReadAllBytesAsync(Journal);
        DataDirectoryException started = await Assert.ThrowsAsync<DataDirectoryException>(() => ValoriEngine.OpenAsync(_directory.Path));
        CorruptionException audited = Assert.Throws<CorruptionException>(() => DirectoryAudit.Open(_directory.Path));
        Assert.Contains(name, started.Message);
        Assert.Contains(advice, started.Message);
        Assert.EndsWith(audited.Message, started.Message);
        Assert.Equal(before, await File.ReadAllBytesAsync(Journal));
    }

    /// <summary>What the plugin itself makes when it is told to: delete-compatibility-mode, tag-write-mode, its own snapshot store.</summary>
    [Fact]
    public async Task What_the_plugin_creates_with_other_settings_is_accepted()
    {
        string data = _directory.File("other");
        ValoriOptions options = new()
        {
            Dimension = 2,
            Configuration = Akka.Configuration.ConfigurationFactory.ParseString("""
                valori.journal.tag-write-mode = Both
                valori.journal.delete-compatibility-mode = true
                valori.snapshot-store-plugin-id = "valori.sql-snapshot-store"
                """),
        };
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(data, options)) await engine.InsertAsync(new float[] { 1, 2 });
        using (SqliteConnection connection = Connect(data))
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "SELECT group_concat(name, ' ' ORDER BY name) FROM sqlite_schema WHERE type = 'table'";
            Assert.Equal("journal journal_metadata snapshot sqlite_sequence tags", command.ExecuteScalar());
        }
        await using ValoriEngine again = await ValoriEngine.OpenAsync(data, options);
        Assert.Equal(1UL, await again.RecordCountAsync());
    }

    /// <summary>A process that died at its first start: the plugin had created the table, and no index yet.</summary>
    [Fact]
    public async Task An_empty_table_without_its_indexes_is_completed_at_the_next_start()
    {
        Execute("DELETE FROM journal; DROP INDEX journal_uq; DROP INDEX journal_created_idx; DROP INDEX journal_sequence_number_idx");
        Directory.Delete(_directory.File("ends"), recursive: true);
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 })) await engine.InsertAsync(new float[] { 1, 2 });
        using DirectoryAudit audit = DirectoryAudit.Open(_directory.Path);
        Assert.True(audit.Audit("default").IsGood);
    }

    /// <summary>One that comes while a service runs does nothing on the connections that are open already, and on new ones.</summary>
    [Fact]
    public void A_trigger_or_a_view_does_nothing_on_a_connection_of_ours()
    {
        Execute("CREATE TRIGGER loses BEFORE INSERT ON journal BEGIN SELECT RAISE(IGNORE); END; CREATE VIEW shows AS SELECT * FROM journal");
        using SqliteConnection connection = SqliteConnections.Open($"Data Source={Journal};Pooling=False");
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "INSERT INTO journal SELECT NULL, created, deleted, 'somebody', sequence_number, message, tags, manifest, identifier, writer_uuid FROM journal";
        Assert.Equal(2, command.ExecuteNonQuery());
        command.CommandText = "SELECT count(*) FROM journal";
        Assert.Equal(4L, command.ExecuteScalar());
        command.CommandText = "SELECT count(*) FROM shows";
        Assert.Contains("shows", Assert.Throws<SqliteException>(command.ExecuteScalar).Message);
        command.CommandText = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''";
        Assert.Throws<SqliteException>(() => command.ExecuteNonQuery());
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = Connect(_directory.Path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Connect(string directory)
    {
        SqliteConnection connection = new($"Data Source={Path.Combine(directory, "journal.db")};Pooling=False");
        connection.Open();
        return connection;
    }
}
