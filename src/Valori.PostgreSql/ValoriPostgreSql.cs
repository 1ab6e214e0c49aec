using Npgsql;

namespace Valori;

/// <summary>Valori with its journal in PostgreSQL.</summary>
public static class ValoriPostgreSql
{
    /// <summary>
    /// Keeps the journal in PostgreSQL: the tables are created at the first start, and one process at a time serves them. Snapshots stay files in
    /// the data directory unless they are to be in the database too. This sets <see cref="ValoriHostingOptions.Journal"/>; the rest of what
    /// hocon/postgresql.conf explains can be set in <see cref="ValoriHostingOptions.Hocon"/>.
    /// </summary>
    /// <param name="connectionString">Of Npgsql. Leave the password out: Npgsql takes it from PGPASSWORD, or from the file that PGPASSFILE names.</param>
    /// <param name="snapshotsInDatabase">For a host without a disk that lasts. A snapshot ends at 1 GB then, and no data directory is needed.</param>
    /// <exception cref="ArgumentException">Npgsql cannot read the connection string.</exception>
    public static ValoriHostingOptions UsePostgreSql(this ValoriHostingOptions options, string connectionString, bool snapshotsInDatabase = false)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        _ = new NpgsqlConnectionStringBuilder(connectionString);
        (options.Journal.ProviderName, options.Journal.ConnectionString) = ("PostgreSQL.15", connectionString);
        if (snapshotsInDatabase) options.SnapshotStorePluginId = "valori.sql-snapshot-store";
        return options;
    }
}
