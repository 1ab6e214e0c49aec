using Akka.Configuration;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Snapshot;
using Npgsql;
using Valori.Actors.Settings;

namespace Valori.Actors.PostgreSql;

/// <summary>Where a configuration keeps its journal in PostgreSQL, and its snapshots if they are there too. All names are full and quoted.</summary>
/// <param name="Address">Host, port and database, used in errors: without user and password.</param>
/// <param name="Schema">Of the journal, as it is configured.</param>
/// <param name="Table">The journal's name in its schema.</param>
/// <param name="SnapshotTable">Full; null if snapshots are not in the database.</param>
internal sealed record PostgreSqlTarget(
    string ConnectionString, string Address, string Schema, string Table, JournalTableColumnNames Columns, string? SnapshotTable, SnapshotTableColumnNames? SnapshotColumns)
{
    /// <summary>The journal's table, for SQL.</summary>
    public string FullTable => $"{Quote(Schema)}.{Quote(Table)}";

    /// <summary>The journal's name in errors.</summary>
    public string Name => $"{Schema}.{Table} in {Address}";

    /// <summary>Of a configuration that has the reference as its fallback; null if <c>valori.journal</c> is not on PostgreSQL, or is not used.</summary>
    public static PostgreSqlTarget? Of(Config root)
    {
        Config journal = root.GetConfig("valori.journal");
        if (root.GetString("valori.journal-plugin-id") != "valori.journal"
            || Type.GetType(journal.GetString("class") ?? "")?.IsAssignableTo(typeof(SqlWriteJournal)) != true
            || !ReferenceConfig.IsPostgreSql(journal.GetString("provider-name")))
        {
            return null;
        }
        JournalConfig settings = new(journal.WithFallback(SqlPersistence.DefaultJournalConfiguration));
        string snapshotPlugin = root.GetString("valori.snapshot-store-plugin-id");
        SnapshotConfig? snapshots = Type.GetType(root.GetString(snapshotPlugin + ".class") ?? "")?.IsAssignableTo(typeof(SqlSnapshotStore)) == true
            ? new SnapshotConfig(root.GetConfig(snapshotPlugin).WithFallback(SqlPersistence.DefaultSnapshotConfiguration))
            : null;
        return new PostgreSqlTarget(
            settings.ConnectionString,
            AddressOf(settings.ConnectionString),
            settings.TableConfig.SchemaName ?? ReferenceConfig.DefaultSchema,
            settings.TableConfig.EventJournalTable.Name,
            settings.TableConfig.EventJournalTable.ColumnNames,
            snapshots is null ? null : $"{Quote(snapshots.TableConfig.SchemaName ?? ReferenceConfig.DefaultSchema)}.{Quote(snapshots.TableConfig.SnapshotTable.Name)}",
            snapshots?.TableConfig.SnapshotTable.ColumnNames);
    }

    /// <summary>A connection of one's own, outside of the pool, that tells the server who it is.</summary>
    /// <exception cref="ArgumentException">Npgsql cannot read the string.</exception>
    public NpgsqlConnection Connection(string level, string applicationName, int commandTimeoutSeconds, string more = "")
    {
        NpgsqlConnectionStringBuilder builder = new(PostgreSqlDurability.Durable(ConnectionString, level))
        {
            Pooling = false,
            Enlist = false,
            CommandTimeout = commandTimeoutSeconds,
            ApplicationName = applicationName,
        };
        if (more.Length > 0) builder.Options = $"{builder.Options} {more}";
        return new NpgsqlConnection(builder.ToString());
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string AddressOf(string connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder builder = new(connectionString);
            return $"PostgreSQL {builder.Host}:{builder.Port}/{builder.Database ?? builder.Username}";
        }
        catch (ArgumentException)
        {
            return "PostgreSQL (a connection string that cannot be read)";
        }
    }
}
