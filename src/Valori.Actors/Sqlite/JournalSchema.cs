using System.Text;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Sqlite;

/// <summary>
/// The schema of a SQLite journal, exactly: what Akka.Persistence.Sql creates, and nothing else. A trigger, or a constraint with
/// <c>ON CONFLICT IGNORE</c>, can drop an insert that is then acknowledged.
/// </summary>
internal static class JournalSchema
{
    private const string Table = "journal";

    // Of every journal.
    private static readonly Dictionary<string, string> Required = ByName(
        """
        CREATE TABLE [journal]
        (
            [ordering] INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            [created] INTEGER NOT NULL,
            [deleted] Bit NOT NULL,
            [persistence_id] NVarChar(255) NOT NULL,
            [sequence_number] INTEGER NOT NULL,
            [message] VarBinary NOT NULL,
            [tags] NVarChar(100) NULL,
            [manifest] NVarChar(500) NULL,
            [identifier] INTEGER NULL,
            [writer_uuid] NVarChar(128) NULL
        )
        """,
        "CREATE TABLE sqlite_sequence(name,seq)",
        "CREATE UNIQUE INDEX journal_uq ON journal (persistence_id, sequence_number)",
        "CREATE INDEX journal_created_idx ON journal (created)",
        "CREATE INDEX journal_sequence_number_idx ON journal (sequence_number)");

    // Of the plugin's other settings (delete-compatibility-mode, tag-write-mode), and of its snapshot store on the same file.
    private static readonly Dictionary<string, string> Allowed = ByName(
        """
        CREATE TABLE [journal_metadata]
        (
            [persistence_id] NVarChar(255) NOT NULL,
            [sequence_number] INTEGER NOT NULL,

            CONSTRAINT [PK_journal_metadata] PRIMARY KEY ([sequence_number], [persistence_id])
        )
        """,
        """
        CREATE TABLE [tags]
        (
            [ordering_id] INTEGER NOT NULL,
            [tag] NVarChar(64) NOT NULL,
            [sequence_nr] INTEGER NOT NULL,
            [persistence_id] NVarChar(255) NOT NULL,

            CONSTRAINT [PK_tags] PRIMARY KEY ([ordering_id], [tag])
        )
        """,
        "CREATE INDEX tags_persistence_id_sequence_nr_idx ON tags (persistence_id, sequence_nr)",
        "CREATE INDEX tags_tag_idx ON tags (tag)",
        """
        CREATE TABLE [snapshot]
        (
            [persistence_id] NVarChar(255) NOT NULL,
            [sequence_number] INTEGER NOT NULL,
            [created] INTEGER NOT NULL,
            [snapshot] VarBinary NULL,
            [manifest] NVarChar(500) NULL,
            [serializer_id] INTEGER NULL,

            CONSTRAINT [PK_snapshot] PRIMARY KEY ([persistence_id], [sequence_number])
        )
        """,
        "CREATE INDEX snapshot_sequence_number_idx ON snapshot (sequence_number)",
        "CREATE INDEX snapshot_created_idx ON snapshot (created)");

    // SQLite's own for a primary key; it has no text.
    private static readonly string[] PrimaryKeys = ["sqlite_autoindex_journal_metadata_1", "sqlite_autoindex_tags_1", "sqlite_autoindex_snapshot_1"];

    /// <exception cref="CorruptionException">It is another one; names what differs, and says what to do.</exception>
    /// <exception cref="SqliteException">It cannot be read.</exception>
    public static void Check(SqliteConnection connection, string path)
    {
        HashSet<string> found = [];
        using (SqliteCommand command = connection.CreateCommand())
        {
            // In the order of the file, so that no index takes part.
            command.CommandText = "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid";
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                string type = Text(reader, 0), name = Text(reader, 1);
                CheckObject(path, type, name, reader.IsDBNull(2) ? null : Text(reader, 2));
                found.Add(name);
            }
        }
        // None is there in a new file. A process that died while the plugin created them leaves some, and no rows; it goes on at the next start.
        string? missing = found.Contains(Table) ? Required.Keys.FirstOrDefault(name => !found.Contains(name)) : null;
        if (missing is not null && HasRows(connection))
            throw new CorruptionException(path, 0, $"{Required[missing]}, as in every journal", $"no {missing}. Restore a copy of the file, or create it anew with that statement");
    }

    private static void CheckObject(string path, string type, string name, string? sql)
    {
        if (Required.GetValueOrDefault(name, Allowed.GetValueOrDefault(name, "")) is { Length: > 0 } expected)
        {
            if (sql is null || Normalize(sql) != expected)
                throw new CorruptionException(path, 0, expected, $"{sql ?? "nothing"}. The {type} {name} was changed or damaged, so acknowledged writes could be lost: restore a copy of the file");
        }
        else if (!(sql is null && type == "index" && PrimaryKeys.Contains(name)))
        {
            throw new CorruptionException(path, 0, "only the tables and indexes of a Valori journal",
                $"the {type} {name}, which is not Valori's and may change what is written: {sql ?? "it has no text"}. "
                + $"If you put it there, remove it (DROP {type.ToUpperInvariant()} {name}) and keep it in a database of its own; otherwise find out who did, and restore a copy of the file");
        }
    }

    private static bool HasRows(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT EXISTS(SELECT 1 FROM journal NOT INDEXED)";
        return command.ExecuteScalar() is not 0L;
    }

    // A damaged schema may hold any type.
    private static string Text(SqliteDataReader reader, int column) => reader.GetValue(column) as string ?? "";

    private static Dictionary<string, string> ByName(params string[] statements) => statements.Select(Normalize).ToDictionary(NameOf);

    private static string NameOf(string statement) =>
        statement.Split(' ', '(').SkipWhile(word => word is "CREATE" or "UNIQUE" or "TABLE" or "INDEX").First().Trim('[', ']');

    /// <summary>With single spaces: the plugin lines columns up by their names.</summary>
    private static string Normalize(string sql)
    {
        StringBuilder text = new(sql.Length);
        foreach (char c in sql)
        {
            if (!char.IsWhiteSpace(c)) text.Append(c);
            else if (text.Length > 0 && text[^1] != ' ') text.Append(' ');
        }
        return text.ToString();
    }
}
