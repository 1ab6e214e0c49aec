using Akka.Persistence.Sql.Config;
using Microsoft.Data.Sqlite;
using Valori.Actors.Rows;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Lets a collection's rows go from a journal on SQLite. Each step is a turn of the writer, so that other engines' writes come in between.
/// All messages are overwritten before the first row is deleted, for the reason that <see cref="SqliteDeletion"/> has.
/// </summary>
internal sealed class SqliteDrops : IDropTable
{
    // Of messages, in one step: about as long as a batch of an engine keeps the others waiting.
    private const long StepBytes = 4 << 20;
    private const int StepRows = 2_000;

    private readonly string _connectionString;
    private readonly SqliteWriter _writer;
    private readonly string _journal;
    private readonly string _id;
    private readonly string _nr;
    private readonly string _message;
    private readonly string _intents;

    public SqliteDrops(string connectionString, EventJournalTableConfig table, SqliteWriter writer)
    {
        _connectionString = connectionString;
        _writer = writer;
        JournalTableColumnNames names = table.ColumnNames;
        (_journal, _id, _nr, _message) = ($"\"{table.Name}\"", $"\"{names.PersistenceId}\"", $"\"{names.SequenceNumber}\"", $"\"{names.Message}\"");
        _intents = $"SELECT {_nr}, {_message}, \"{names.Deleted}\", \"{names.Manifest}\", \"{names.Identifier}\" FROM {_journal} WHERE {_id} = $id";
    }

    public Task<IReadOnlyList<string>> FindAsync() => Task.Run(() =>
    {
        using SqliteConnection connection = SqliteConnections.Open(_connectionString);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = _intents;
        command.Parameters.AddWithValue("$id", DropIntent.PersistenceId);
        using SqliteDataReader reader = command.ExecuteReader();
        return DropIntent.Read(IntentsOf(reader));
    });

    public async Task<bool> BeginAsync(string persistenceId, bool isKnownElsewhere, Row intent)
    {
        bool exists = false;
        await _writer.DoAsync((connection, insert) =>
        {
            exists = isKnownElsewhere || HasRows(connection, persistenceId);
            if (!exists) return 0;
            RemoveIntent(connection, intent.SequenceNumber);
            return insert(intent);
        }).ConfigureAwait(false);
        return exists;
    }

    public async Task<long?> EraseAsync(string persistenceId, long after)
    {
        long? last = null;
        await _writer.DoAsync((connection, _) =>
        {
            (last, long bytes) = FindStep(connection, persistenceId, after);
            // A damaged file may hold anything as a sequence number. Such rows come last.
            string which = last is null ? $"typeof({_nr}) <> 'integer'" : $"{_nr} > $after AND {_nr} <= $last";
            Execute(connection, $"UPDATE {_journal} SET {_message} = zeroblob(length({_message})) WHERE {_id} = $id AND {which}",
                ("$id", persistenceId), ("$after", after), ("$last", last ?? 0));
            return bytes;
        }).ConfigureAwait(false);
        return last;
    }

    public async Task<bool> DeleteAsync(string persistenceId)
    {
        bool isMore = false;
        await _writer.DoAsync((connection, _) =>
        {
            (long? last, long bytes) = FindStep(connection, persistenceId, long.MinValue);
            string which = last is null ? "" : $" AND {_nr} <= $last";
            Execute(connection, $"DELETE FROM {_journal} WHERE {_id} = $id{which}", ("$id", persistenceId), ("$last", last ?? 0));
            isMore = HasRows(connection, persistenceId);
            return bytes;
        }).ConfigureAwait(false);
        return isMore;
    }

    public async Task<bool> SeedAsync(Row dropped, Row next)
    {
        bool isNew = false;
        await _writer.DoAsync((connection, insert) =>
        {
            isNew = !HasRows(connection, dropped.PersistenceId);
            return isNew ? insert(dropped) + insert(next) : 0;
        }).ConfigureAwait(false);
        return isNew;
    }

    public async Task EndAsync(string persistenceId)
    {
        // The log has the rows as they were inserted. While the intent is there, the start after a crash empties it.
        await Task.Run(() => JournalSpace.GiveBack(_connectionString)).ConfigureAwait(false);
        await _writer.DoAsync((connection, _) =>
        {
            RemoveIntent(connection, DropIntent.SequenceNrOf(persistenceId));
            return 0;
        }).ConfigureAwait(false);
    }

    /// <summary>The next rows that are a step together: the last one's sequence number, or null if there are none, and about their bytes.</summary>
    private (long? Last, long Bytes) FindStep(SqliteConnection connection, string persistenceId, long after)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {_nr}, length({_message}) FROM {_journal} WHERE {_id} = $id AND {_nr} > $after AND typeof({_nr}) = 'integer' ORDER BY {_nr} LIMIT {StepRows}";
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$after", after);
        using SqliteDataReader reader = command.ExecuteReader();
        (long? last, long bytes) = (null, 0);
        while (bytes < StepBytes && reader.Read())
        {
            last = reader.GetInt64(0);
            bytes += reader.IsDBNull(1) ? 0 : reader.GetInt64(1);
        }
        return (last, bytes);
    }

    private static IEnumerable<JournalRow> IntentsOf(SqliteDataReader reader)
    {
        while (reader.Read())
        {
            // SQLite keeps any type in any column, so each is asked for what it is.
            yield return (reader.GetValue(0), reader.GetValue(1), reader.GetValue(2), reader.GetValue(3), reader.GetValue(4)) is
                (long nr, byte[] message, long deleted, string manifest, long identifier)
                ? new JournalRow(nr, message, deleted != 0, manifest, identifier)
                : DropIntent.Damaged(0);
        }
    }

    private bool HasRows(SqliteConnection connection, string persistenceId)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT EXISTS(SELECT 1 FROM {_journal} WHERE {_id} = $id)";
        command.Parameters.AddWithValue("$id", persistenceId);
        return command.ExecuteScalar() is not 0L;
    }

    private void RemoveIntent(SqliteConnection connection, long sequenceNr) =>
        Execute(connection, $"DELETE FROM {_journal} WHERE {_id} = $id AND {_nr} = $nr", ("$id", DropIntent.PersistenceId), ("$nr", sequenceNr));

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }
}
