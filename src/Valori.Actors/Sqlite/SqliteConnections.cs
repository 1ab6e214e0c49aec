using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Runtime.InteropServices;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider;
using LinqToDB.DataProvider.SQLite;
using LinqToDB.Internal.DataProvider.SQLite;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Valori.Actors.Entries;

namespace Valori.Actors.Sqlite;

/// <summary>
/// The one place where connections to a SQLite journal are opened: each writes durably, overwrites what it deletes, and runs nothing
/// that a schema contains. Thread-safe.
/// </summary>
internal static partial class SqliteConnections
{
    // Nothing waits for the disk without fullfsync on macOS, where fsync leaves the bytes in the drive's cache; elsewhere it is ignored.
    // Untrusted schema: functions of a view, a default or an index expression are not run. Cell sizes: a damaged page is found where it
    // is read, and not by what it makes of its neighbours.
    private const string Settings = """
        PRAGMA synchronous = FULL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        PRAGMA secure_delete = ON;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON
        """;

    // Journals that the plugin opens on its own, by connection string, and how many directories want it.
    private static readonly ConcurrentDictionary<string, int> Journals = [];

    static SqliteConnections() =>
        DataConnection.InsertProviderDetector(options => options.ConnectionString is { } opened && Journals.ContainsKey(opened) ? SecureProvider.Instance : null);

    /// <summary>Opens a connection with the settings above.</summary>
    /// <exception cref="SqliteException">The file cannot be opened, or is not a database.</exception>
    public static SqliteConnection Open(string connectionString)
    {
        SecureConnection connection = new(connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// From now on the connections that Akka.Persistence.Sql opens to this journal have the settings too: it offers no place to say so
    /// but the ActorSystem's setup, which an application made before Valori was asked.
    /// </summary>
    public static void SecurePlugin(string connectionString) => Journals.AddOrUpdate(connectionString, 1, (_, directories) => directories + 1);

    /// <summary>Takes <see cref="SecurePlugin"/> back.</summary>
    public static void ReleasePlugin(string connectionString)
    {
        if (Journals.AddOrUpdate(connectionString, 0, (_, directories) => directories - 1) <= 0)
            Journals.TryRemove(KeyValuePair.Create(connectionString, 0));
    }

    /// <summary>Whether this build of SQLite does what it was told: a setting that it does not know, it ignores.</summary>
    /// <exception cref="IOException">It does not.</exception>
    public static void Check(SqliteConnection connection)
    {
        Expect(connection, "synchronous", 2, "a commit would not wait for the disk");
        Expect(connection, "secure_delete", 1, "deleted content would stay readable in the file");
        Expect(connection, "trusted_schema", 0, "functions in the schema would be run");
        Expect(connection, "cell_size_check", 1, "a damaged page could pass for a sound one");
    }

    /// <param name="sql">What must come first, before the connection reads anything.</param>
    internal static void Secure(SqliteConnection connection, string sql = "")
    {
        Configure(connection, raw.SQLITE_DBCONFIG_DEFENSIVE, 1);
        Configure(connection, raw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
        Configure(connection, raw.SQLITE_DBCONFIG_ENABLE_VIEW, 0);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql + Settings;
        command.ExecuteNonQuery();
    }

    /// <summary>The first <see cref="EntryPlace.MaximumBytes"/> bytes of a row's message, without reading all of a large one.</summary>
    /// <param name="ordering">The row's, which there is.</param>
    public static byte[] ReadStart(SqliteConnection connection, string table, string column, long ordering)
    {
        using SqliteBlob message = new(connection, table, column, ordering, readOnly: true);
        byte[] start = new byte[Math.Min(EntryPlace.MaximumBytes, message.Length)];
        message.ReadExactly(start);
        return start;
    }

    /// <summary>When the last connection closes, the log is left as it is, and not folded into the file.</summary>
    public static void KeepLogOnClose(SqliteConnection connection, bool isKept) =>
        Configure(connection, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isKept ? 1 : 0);

    /// <summary>Whether the path leads to another file than the one that is open, or to none. Costs one question to the file system.</summary>
    public static unsafe bool HasMoved(SqliteConnection connection)
    {
        const int hasMoved = 20;
        int moved = 0;
        // Systems on which an open file cannot be moved do not know this question.
        return FileControl(connection.Handle!, "main", hasMoved, &moved) == raw.SQLITE_OK && moved != 0;
    }

    /// <summary>Whether the file was opened for reading only, which SQLite does without a word if it may not write it.</summary>
    public static bool IsReadOnly(SqliteConnection connection) => raw.sqlite3_db_readonly(connection.Handle!, "main") != 0;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int FileControl(sqlite3 connection, string database, int operation, void* argument);

    private static void Configure(SqliteConnection connection, int option, int value)
    {
        int error = raw.sqlite3_db_config(connection.Handle!, option, value, out int result);
        if (error != raw.SQLITE_OK || result != value)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"this build of SQLite refuses the setting {option} = {value} of sqlite3_db_config "
                + $"(error {error}): use the one that Valori is published with"));
    }

    private static void Expect(SqliteConnection connection, string pragma, long expected, string consequence)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        object? found = command.ExecuteScalar();
        if (found is not long value || value != expected)
            throw new IOException($"PRAGMA {pragma} is {found ?? "unknown"}, not {expected}: {consequence}. This build of SQLite ignores the setting: use the one that Valori is published with");
    }

    /// <summary>Has the settings from the moment that it is open, also when it comes from the pool.</summary>
    private sealed class SecureConnection(string connectionString) : SqliteConnection(connectionString)
    {
        public override void Open()
        {
            base.Open();
            Secure(this);
        }
    }

    /// <summary>linq2db's provider of Microsoft.Data.Sqlite, with our connections.</summary>
    private sealed class SecureProvider() : SQLiteDataProvider(ProviderName.SQLiteMS, SQLiteProvider.Microsoft)
    {
        public static IDataProvider Instance { get; } = new SecureProvider();

        protected override DbConnection CreateConnectionInternal(string connectionString) => new SecureConnection(connectionString);
    }
}
