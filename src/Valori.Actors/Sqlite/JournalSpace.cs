using Microsoft.Data.Sqlite;

namespace Valori.Actors.Sqlite;

/// <summary>Returns the pages of dropped events to the file system, and leaves no copy of them in the log.</summary>
internal static class JournalSpace
{
    // Each step is a write of its own, so that the engines' writes come in between.
    private const int PagesAtOnce = 1000;

    private const int LongestWaitMs = 500;

    /// <summary>Lets a new journal, or one that was never cut, shrink when events are dropped. Before anyone else opens it.</summary>
    public static void LetShrink(SqliteConnection connection)
    {
        const long incremental = 2;
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA auto_vacuum";
        if (command.ExecuteScalar() is incremental) return;
        // On a file with tables it takes effect when all of it is written anew.
        command.CommandText = "PRAGMA auto_vacuum = INCREMENTAL; VACUUM";
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// After a deletion, which has overwritten the rows' pages in the file. The log still has the rows as they were inserted, and is
    /// emptied too, unless a reader holds it for longer than a moment: then with the next deletion, or when the journal is closed.
    /// </summary>
    public static void GiveBack(string connectionString)
    {
        using SqliteConnection connection = SqliteConnections.Open(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        FreePages(connection);
        using SqliteCommand checkpoint = connection.CreateCommand();
        // Most of it without holding others up; then the rest, which waits for readers, and for which writers wait.
        checkpoint.CommandText = $"PRAGMA wal_checkpoint(PASSIVE); PRAGMA busy_timeout = {LongestWaitMs}; PRAGMA wal_checkpoint(TRUNCATE)";
        checkpoint.ExecuteNonQuery();
    }

    private static void FreePages(SqliteConnection connection)
    {
        using SqliteCommand count = connection.CreateCommand(), vacuum = connection.CreateCommand();
        count.CommandText = "PRAGMA freelist_count";
        vacuum.CommandText = $"PRAGMA incremental_vacuum({PagesAtOnce})";
        for (long free = (long)count.ExecuteScalar()!, before = long.MaxValue; free > 0 && free < before; before = free, free = (long)count.ExecuteScalar()!)
        {
            // The pragma frees one page a step.
            using SqliteDataReader steps = vacuum.ExecuteReader();
            while (steps.Read())
            {
            }
        }
    }
}
