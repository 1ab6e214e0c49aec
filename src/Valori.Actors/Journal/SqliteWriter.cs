using System.Diagnostics.CodeAnalysis;
using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// Appends rows to a journal on SQLite: what waits while a transaction is written shares the next one, and the log is folded
/// into the file in the background. Called by one thread; writes on the thread pool, one transaction at a time.
/// </summary>
/// <remarks>
/// <para>The plugin's own way took twice the time for batches of 8 MB: every transaction larger than the log that SQLite lets grow (1000
/// pages) was written into the log, synced, then written into the file and synced, before it was acknowledged. And its
/// connections spill what does not fit 2 MB of cache.</para>
/// <para>A commit is durable when it returns: synchronous is FULL here, and the checkpoint behind it moves what is durable
/// already.</para>
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    // A checkpoint in the background begins behind so much of log.
    private const long CheckpointBytes = 4 << 20;

    // What came meanwhile and is less is folded at once, which takes a few milliseconds: the log then starts anew, and log that
    // is written over takes half the time of log that grows.
    private const long RestBytes = 1 << 20;

    // Where checkpoints do not keep up, the commit behind so many pages of log (64 MiB) does one itself.
    private const int LargestLogPages = 8192;

    // A row has a page in the table and one in each index.
    private const long PageBytes = 8192, PagesOfARow = 4;

    private readonly string _connectionString;
    private readonly string _insertSql;
    private readonly bool _hasWriter;
    private readonly object _lock = new();
    private Queue<Write> _waiting = [];
    private bool _isWriting;

    // Of whoever writes.
    private SqliteConnection? _connection;
    private SqliteCommand? _insert;

    // On a connection of its own, which stays open: closing one keeps others from opening theirs for a moment.
    private SqliteConnection? _checkpointConnection;
    private SqliteCommand? _checkpointCommand;
    private Task _checkpoint = Task.CompletedTask;
    private bool _hasCheckpointed;
    private long _logBytes;
    private long _unfoldedBytes;

    /// <param name="connectionString">Of the file, which has the table.</param>
    public SqliteWriter(string connectionString, EventJournalTableConfig table)
    {
        // A pooled connection would outlive this.
        _connectionString = new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString();
        JournalTableColumnNames names = table.ColumnNames;
        string[] columns =
        [
            names.PersistenceId, names.SequenceNumber, names.Created, names.Deleted, names.Message, names.Manifest, names.Identifier, names.Tags,
            .. table.UseWriterUuidColumn ? [names.WriterUuid] : Array.Empty<string>(),
        ];
        _insertSql = $"INSERT INTO \"{table.Name}\" (\"{string.Join("\", \"", columns)}\") VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))})";
        _hasWriter = table.UseWriterUuidColumn;
    }

    /// <summary>What was handed over last: completed when it is written, and everything before it.</summary>
    public Task Last { get; private set; } = Task.CompletedTask;

    /// <summary>All of the rows or none.</summary>
    /// <returns>
    /// Completed when they are durable. What goes on behind it without yielding holds up the next write, and must not
    /// dispose this.
    /// </returns>
    public Task WriteAsync(IReadOnlyList<Row> rows)
    {
        Write write = new(rows);
        Last = write.Done.Task;
        lock (_lock)
        {
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
            while (_isWriting) Monitor.Wait(_lock);
        }
        Close();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a write failed of is told to those who wait for it.")]
    private void WriteWaiting()
    {
        while (TryTake(out Queue<Write> writes))
        {
            long bytes = 0;
            try
            {
                bytes = Commit(writes);
            }
            catch (Exception e)
            {
                // Whether the transaction is in the file, who asked finds out by recovering. Nothing is known of the connection any more.
                foreach (Write write in writes) write.Done.TrySetException(e);
                Close();
                continue;
            }
            foreach (Write write in writes) write.Done.TrySetResult();
            AfterCommit(bytes);
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

    /// <summary>Gives about how many bytes the log got.</summary>
    private long Commit(IEnumerable<Write> writes)
    {
        // Whatever was folded by now and all that was written: SQLite starts the log anew.
        if (_hasCheckpointed && _checkpoint.IsCompleted && _unfoldedBytes == 0) _logBytes = 0;
        (SqliteConnection connection, SqliteCommand insert) = Open();
        long bytes = 0;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        insert.Transaction = transaction;
        foreach (Row row in writes.SelectMany(write => write.Rows))
        {
            object?[] values = [row.PersistenceId, row.SequenceNumber, row.Timestamp, row.Deleted, row.Message, row.Manifest, row.Identifier, row.Tags, row.WriterUuid];
            for (int i = 0; i < insert.Parameters.Count; i++) insert.Parameters[i].Value = values[i] ?? DBNull.Value;
            insert.ExecuteNonQuery();
            bytes += row.Message.Length + PagesOfARow * PageBytes;
        }
        transaction.Commit();
        return bytes;
    }

    /// <summary>Sees to it that the log is folded into the file.</summary>
    private void AfterCommit(long bytes)
    {
        _logBytes += bytes;
        _unfoldedBytes += bytes;
        if (!_checkpoint.IsCompleted) return;
        if (_hasCheckpointed && _unfoldedBytes <= RestBytes)
        {
            _hasCheckpointed = false;
            _logBytes = _unfoldedBytes = 0;
            Checkpoint();
        }
        else if (_logBytes >= CheckpointBytes)
        {
            _hasCheckpointed = true;
            _unfoldedBytes = 0;
            _checkpoint = Task.Run(Checkpoint);
        }
    }

    /// <summary>Folds as much as there is and nobody reads. Never waits for others, and never fails.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nothing depends on it; what keeps it from working keeps a commit from it too, and that tells.")]
    private void Checkpoint()
    {
        try
        {
            if (_checkpointCommand is null)
            {
                _checkpointConnection = new SqliteConnection(_connectionString);
                _checkpointConnection.Open();
                _checkpointCommand = _checkpointConnection.CreateCommand();
                _checkpointCommand.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
            }
            _checkpointCommand.ExecuteNonQuery();
        }
        catch (Exception)
        {
            // A full disk, mostly. Nothing is lost: the log has it, and grows until it can be folded, or a commit says why not.
        }
    }

    private (SqliteConnection Connection, SqliteCommand Insert) Open()
    {
        if (_connection is not null && _insert is not null) return (_connection, _insert);
        _connection = new SqliteConnection(_connectionString);
        _connection.Open();
        using SqliteCommand pragmas = _connection.CreateCommand();
        // A cache that a batch fits, and does not leave before it is complete: 8 MB then take half the time.
        pragmas.CommandText = $"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {LargestLogPages}; PRAGMA cache_size = -16384; PRAGMA cache_spill = 0";
        pragmas.ExecuteNonQuery();
        _insert = _connection.CreateCommand();
        _insert.CommandText = _insertSql;
        for (int i = 0; i < (_hasWriter ? 9 : 8); i++) _insert.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        return (_connection, _insert);
    }

    private void Close()
    {
        _checkpoint.Wait();
        _checkpointCommand?.Dispose();
        _checkpointConnection?.Dispose();
        _insert?.Dispose();
        _connection?.Dispose();
        (_checkpointConnection, _checkpointCommand, _connection, _insert) = (null, null, null, null);
    }

    private sealed record Write(IReadOnlyList<Row> Rows)
    {
        // Who waits is Akka's journal, which passes the answer on: another thread for that takes a tenth of an insert's time.
        public TaskCompletionSource Done { get; } = new();
    }
}
