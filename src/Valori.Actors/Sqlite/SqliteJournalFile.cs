using System.Globalization;
using Microsoft.Data.Sqlite;
using Valori.Actors.Rows;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Reads the journal table of a data directory (section 11 of docs/formats.md in Valori's repository) without Akka, strictly read-only and
/// beside its writer, also from a medium that cannot be written. For one thread at a time.
/// </summary>
/// <remarks>
/// <para>Everything comes from the table and nothing from its indexes, after the whole file was checked.</para>
/// <para>The rows of a collection are one consistent state of the file. While they are read, a service beside it goes on, but its
/// write-ahead log cannot be cut and grows.</para>
/// </remarks>
internal sealed class SqliteJournalFile : JournalSource
{
    public const string FileName = "journal.db";

    private const int CannotOpen = 14, ReadOnly = 8, Corrupt = 11, NotADatabase = 26;

    // Rows of a collection that are so rare in their part of the table are looked up one by one.
    private const int SparseRows = 16;

    private const string Columns = "SELECT sequence_number, message, deleted, manifest, identifier FROM journal NOT INDEXED";

    private readonly SqliteConnection _connection;
    private JournalRowIds _ids;

    private SqliteJournalFile(string path, SqliteConnection connection, Action<long>? taking)
    {
        Path = path;
        _connection = connection;
        JournalCheck.Run(connection, path, taking);
        _ids = JournalRowIds.Read(connection);
    }

    public override string Path { get; }

    /// <summary>Why there is no journal in a directory, or null if there is a file that may be one.</summary>
    public static string? WhyMissing(string directory) =>
        File.Exists(directory) ? $"{directory} is a file, not a data directory"
        : !Directory.Exists(directory) ? $"the directory {directory} does not exist"
        : !File.Exists(System.IO.Path.Combine(directory, FileName)) ? $"{directory} holds no Valori data (no {FileName})"
        : null;

    /// <param name="taking">Is told what the check of the whole file reads, and may hold it back; null for as fast as it goes.</param>
    /// <exception cref="DataDirectoryException">There is no journal, or it cannot be read.</exception>
    /// <exception cref="CorruptionException">The file is not a SQLite database, is damaged, or holds what is not Valori's.</exception>
    public static SqliteJournalFile Open(string directory, Action<long>? taking = null)
    {
        string path = System.IO.Path.Combine(directory, FileName);
        if (WhyMissing(directory) is { } missing) throw new DataDirectoryException(missing);
        try
        {
            SqliteLog.Check(path);
            return Open(path, path, lockless: false, taking);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is CannotOpen or ReadOnly)
        {
            return OpenWhereNothingCanBeWritten(path, e, taking);
        }
        catch (SqliteException e)
        {
            throw Explain(path, 0, e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not DataDirectoryException)
        {
            throw new DataDirectoryException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>All persistence ids of the table, also those that are not Valori's.</summary>
    public override IReadOnlyList<string> PersistenceIds() => Ids().PersistenceIds;

    /// <summary>The highest sequence number, to tell how far reading is; 0 if there is none.</summary>
    public override long LastSequenceNr(string persistenceId) => Ids().LastSequenceNr(persistenceId);

    /// <summary>All rows of one persistence id by sequence number, those marked deleted included.</summary>
    /// <exception cref="CorruptionException">While they are taken: a column holds what cannot be one, or the file is damaged.</exception>
    public override IEnumerable<JournalRow> Rows(string persistenceId)
    {
        using SqliteTransaction state = Guarded(0, () => _connection.BeginTransaction(deferred: true));
        IReadOnlyList<long> ids = Ids().Of(persistenceId);
        if (ids.Count == 0) yield break;
        bool isRange = JournalRowIds.IsAscending(ids) && (ids[^1] - ids[0]) / SparseRows < ids.Count;
        using SqliteCommand command = Command(isRange
            ? $"{Columns} WHERE ordering BETWEEN $first AND $last AND persistence_id = $id ORDER BY ordering"
            : $"{Columns} WHERE ordering = $first");
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$last", ids[^1]);
        SqliteParameter first = command.Parameters.AddWithValue("$first", ids[0]);
        long last = 0;
        foreach (long id in isRange ? [ids[0]] : ids)
        {
            first.Value = id;
            using SqliteDataReader reader = Guarded(last, command.ExecuteReader);
            while (Guarded(last, reader.Read))
            {
                JournalRow row = Guarded(last, () => Row(reader, last));
                last = row.SequenceNr;
                yield return row;
            }
        }
    }

    public override IReadOnlyList<JournalRow> Intents()
    {
        List<JournalRow> intents = [];
        foreach (long id in Ids().Of(DropIntent.PersistenceId))
        {
            using SqliteCommand command = Command($"{Columns} WHERE ordering = $id");
            command.Parameters.AddWithValue("$id", id);
            using SqliteDataReader reader = Guarded(0, command.ExecuteReader);
            // Another process may have removed it meanwhile, at the end of the drop.
            if (!Guarded(0, reader.Read)) continue;
            try
            {
                intents.Add(Guarded(0, () => Row(reader, 0)));
            }
            catch (CorruptionException) when (reader.GetValue(0) is var nr)
            {
                intents.Add(DropIntent.Damaged(nr as long? ?? 0));
            }
        }
        return intents;
    }

    public override void Dispose() => _connection.Dispose();

    /// <summary>
    /// Takes the file as it is, with its log if it has one. SQLite would create journal.db-shm beside them, which it cannot, because
    /// others may have them open. None has, or it would be there. So it needs neither that file nor locks.
    /// </summary>
    private static SqliteJournalFile OpenWhereNothingCanBeWritten(string path, SqliteException cause, Action<long>? taking)
    {
        if (File.Exists(path + "-shm"))
        {
            throw new DataDirectoryException(
                $"{path} cannot be read ({cause.Message.TrimEnd('.')}), and {FileName}-shm says that a process may have it open. "
                + "Grant write permission on the directory, or read a full copy of it that was made while no process had it open", cause);
        }
        try
        {
            // Without a log, which it would create too, nothing but the file counts.
            bool hasLog = new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
            string how = !hasLog ? "immutable=1" : OperatingSystem.IsWindows() ? "vfs=win32-none" : "vfs=unix-none";
            return Open(path, $"{new Uri(path).AbsoluteUri}?{how}", lockless: true, taking);
        }
        catch (SqliteException e)
        {
            throw Explain(path, 0, e);
        }
    }

    private static SqliteJournalFile Open(string path, string source, bool lockless, Action<long>? taking)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            // With the exclusive mode, set before anything is read, SQLite keeps in memory what journal.db-shm is for.
            SqliteConnections.Secure(connection, lockless ? "PRAGMA locking_mode = EXCLUSIVE;" : "");
            return new SqliteJournalFile(path, connection, taking);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The rows that there are, read anew if rows were written meanwhile.</summary>
    private JournalRowIds Ids() => Guarded(0, () => _ids.IsCurrent(_connection) ? _ids : _ids = JournalRowIds.Read(_connection));

    private SqliteCommand Command(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private JournalRow Row(SqliteDataReader reader, long last)
    {
        // SQLite keeps any type in any column, so each is asked for what it is.
        long sequenceNr = Column<long>(reader, 0, last + 1);
        long deleted = Column<long>(reader, 2, sequenceNr);
        if (deleted is not (0 or 1)) throw new CorruptionException(Path, sequenceNr, "0 or 1 in the column deleted", deleted.ToString(CultureInfo.InvariantCulture));
        return new JournalRow(sequenceNr, Column<byte[]>(reader, 1, sequenceNr), deleted == 1, Column<string>(reader, 3, sequenceNr), Column<long>(reader, 4, sequenceNr));
    }

    private T Column<T>(SqliteDataReader reader, int column, long sequenceNr) => reader.GetValue(column) switch
    {
        T value => value,
        var other => throw new CorruptionException(Path, sequenceNr, $"{Describe(typeof(T))} in the column {reader.GetName(column)}", Describe(other.GetType())),
    };

    private T Guarded<T>(long last, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e)
        {
            throw Explain(Path, last + 1, e);
        }
    }

    private static Exception Explain(string path, long sequenceNr, SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase
        ? new CorruptionException(path, sequenceNr, "a SQLite database that can be read", e.Message, e)
        : new DataDirectoryException($"{path} cannot be read: {e.Message}", e);

    private static string Describe(Type type) =>
        type == typeof(long) ? "a whole number" : type == typeof(byte[]) ? "bytes" : type == typeof(string) ? "text" : type == typeof(DBNull) ? "nothing" : type.Name;
}
