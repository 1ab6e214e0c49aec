using Microsoft.Data.Sqlite;

namespace Valori.Actors.Journal;

/// <summary>Gives the pages of dropped events back to the file system.</summary>
internal static class JournalSpace
{
    // Each step is a write of its own, so that the engines' writes come in between.
    private const int PagesAtOnce = 1000;

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

    public static void GiveBack(string directory)
    {
        using SqliteConnection connection = new(new SqliteConnectionStringBuilder(ReferenceConfig.SqliteConnectionString(directory)) { Pooling = false }.ToString());
        connection.Open();
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
