using Akka.Configuration;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;
using Valori.Actors.Sqlite;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Tests.Journal;

[Trait("Category", "Slow")]
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
        Task[] writes = [.. Enumerable.Range(0, 500).Select(i => writer.WriteAsync([NewRow($"engine {i % 7}", i / 7 + 1)]))];
        await Task.WhenAll(writes);
        await Task.Yield();
        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        Assert.Equal(500L, Scalar("SELECT count(*) FROM journal WHERE ordering = (sequence_number - 1) * 7 + substr(persistence_id, 8) + 1"));
    }

    [Fact]
    public async Task Other_work_has_its_turn_and_what_fails_of_it_is_undone_alone()
    {
        SqliteWriter writer = NewWriter();
        Task<Exception?>[] works =
        [
            .. Enumerable.Range(0, 60).Select(i => Record.ExceptionAsync(() => i % 3 == 0 ? WriteAsync(writer, [NewRow("a", i / 3 + 1)]) : writer.DoAsync((_, insert) =>
            {
                long bytes = insert(NewRow($"work {i}", 1));
                return i % 3 == 1 ? bytes : throw new InvalidOperationException($"no {i}");
            })))
        ];
        Exception?[] ended = await Task.WhenAll(works);
        for (int i = 0; i < ended.Length; i++) Assert.Equal(i % 3 == 2 ? $"no {i}" : null, ended[i]?.Message);
        Assert.Equal(40L, Scalar("SELECT count(*) FROM journal"));
        Assert.Equal(0L, Scalar("SELECT count(*) FROM journal WHERE persistence_id LIKE 'work%' AND substr(persistence_id, 6) % 3 <> 1"));
        writer.Dispose();
        // The directory may be another process's by then.
        await Assert.ThrowsAsync<ObjectDisposedException>(() => writer.DoAsync((_, _) => 0));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_nothing_and_the_next_one_goes_on()
    {
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1)]);
        SqliteException e = await Assert.ThrowsAsync<SqliteException>(() => WriteAsync(writer, [NewRow("a", 1), NewRow("a", 2)]));
        Assert.Contains("UNIQUE", e.Message, StringComparison.Ordinal);
        await WriteAsync(writer, [NewRow("a", 2)]);
        Assert.Equal(2L, Scalar("SELECT count(*) FROM journal"));
    }

    [Theory]
    [InlineData("DELETE FROM journal WHERE persistence_id = 'a'", "journal of a at 1: expected the last event, which was acknowledged, found no such row")]
    [InlineData("UPDATE journal SET sequence_number = 9 WHERE persistence_id = 'a'", "journal of a at 1: expected the last event, which was acknowledged, found no such row")]
    [InlineData("UPDATE journal SET message = x'00' WHERE persistence_id = 'a'", "journal of a at 1: expected a journal entry")]
    [InlineData("UPDATE journal SET message = zeroblob(70) WHERE persistence_id = 'a'", "journal of a at 1: expected a journal entry")]
    [InlineData("UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 2) WHERE persistence_id = 'a'", "the journal holds another history")]
    public async Task A_row_is_not_written_behind_another_one_than_it_follows(string tamper, string expected)
    {
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1)]);
        await WriteAsync(writer, [NewRow("b", 1), NewRow("b", 2)]);
        Execute(tamper);
        CorruptionException e = await Assert.ThrowsAsync<CorruptionException>(() => WriteAsync(writer, [NewRow("a", 2)]));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Equal(0L, Scalar("SELECT count(*) FROM journal WHERE persistence_id = 'a' AND sequence_number = 2"));
        await WriteAsync(writer, [NewRow("b", 3)]);
    }

    /// <summary>Both wait while another transaction is written, and share the next one.</summary>
    [Fact]
    public async Task Of_engines_that_share_a_transaction_only_the_one_at_fault_fails()
    {
        using SqliteWriter writer = NewWriter();
        foreach (string name in new[] { "a", "b", "c" }) await WriteAsync(writer, [NewRow(name, 1)]);
        Execute("DELETE FROM journal WHERE persistence_id = 'b'");
        Task large = writer.WriteAsync([NewRow("large", 1, 20_000_000)]);
        Task a = writer.WriteAsync([NewRow("a", 2)]), b = writer.WriteAsync([NewRow("b", 2)]), taken = writer.WriteAsync([NewRow("c", 1)]), c = writer.WriteAsync([NewRow("c", 2)]);
        await Task.WhenAll(large, a, c);
        await Task.Yield();
        Assert.Contains("journal of b at 1", (await Assert.ThrowsAsync<CorruptionException>(() => b)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SqliteException>(() => taken);
        Assert.Equal("a1 a2 c1 c2 large1", Scalar("SELECT group_concat(persistence_id || sequence_number, ' ') FROM (SELECT * FROM journal ORDER BY persistence_id, sequence_number)"));
    }

    /// <summary>What is written to a file without a name is lost when it is closed.</summary>
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_written_when_the_file_is_not_at_its_path_any_more(bool isReplaced)
    {
        Skip.If(OperatingSystem.IsWindows(), "an open file cannot be moved");
        string path = Path.Combine(_directory, "journal.db"), moved = path + ".moved";
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1)]);
        await WriteAsync(writer, [NewRow("b", 1)]);
        if (isReplaced) File.Copy(path, moved + "2");
        File.Move(path, moved);
        if (isReplaced) File.Move(moved + "2", path);
        foreach (string name in new[] { "a", "a", "b" })
        {
            CorruptionException e = await Assert.ThrowsAsync<CorruptionException>(() => WriteAsync(writer, [NewRow(name, 2)]));
            Assert.Contains($"journal of {name} at 2: expected the journal that was opened, in {path}, found another file there, or none", e.Message, StringComparison.Ordinal);
        }
        Assert.Equal(isReplaced, File.Exists(path));
        Assert.True(File.Exists(path + "-wal"));
    }

    [SkippableFact]
    public async Task Nothing_is_written_to_a_log_that_was_deleted()
    {
        Skip.If(OperatingSystem.IsWindows(), "an open file cannot be deleted");
        string path = Path.Combine(_directory, "journal.db");
        using (SqliteWriter writer = NewWriter())
        {
            for (int i = 1; i <= 3; i++) await WriteAsync(writer, [NewRow("a", i)]);
            File.Delete(path + "-wal");
            for (int i = 0; i < 2; i++)
            {
                CorruptionException e = await Assert.ThrowsAsync<CorruptionException>(() => WriteAsync(writer, [NewRow("a", 4)]));
                Assert.Contains("found no log (-wal) beside it: it was deleted", e.Message, StringComparison.Ordinal);
            }
        }
        // What was acknowledged is in the file.
        Assert.Equal(3L, Scalar("SELECT count(*) FROM journal"));
    }

    [Fact]
    public async Task A_trigger_that_keeps_rows_out_fails_the_write()
    {
        using SqliteWriter writer = NewWriter();
        await WriteAsync(writer, [NewRow("a", 1)]);
        Execute("CREATE TRIGGER lost BEFORE INSERT ON journal BEGIN SELECT RAISE(IGNORE); END");
        // Either it is not run on this connection, or what it did is noticed.
        Exception? failure = await Record.ExceptionAsync(() => WriteAsync(writer, [NewRow("a", 2)]));
        Assert.Equal(failure is null ? 2L : 1L, Scalar("SELECT count(*) FROM journal"));
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
        for (int i = 1; i <= rows; i++) await WriteAsync(writer, [NewRow("a", i, bytes)]);
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

    private static Row NewRow(string persistenceId, long sequenceNr, int bytes = 100) => JournalRowSamples.Row(persistenceId, sequenceNr, bytes);

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
