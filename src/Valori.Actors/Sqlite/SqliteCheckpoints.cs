using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Sqlite;

/// <summary>Folds the log of a journal into its file in the background. Called by the writer, one thread at a time.</summary>
internal sealed class SqliteCheckpoints(string connectionString)
{
    // A checkpoint in the background begins after so much of log.
    private const long CheckpointBytes = 4 << 20;

    // What came meanwhile and is less is folded at once, which takes a few milliseconds: the log then starts anew, and log that
    // is written over takes half the time of log that grows.
    private const long RestBytes = 1 << 20;

    private const string Passive = "PRAGMA wal_checkpoint(PASSIVE)";

    // On a connection of its own, which stays open: closing one keeps others from opening theirs for a moment.
    private SqliteConnection? _connection;
    private SqliteCommand? _command;
    private Task _running = Task.CompletedTask;
    private bool _hasCheckpointed;
    private long _logBytes;
    private long _unfoldedBytes;

    /// <summary>A log without a name can be read only by those that have it open.</summary>
    public static void Fold(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = Passive;
        command.ExecuteNonQuery();
    }

    public void BeforeCommit()
    {
        // Whatever was folded by now and all that was written: SQLite starts the log anew.
        if (_hasCheckpointed && _running.IsCompleted && _unfoldedBytes == 0) _logBytes = 0;
    }

    /// <summary>Sees to it that the log is folded into the file.</summary>
    /// <param name="bytes">About how many bytes the log got.</param>
    public void AfterCommit(long bytes)
    {
        _logBytes += bytes;
        _unfoldedBytes += bytes;
        if (!_running.IsCompleted) return;
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
            _running = Task.Run(Checkpoint);
        }
    }

    /// <summary>Folds what is not being read. Never waits for others, and never fails.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nothing depends on it; what keeps it from working keeps a commit from it too, and that tells.")]
    private void Checkpoint()
    {
        try
        {
            if (_command is null)
            {
                _connection = SqliteConnections.Open(connectionString);
                _command = _connection.CreateCommand();
                _command.CommandText = Passive;
            }
            _command.ExecuteNonQuery();
        }
        catch (Exception)
        {
            // A full disk, mostly. Nothing is lost: the log has it, and grows until it can be folded, or a commit says why not.
        }
    }

    /// <summary>Waits for a checkpoint that is under way, and closes its connection; the next one opens another.</summary>
    public void Close()
    {
        _running.Wait();
        _command?.Dispose();
        _connection?.Dispose();
        (_connection, _command) = (null, null);
    }
}
