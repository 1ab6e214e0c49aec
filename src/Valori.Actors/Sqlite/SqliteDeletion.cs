using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Drops events from a journal on SQLite as the plugin does, but for one thing: their messages are overwritten where they are
/// before their rows are deleted. While it deletes, SQLite moves rows between pages, and what it moved stays readable in the
/// unused part of a page, with secure_delete too.
/// </summary>
internal static class SqliteDeletion
{
    /// <summary>Drops the events up to a sequence number. The row of the last of them stays, marked deleted.</summary>
    /// <exception cref="SqliteException">Nothing was dropped.</exception>
    public static void DropTo(string connectionString, EventJournalTableConfig table, string persistenceId, long toSequenceNr)
    {
        using SqliteConnection connection = SqliteConnections.Open(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.Parameters.AddWithValue("$id", persistenceId);
        SqliteParameter to = command.Parameters.AddWithValue("$to", toSequenceNr);
        (string journal, JournalTableColumnNames names) = ($"\"{table.Name}\"", table.ColumnNames);
        string isOfEngine = $"\"{names.PersistenceId}\" = $id AND \"{names.SequenceNumber}\"";
        command.CommandText = $"SELECT max(\"{names.SequenceNumber}\") FROM {journal} WHERE {isOfEngine} <= $to";
        if (command.ExecuteScalar() is not long last) return;
        to.Value = last;
        command.CommandText = $"""
            UPDATE {journal} SET "{names.Deleted}" = 1 WHERE {isOfEngine} = $to;
            UPDATE {journal} SET "{names.Message}" = zeroblob(length("{names.Message}")) WHERE {isOfEngine} < $to;
            DELETE FROM {journal} WHERE {isOfEngine} < $to
            """;
        command.ExecuteNonQuery();
        transaction.Commit();
    }
}
