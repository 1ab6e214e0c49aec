using System.Diagnostics.CodeAnalysis;
using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;
using Valori.Actors.Rows;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Appends rows to a journal on SQLite: what waits while a transaction is written shares the next one, and the log is folded
/// into the file in the background. Called by one thread; writes on the thread pool, one transaction at a time.
/// </summary>
/// <remarks>
/// <para>The plugin's own way took twice the time for batches of 8 MB: every transaction larger than the log that SQLite lets grow (1000
/// pages) was written into the log, synced, then written into the file and synced, before it was acknowledged. And its
/// connections spill what does not fit 2 MB of cache.</para>
/// <para>A commit is durable when it returns: synchronous is FULL here, and the checkpoint after it moves what is durable
/// already.</para>
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    // If checkpoints do not keep up, the commit after so many pages of log (64 MiB) does one itself.
    private const int LargestLogPages = 8192;

    // A row has a page in the table and one in each index.
    private const long PageBytes = 8192, PagesOfARow = 4;

    private readonly string _connectionString;
    private readonly string _path;
    private readonly EventJournalTableConfig _table;
    private readonly string _insertSql;
    private readonly string _previousSql;
    private readonly bool _hasWriter;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly object _lock = new();
    private Queue<Write> _waiting = [];
    private bool _isWriting;
    private bool _isDisposed;

    // Of the writer.
    private SqliteConnection? _connection;
    private SqliteCommand? _insert;
    private SqliteCommand? _previous;

    // Nothing is written any more once this is found: what is at the path now is never opened.
    private string? _moved;
    private bool _hasLog;

    /// <param name="connectionString">Of the file, which has the table.</param>
    public SqliteWriter(string connectionString, EventJournalTableConfig table)
    {
        // A pooled connection would outlive this.
        _connectionString = new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString();
        _path = new SqliteConnectionStringBuilder(_connectionString).DataSource;
        _checkpoints = new SqliteCheckpoints(_connectionString);
        _table = table;
        JournalTableColumnNames names = table.ColumnNames;
        string[] columns =
        [
            names.PersistenceId, names.SequenceNumber, names.Created, names.Deleted, names.Message, names.Manifest, names.Identifier, names.Tags,
            .. table.UseWriterUuidColumn ? [names.WriterUuid] : Array.Empty<string>(),
        ];
        _insertSql = $"INSERT INTO \"{table.Name}\" (\"{string.Join("\", \"", columns)}\") VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))})";
        _previousSql = $"SELECT \"{names.Ordering}\" FROM \"{table.Name}\" WHERE \"{names.PersistenceId}\" = $id AND \"{names.SequenceNumber}\" = $nr AND \"{names.Deleted}\" = 0";
        _hasWriter = table.UseWriterUuidColumn;
    }

    /// <summary>Writes all of the rows or none.</summary>
    /// <param name="rows">Of one engine, in the order of their sequence numbers.</param>
    /// <returns>
    /// Completed when they are durable. Fails with a <see cref="CorruptionException"/> if the table does not hold what they follow
    /// (<see cref="Predecessor"/>), or the file or its log is not at its path any more: then nothing was written. What continues on it without
    /// yielding holds up the next write, and must not dispose this.
    /// </returns>
    public Task WriteAsync(IReadOnlyList<Row> rows) => HandOver(new Write(rows, null));

    /// <summary>Changes something else in the table, in this writer's turn and in a transaction that other writes may share.</summary>
    /// <param name="work">
    /// Gets the connection, and how to insert a row. Returns about how many bytes the log gets. It is done again if the transaction fails of
    /// another write, and what it did the first time is undone.
    /// </param>
    /// <returns>As <see cref="WriteAsync"/>.</returns>
    public Task DoAsync(Func<SqliteConnection, Func<Row, long>, long> work) => HandOver(new Write([], work));

    private Task HandOver(Write write)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _waiting.Enqueue(write);
            if (!_isWriting)
            {
                _isWriting = true;
                ThreadPool.UnsafeQueueUserWorkItem(static self => self.WriteWaiting(), this, preferLocal: false);
            }
        }
        return write.Done.Task;
    }

    /// <summary>Waits for what was handed over, then closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            // The directory may be another process's soon.
            _isDisposed = true;
            while (_isWriting) Monitor.Wait(_lock);
        }
        Close();
    }

    private void WriteWaiting()
    {
        while (TryTake(out Queue<Write> writes)) CommitTogether([.. writes]);
    }

    /// <summary>Writes the rows of several engines in one transaction.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a write failed of is told to those who wait for it.")]
    private void CommitTogether(IReadOnlyList<Write> writes)
    {
        bool isCommitting = false;
        try
        {
            long bytes = Commit(writes, ref isCommitting);
            foreach (Write write in writes) write.Done.TrySetResult();
            _checkpoints.AfterCommit(bytes);
        }
        catch (Exception e)
        {
            // Nothing is known of the connection any more.
            Close();
            if (!isCommitting && writes.Count > 1)
            {
                // Nothing was written. Each alone, so that no engine fails because of another engine's rows.
                foreach (Write write in writes) CommitTogether([write]);
                return;
            }
            // Whether a transaction is in the file, who asked finds out by recovering.
            foreach (Write write in writes) write.Done.TrySetException(e);
        }
    }

    private bool TryTake(out Queue<Write> writes)
    {
        lock (_lock)
        {
            writes = _waiting;
            if (writes.Count > 0)
            {
                _waiting = [];
                return true;
            }
            _isWriting = false;
            Monitor.PulseAll(_lock);
            return false;
        }
    }

    /// <returns>About how many bytes the log got.</returns>
    private long Commit(IReadOnlyList<Write> writes, ref bool isCommitting)
    {
        _checkpoints.BeforeCommit();
        if (_moved is { } moved) throw NothingWritten(writes[0], moved);
        (SqliteConnection connection, SqliteCommand insert, SqliteCommand previous) = Open();
        long bytes = 0;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        if (SqliteConnections.HasMoved(connection))
        {
            // The log may be the only copy of what the file lacks.
            SqliteConnections.KeepLogOnClose(connection, true);
            _moved = "another file there, or none: it was replaced, moved or deleted. Stop the process, and put the journal back";
            throw NothingWritten(writes[0], _moved);
        }
        if (HasLostLog())
        {
            _moved = "no log (-wal) beside it: it was deleted. What it held was folded into the journal, if that was possible. Stop the process, and verify the directory";
            transaction.Rollback();
            SqliteCheckpoints.Fold(connection);
            throw NothingWritten(writes[0], _moved);
        }
        insert.Transaction = previous.Transaction = transaction;
        foreach (Write write in writes)
        {
            if (write.Work is { } work)
            {
                bytes += work(connection, row => Insert(insert, row));
                continue;
            }
            Predecessor.Check(write.Rows, ReadPrevious(connection, previous, write.Rows[0]));
            foreach (Row row in write.Rows) bytes += Insert(insert, row);
        }
        isCommitting = true;
        transaction.Commit();
        return bytes;
    }

    /// <summary>Whether the log is not at its path any more: SQLite goes on writing to it without its name, until it is folded or closed.</summary>
    private bool HasLostLog()
    {
        // There is none in another journal mode than WAL. In WAL it is there from the first transaction of a connection to the last one's end.
        bool isThere = File.Exists(_path + "-wal");
        _hasLog |= isThere;
        return _hasLog && !isThere;
    }

    private CorruptionException NothingWritten(Write write, string found)
    {
        (string place, long position) = write.Rows is [var first, ..] ? ($"journal of {first.PersistenceId}", first.SequenceNumber) : (_path, 0L);
        return new CorruptionException(place, position, $"the journal that was opened, in {_path}", found);
    }

    private static long Insert(SqliteCommand insert, Row row)
    {
        object?[] values = [row.PersistenceId, row.SequenceNumber, row.Timestamp, row.Deleted, row.Message, row.Manifest, row.Identifier, row.Tags, row.WriterUuid];
        for (int i = 0; i < insert.Parameters.Count; i++) insert.Parameters[i].Value = values[i] ?? DBNull.Value;
        int affected = insert.ExecuteNonQuery();
        if (affected != 1)
            throw new CorruptionException($"journal of {row.PersistenceId}", row.SequenceNumber, "1 row to be inserted", $"{affected}: something in the database prevents inserts");
        return row.Message.Length + PagesOfARow * PageBytes;
    }

    /// <summary>The beginning of the message of the row before, without reading all of a large one; null if there is no such row.</summary>
    private byte[]? ReadPrevious(SqliteConnection connection, SqliteCommand previous, Row first)
    {
        if (first.SequenceNumber == 1) return null;
        previous.Parameters[0].Value = first.PersistenceId;
        previous.Parameters[1].Value = first.SequenceNumber - 1;
        if (previous.ExecuteScalar() is not long ordering) return null;
        // From the table's own row: an index entry that lies leads to a row with another chain value.
        return SqliteConnections.ReadStart(connection, _table.Name, _table.ColumnNames.Message, ordering);
    }

    private (SqliteConnection Connection, SqliteCommand Insert, SqliteCommand Previous) Open()
    {
        if (_connection is not null && _insert is not null && _previous is not null) return (_connection, _insert, _previous);
        _connection = SqliteConnections.Open(_connectionString);
        using SqliteCommand pragmas = _connection.CreateCommand();
        // A cache that a batch fits, and does not leave before it is complete: 8 MB then take half the time.
        pragmas.CommandText = $"PRAGMA wal_autocheckpoint = {LargestLogPages}; PRAGMA cache_size = -16384; PRAGMA cache_spill = 0";
        pragmas.ExecuteNonQuery();
        _insert = _connection.CreateCommand();
        _insert.CommandText = _insertSql;
        for (int i = 0; i < (_hasWriter ? 9 : 8); i++) _insert.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        _previous = _connection.CreateCommand();
        _previous.CommandText = _previousSql;
        _previous.Parameters.Add(new SqliteParameter { ParameterName = "$id" });
        _previous.Parameters.Add(new SqliteParameter { ParameterName = "$nr" });
        return (_connection, _insert, _previous);
    }

    private void Close()
    {
        _checkpoints.Close();
        _insert?.Dispose();
        _previous?.Dispose();
        _connection?.Dispose();
        (_connection, _insert, _previous) = (null, null, null);
    }

    /// <param name="Work">What is done instead of inserting rows; null for that.</param>
    private sealed record Write(IReadOnlyList<Row> Rows, Func<SqliteConnection, Func<Row, long>, long>? Work)
    {
        // Who waits is Akka's journal, which passes the answer on: another thread for that takes a tenth of an insert's time.
        public TaskCompletionSource Done { get; } = new();
    }
}
