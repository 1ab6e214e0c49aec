using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Runs statements of SQLite, and tells meanwhile how much they have read. The one that is told may hold them back, or stop them. SQLite calls
/// back every so many steps, also from within its integrity check.
/// </summary>
internal static class PacedStatements
{
    // Steps of a statement, or pages of the integrity check, from one call to the next: at 8 KiB a page, 800 KiB.
    private const int Steps = 100;

    /// <param name="taking">Is told the bytes that were read since it was told last. It may take its time, and stop the statement by throwing.</param>
    public static void Run(SqliteConnection connection, Action<long> taking, Action statements)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA page_size";
        long pageBytes = (long)command.ExecuteScalar()!;
        int seen = PagesRead(connection);
        ExceptionDispatchInfo? stopped = null;
        raw.sqlite3_progress_handler(connection.Handle!, Steps, OnProgress, null);
        try
        {
            statements();
            OnProgress(null);
        }
        catch (Exception) when (stopped is not null)
        {
            // It was interrupted; why is thrown below.
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle!, 0, null, null);
        }
        stopped?.Throw();

        // No exception may pass through SQLite: the process would end.
        int OnProgress(object? _)
        {
            try
            {
                int read = PagesRead(connection);
                taking((read - seen) * pageBytes);
                seen = read;
                return 0;
            }
            catch (Exception e)
            {
                stopped = ExceptionDispatchInfo.Capture(e);
                return 1;
            }
        }
    }

    private static int PagesRead(SqliteConnection connection)
    {
        const int cacheMiss = 8;
        raw.sqlite3_db_status(connection.Handle!, cacheMiss, out int current, out int _, 0);
        return current;
    }
}
