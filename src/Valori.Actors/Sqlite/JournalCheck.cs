using Microsoft.Data.Sqlite;

namespace Valori.Actors.Sqlite;

/// <summary>
/// What must hold of a SQLite journal before anything in it is believed, at a start and in an audit alike: its schema, and that every
/// page and every index is what SQLite wrote.
/// </summary>
/// <remarks>
/// SQLite's integrity check reads the whole file. Measured warm at 10^6 records of 384 components: 0.1 s where 1,000 batches inserted
/// them (770 MB), 1.0 s where 10^6 commands did (1.1 GB). A tenth of what replaying them takes, and of the latter two thirds are
/// indexes: without them (quick_check), and an own comparison of each index with the table, it would be 0.7 s.
/// </remarks>
internal static class JournalCheck
{
    // Enough to see what kind of damage it is.
    private const int ReportedErrors = 3;

    /// <param name="taking">Is told what is read, and may hold it back or stop it (<see cref="PacedStatements"/>); null for as fast as it goes.</param>
    /// <exception cref="CorruptionException">The file is damaged, or holds what is not Valori's.</exception>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static void Run(SqliteConnection connection, string path, Action<long>? taking)
    {
        if (taking is null) Run(connection, path);
        else PacedStatements.Run(connection, taking, () => Run(connection, path));
    }

    /// <exception cref="CorruptionException">The file is damaged, or holds what is not Valori's.</exception>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static void Run(SqliteConnection connection, string path)
    {
        JournalSchema.Check(connection, path);
        List<string> errors = [];
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA integrity_check({ReportedErrors})";
        using (SqliteDataReader reader = command.ExecuteReader())
        {
            while (reader.Read()) errors.Add(reader.GetString(0).ReplaceLineEndings(" "));
        }
        if (errors is not ["ok"])
        {
            throw new CorruptionException(path, 0, "a file that passes SQLite's integrity check",
                $"{string.Join("; ", errors)}. Restore a copy of the directory: in a damaged file, missing or doubled rows cannot be told from what was written");
        }
        CheckPersistenceIds(connection, path);
    }

    /// <summary>A row whose persistence id is not text would belong to no collection, and one would have lost it.</summary>
    private static void CheckPersistenceIds(SqliteConnection connection, string path)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE name = 'journal'";
        if (command.ExecuteScalar() is 0L) return;
        command.CommandText = "SELECT ordering, typeof(persistence_id) FROM journal NOT INDEXED WHERE typeof(persistence_id) <> 'text' LIMIT 1";
        using SqliteDataReader reader = command.ExecuteReader();
        if (reader.Read()) throw new CorruptionException(path, 0, $"text in the column persistence_id of the row with ordering {reader.GetInt64(0)}", reader.GetString(1));
    }
}
