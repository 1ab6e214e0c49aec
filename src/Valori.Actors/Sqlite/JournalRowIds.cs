using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Which rows of a SQLite journal are whose, from one pass over the table: an index could leave some out. Takes 16 bytes a row.
/// Immutable.
/// </summary>
internal sealed class JournalRowIds
{
    private readonly Dictionary<string, long[]> _ids = [];
    private readonly Dictionary<string, long> _last = [];
    private readonly long _version;

    private JournalRowIds(long version) => _version = version;

    /// <summary>All persistence ids of the table, in ordinal order.</summary>
    public IReadOnlyList<string> PersistenceIds { get; private init; } = [];

    /// <exception cref="SqliteException">The table cannot be read.</exception>
    public static JournalRowIds Read(SqliteConnection connection)
    {
        long version = VersionOf(connection);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE name = 'journal'";
        if (command.ExecuteScalar() is 0L) return new JournalRowIds(version);

        Dictionary<string, List<(long SequenceNr, long Id)>> rows = [];
        // What is not text belongs to no engine; what is not a number comes last, and the reader of the row says so.
        command.CommandText = """
            SELECT ordering, CASE typeof(sequence_number) WHEN 'integer' THEN sequence_number ELSE 9223372036854775807 END, persistence_id
            FROM journal NOT INDEXED WHERE typeof(persistence_id) = 'text' ORDER BY ordering
            """;
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            while (reader.Read())
                (CollectionsMarshal.GetValueRefOrAddDefault(rows, reader.GetString(2), out _) ??= []).Add((reader.GetInt64(1), reader.GetInt64(0)));
        }
        JournalRowIds ids = new(version) { PersistenceIds = [.. rows.Keys.Order(StringComparer.Ordinal)] };
        foreach ((string persistenceId, List<(long SequenceNr, long Id)> found) in rows)
        {
            found.Sort();
            ids._ids.Add(persistenceId, [.. found.Select(row => row.Id)]);
            ids._last.Add(persistenceId, found[^1].SequenceNr);
        }
        return ids;
    }

    /// <summary>Whether nothing was written since.</summary>
    public bool IsCurrent(SqliteConnection connection) => VersionOf(connection) == _version;

    /// <summary>The column <c>ordering</c> of the rows of a persistence id, by sequence number.</summary>
    public IReadOnlyList<long> Of(string persistenceId) => _ids.GetValueOrDefault(persistenceId, []);

    /// <summary>The highest sequence number; 0 if there is none.</summary>
    public long LastSequenceNr(string persistenceId) => _last.GetValueOrDefault(persistenceId);

    /// <summary>Whether the rows were written in the order of their sequence numbers, as an engine does.</summary>
    public static bool IsAscending(IReadOnlyList<long> ids)
    {
        for (int i = 1; i < ids.Count; i++)
        {
            if (ids[i] < ids[i - 1]) return false;
        }
        return true;
    }

    private static long VersionOf(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }
}
