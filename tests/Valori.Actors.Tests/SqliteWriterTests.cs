using Akka.Configuration;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;
using Valori.Actors.Journal;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Tests;

public sealed class SqliteWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("valori-writer-").FullName;

    public SqliteWriterTests()
    {
        Execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
        Execute("""
            CREATE TABLE journal (ordering INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, deleted BIT NOT NULL,
                persistence_id TEXT NOT NULL, sequence_number INTEGER NOT NULL, message BLOB NOT NULL, tags TEXT, manifest TEXT,
                identifier INTEGER, writer_uuid TEXT, UNIQUE (persistence_id, sequence_number))
            """);
    }

    private string ConnectionString => $"Data Source={Path.Combine(_directory, "journal.db")};Pooling=False";

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Rows_are_there_with_all_their_columns_when_the_task_completes()
    {
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1), NewRow("a", 2)]);
        Assert.Equal("a 1 7 0 integer 100 text J 5 w, a 2 7 0 integer 100 text J 5 w", Scalar("""
            SELECT group_concat(concat_ws(' ', persistence_id, sequence_number, created, deleted, typeof(deleted), length(message), typeof(tags), manifest,
                identifier, writer_uuid), ', ') FROM journal
            """));
    }

    [Fact]
    public async Task What_is_handed_over_is_written_in_order_by_whichever_transaction()
    {
        using SqliteWriter writer = NewWriter();
        Task[] writes = [.. Enumerable.Range(1, 500).Select(i => writer.WriteAsync([NewRow($"engine {i % 7}", i)]))];
        Assert.Same(writes[^1], writer.Last);
        await Task.WhenAll(writes);
        await Task.Yield();
        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        Assert.Equal(500L, Scalar("SELECT count(*) FROM journal WHERE ordering = sequence_number"));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_nothing_and_the_next_one_goes_on()
    {
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1)]);
        SqliteException e = await Assert.ThrowsAsync<SqliteException>(() => WriteAsync(writer, [NewRow("a", 2), NewRow("a", 1)]));
        Assert.Contains("UNIQUE", e.Message, StringComparison.Ordinal);
        await WriteAsync(writer, [NewRow("a", 2)]);
        Assert.Equal(2L, Scalar("SELECT count(*) FROM journal"));
    }

    [Fact]
    public async Task What_waits_when_it_is_disposed_is_written_and_the_log_is_folded()
    {
        Task[] writes;
        using (SqliteWriter writer = NewWriter()) writes = [.. Enumerable.Range(1, 200).Select(i => writer.WriteAsync([NewRow("a", i, 10_000)]))];
        await Task.WhenAll(writes);
        Assert.False(File.Exists(Path.Combine(_directory, "journal.db-wal")));
        Assert.Equal(200L, Scalar("SELECT count(*) FROM journal"));
    }

    [Theory]
    [InlineData(100, 2_000_000)]
    [InlineData(5_000, 40_000)]
    public async Task The_log_does_not_grow_with_what_is_written(int rows, int bytes)
    {
        using SqliteWriter writer = NewWriter();
        for (int i = 0; i < rows; i++) await WriteAsync(writer, [NewRow("a", i, bytes)]);
        long log = new FileInfo(Path.Combine(_directory, "journal.db-wal")).Length;
        // 64 MiB before a commit folds it, and what came while a checkpoint in the background kept that from it.
        Assert.InRange(log, 1, 96 << 20);
        Assert.Equal(8192L, Scalar("PRAGMA page_size"));
        Assert.Equal((long)rows, Scalar("SELECT count(*) FROM journal"));
        Assert.Equal("ok", Scalar("PRAGMA integrity_check"));
    }

    /// <summary>Readers hold the log up; they never hold up a write.</summary>
    [Fact]
    public async Task A_reader_that_stays_sees_what_there_was_and_keeps_no_write_waiting()
    {
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1)]);
        using SqliteConnection reader = new(ConnectionString);
        reader.Open();
        using SqliteTransaction transaction = reader.BeginTransaction(deferred: true);
        using SqliteCommand count = reader.CreateCommand();
        count.CommandText = "SELECT count(*) FROM journal";
        count.Transaction = transaction;
        Assert.Equal(1L, count.ExecuteScalar());
        for (int i = 2; i <= 30; i++) await WriteAsync(writer, [NewRow("a", i, 1_000_000)]);
        Assert.Equal(1L, count.ExecuteScalar());
        transaction.Commit();
        Assert.Equal(30L, Scalar("SELECT count(*) FROM journal"));
    }

    private SqliteWriter NewWriter()
    {
        Config config = ConfigurationFactory.ParseString($"provider-name = SQLite.MS, connection-string = \"{ConnectionString}\"").WithFallback(SqlPersistence.DefaultJournalConfiguration);
        return new SqliteWriter(ConnectionString, new JournalConfig(config).TableConfig.EventJournalTable);
    }

    // Behind a write one is on the writer's thread.
    private static async Task WriteAsync(SqliteWriter writer, Row[] rows)
    {
        try
        {
            await writer.WriteAsync(rows);
        }
        finally
        {
            await Task.Yield();
        }
    }

    private static Row NewRow(string persistenceId, long sequenceNr, int bytes = 100) => new()
    {
        PersistenceId = persistenceId,
        SequenceNumber = sequenceNr,
        Timestamp = 7,
        Message = new byte[bytes],
        Manifest = "J",
        Identifier = 5,
        WriterUuid = "w",
    };

    private object? Scalar(string sql)
    {
        using SqliteConnection connection = new(ConnectionString);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private void Execute(string sql) => Scalar(sql);
}
