using System.Globalization;
using Microsoft.Data.Sqlite;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.Text;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Looks at the SQLite journal of the data directory: whether the file at its path is the one that is open, has the engines' last
/// events, and its file system takes writes. The directory's lock keeps other processes out already.
/// </summary>
internal sealed class SqliteWatch : JournalWatch
{
    // A row has a page in the table and in each index; with less no insert can be written.
    private const long NeededBytes = 64 << 10;

    private readonly string _directory;
    private readonly string _path;
    private readonly Lock _lock = new();

    // Open for as long as the journal is: it knows the file that was there.
    private readonly SqliteConnection _connection;

    private SqliteWatch(string directory, string path, SqliteConnection connection) => (_directory, _path, _connection) = (directory, path, connection);

    /// <param name="directory">The data directory, locked, with a journal in it.</param>
    /// <exception cref="DataDirectoryException">The journal cannot be read.</exception>
    public static SqliteWatch Start(string directory)
    {
        SqliteConnectionStringBuilder builder = new(ReferenceConfig.SqliteConnectionString(directory)) { Pooling = false };
        SqliteConnection? connection = null;
        try
        {
            connection = SqliteConnections.Open(builder.ToString());
            using SqliteCommand command = connection.CreateCommand();
            // SQLite opens the file at the first question.
            command.CommandText = "PRAGMA query_only = 1; SELECT count(*) FROM sqlite_schema";
            command.ExecuteScalar();
            return new SqliteWatch(directory, builder.DataSource, connection);
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw new DataDirectoryException($"the journal in {directory} cannot be opened: {e.Message}", e);
        }
    }

    public override Task<string?> MayServeAsync() => Task.FromResult<string?>(null);

    public override void Dispose()
    {
        lock (_lock) _connection.Dispose();
    }

    protected override Task<JournalLook> CompareAsync(IReadOnlyList<EngineStatus> engines)
    {
        try
        {
            lock (_lock) return Task.FromResult(Compare(engines));
        }
        catch (Exception e) when (e is SqliteException or CorruptionException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return Task.FromResult(JournalLook.Bad($"the journal ({_path}) cannot be used: {Describe.Fault(e)}"));
        }
    }

    private JournalLook Compare(IReadOnlyList<EngineStatus> engines)
    {
        if (_connection.State != System.Data.ConnectionState.Open) return JournalLook.Bad($"the journal ({_path}) is closed: Valori is stopping");
        if (SqliteConnections.HasMoved(_connection))
            return JournalLook.Bad($"the file at {_path} is not the one that this process has open: it was replaced, moved or deleted. Stop the service, and put the journal back");
        if (SqliteConnections.IsReadOnly(_connection))
            return JournalLook.Bad($"{_path} could only be opened for reading: nothing can be written. Let Valori's user write it, and start again");
        if (new DriveInfo(_directory).AvailableFreeSpace is < NeededBytes and var free)
            return JournalLook.Bad(string.Create(CultureInfo.InvariantCulture, $"the file system of {_directory} has {free:N0} bytes left: nothing can be written"));
        ProveWritable();
        using SqliteCommand command = _connection.CreateCommand();
        // What this connection keeps of the file says nothing of what was written over it since.
        command.CommandText = "PRAGMA shrink_memory";
        command.ExecuteNonQuery();
        JournalSchema.Check(_connection, _path);
        command.CommandText = """
            SELECT manifest, identifier, ordering, typeof(message), (SELECT max(sequence_number) FROM journal WHERE persistence_id = $id)
              FROM journal WHERE persistence_id = $id AND sequence_number = $nr
            """;
        SqliteParameter id = command.Parameters.Add("$id", SqliteType.Text), nr = command.Parameters.Add("$nr", SqliteType.Integer);
        Dictionary<string, long> last = [];
        foreach (EngineStatus engine in engines)
        {
            (id.Value, nr.Value) = (ValoriSettings.PersistenceIdOf(engine.Name), engine.SequenceNr);
            using SqliteDataReader reader = command.ExecuteReader();
            bool isThere = reader.Read();
            byte[]? start = !isThere ? null : reader.GetString(3) == "blob" ? SqliteConnections.ReadStart(_connection, "journal", "message", reader.GetInt64(2)) : [];
            if (Compare(_path, engine, isThere ? reader.GetValue(0) as string : null, isThere ? reader.GetValue(1) as long? : null, start) is { } fault) return JournalLook.Bad(fault);
            last[engine.Name] = reader.GetValue(4) as long? ?? 0;
        }
        return new JournalLook(null, last);
    }

    /// <summary>Writes what is there already, so that nothing changes: the name of this process, beside the lock.</summary>
    private void ProveWritable()
    {
        using FileStream file = new(Path.Combine(_directory, DataDirectory.OwnerFileName), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush(flushToDisk: true);
    }
}
