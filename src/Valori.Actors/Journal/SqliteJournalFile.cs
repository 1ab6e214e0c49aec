using System.Globalization;
using Microsoft.Data.Sqlite;
using Valori.Kernel;

namespace Valori.Actors.Journal;

/// <summary>
/// Reads the journal table of a data directory (docs/formats.md, section 11) without Akka, strictly read-only and beside
/// whoever writes it. For one thread at a time.
/// </summary>
/// <remarks>
/// One query is one consistent state of the file. While it is read, a service beside it goes on, but its write-ahead log
/// cannot be cut and grows.
/// </remarks>
internal sealed class SqliteJournalFile : IDisposable
{
    public const string FileName = "journal.db";

    private const int CannotOpen = 14, ReadOnly = 8, Corrupt = 11, NotADatabase = 26;

    private readonly SqliteConnection _connection;

    private SqliteJournalFile(string path, SqliteConnection connection)
    {
        Path = path;
        _connection = connection;
    }

    public string Path { get; }

    /// <exception cref="DataDirectoryException">There is no journal, or it cannot be read.</exception>
    /// <exception cref="CorruptionException">The file is no SQLite database.</exception>
    public static SqliteJournalFile Open(string directory)
    {
        string path = System.IO.Path.Combine(directory, FileName);
        if (!Directory.Exists(directory)) throw new DataDirectoryException($"there is no directory {directory}");
        if (!File.Exists(path)) throw new DataDirectoryException($"{directory} holds no Valori data (no {FileName})");
        try
        {
            return Open(path, path);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is CannotOpen or ReadOnly)
        {
            FileInfo log = new(path + "-wal");
            if (log is { Exists: true, Length: > 0 })
            {
                throw new DataDirectoryException(
                    $"{path} has a write-ahead log ({log.Name}), and SQLite needs to write {FileName}-shm beside it to read both, which it cannot ({e.Message.TrimEnd('.')}). "
                    + "Give write permission on the directory, or verify a copy of all of it, made while no process has it open", e);
            }
            // Nothing but the file, and nobody can write beside it: SQLite may take it as it is.
            return OpenOrExplain(path, $"{new Uri(path).AbsoluteUri}?immutable=1");
        }
        catch (SqliteException e)
        {
            throw Explain(path, 0, e);
        }
    }

    /// <summary>All persistence ids of the table, also those that are not Valori's.</summary>
    public IReadOnlyList<string> PersistenceIds()
    {
        List<string> ids = [];
        using SqliteCommand command = Command("SELECT DISTINCT persistence_id FROM journal WHERE typeof(persistence_id) = 'text' ORDER BY persistence_id");
        try
        {
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read()) ids.Add(reader.GetString(0));
        }
        catch (SqliteException) when (!HasTable())
        {
            return [];
        }
        catch (SqliteException e)
        {
            throw Explain(Path, 0, e);
        }
        return ids;
    }

    /// <summary>The highest sequence number, to tell how far reading is; 0 where there is none.</summary>
    public long LastSequenceNr(string persistenceId)
    {
        using SqliteCommand command = Command("SELECT max(sequence_number) FROM journal WHERE persistence_id = $id", persistenceId);
        try
        {
            return command.ExecuteScalar() is long last ? last : 0;
        }
        catch (SqliteException e)
        {
            throw Explain(Path, 0, e);
        }
    }

    /// <summary>All rows of one persistence id by sequence number, those marked deleted included.</summary>
    /// <exception cref="CorruptionException">While they are taken: a column holds what cannot be one, or the file is damaged.</exception>
    public IEnumerable<JournalRow> Rows(string persistenceId)
    {
        using SqliteCommand command = Command(
            "SELECT sequence_number, message, deleted, manifest, identifier FROM journal WHERE persistence_id = $id ORDER BY sequence_number, ordering", persistenceId);
        using SqliteDataReader reader = Guarded(0, command.ExecuteReader);
        for (long last = 0; Guarded(last, reader.Read);)
        {
            JournalRow row = Guarded(last, () => Row(reader, last));
            last = row.SequenceNr;
            yield return row;
        }
    }

    public void Dispose() => _connection.Dispose();

    private static SqliteJournalFile OpenOrExplain(string path, string source)
    {
        try
        {
            return Open(path, source);
        }
        catch (SqliteException e)
        {
            throw Explain(path, 0, e);
        }
    }

    private static SqliteJournalFile Open(string path, string source)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            SqliteJournalFile file = new(path, connection);
            // Touches the file: whether it can be read at all shows here.
            file.HasTable();
            return file;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private bool HasTable()
    {
        using SqliteCommand command = Command("SELECT count(*) FROM sqlite_schema WHERE name = 'journal'");
        return command.ExecuteScalar() is not 0L;
    }

    private SqliteCommand Command(string sql, string? persistenceId = null)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        if (persistenceId is not null) command.Parameters.AddWithValue("$id", persistenceId);
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
