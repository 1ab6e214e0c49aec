using System.Globalization;
using Npgsql;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.Text;

namespace Valori.Actors.PostgreSql;

/// <summary>
/// Reads the journal in PostgreSQL, and the snapshots if they are there, without Akka: read-only, beside the writer, without
/// the lock. For one thread at a time; snapshots may be read while rows are.
/// </summary>
/// <remarks>
/// One transaction on each of two connections, both of the same state of the database. Until this is disposed the server keeps what is
/// deleted meanwhile. Rows come from the table: the planner is kept from the indexes, which may lie.
/// </remarks>
internal sealed class PostgreSqlJournal : JournalSource
{
    // Together; a row may have 64 MiB, and a reader that stops early waits for so many.
    private const int RowsAtOnce = 32;

    private readonly PostgreSqlTarget _target;
    private readonly NpgsqlConnection _rows;
    private readonly NpgsqlConnection _others;

    private PostgreSqlJournal(PostgreSqlTarget target)
    {
        _target = target;
        (_rows, _others) = (Connection(), Connection());

        NpgsqlConnection Connection() => target.Connection(PostgreSqlDurability.Default, $"Valori audit of process {Environment.ProcessId} on {Environment.MachineName}", commandTimeoutSeconds: 0);
    }

    public override string Path => _target.Name;

    /// <exception cref="JournalException">The database cannot be read, or has no journal.</exception>
    public static PostgreSqlJournal Open(PostgreSqlTarget target)
    {
        PostgreSqlJournal journal;
        try
        {
            journal = new PostgreSqlJournal(target);
        }
        catch (ArgumentException e)
        {
            throw CannotBeRead(target, e);
        }
        try
        {
            journal.Renew();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    public override void Renew() => Guarded(() =>
    {
        Begin(_rows);
        if (Scalar(_rows, "SELECT to_regclass(@name)::text", new NpgsqlParameter("name", _target.FullTable)) is not string)
            throw new JournalException($"{_target.Address} holds no Valori data (no table {_target.Schema}.{_target.Table}). Its schema is named by valori.journal.default.schema-name");
        Begin(_others, (string)Scalar(_rows, "SELECT pg_export_snapshot()")!);
        return true;
    });

    public override IReadOnlyList<string> PersistenceIds() => Guarded(() =>
    {
        List<string> ids = [];
        using NpgsqlCommand command = new($"SELECT DISTINCT {Id} FROM {_target.FullTable} WHERE {Id} IS NOT NULL", _others);
        using NpgsqlDataReader reader = command.ExecuteReader();
        while (reader.Read()) ids.Add(reader.GetString(0));
        // The server's collation may have another order.
        ids.Sort(StringComparer.Ordinal);
        return ids;
    });

    public override long LastSequenceNr(string persistenceId) => Guarded(() =>
        Scalar(_others, $"SELECT max({Nr}) FROM {_target.FullTable} WHERE {Id} = @id", new NpgsqlParameter("id", persistenceId)) is long last ? last : 0);

    public override IEnumerable<JournalRow> Rows(string persistenceId) => Rows(persistenceId, 1, long.MaxValue);

    /// <param name="from">The first sequence number.</param>
    /// <param name="to">The last one.</param>
    /// <exception cref="CorruptionException">While they are taken: a column holds nothing.</exception>
    public IEnumerable<JournalRow> Rows(string persistenceId, long from, long to)
    {
        string[] columns = [.. new[] { _target.Columns.Message, _target.Columns.Deleted, _target.Columns.Manifest, _target.Columns.Identifier }.Select(PostgreSqlTarget.Quote)];
        string range = string.Create(CultureInfo.InvariantCulture, $"{Nr} BETWEEN {from} AND {to}");
        Guarded(() => Execute(_rows,
            $"DECLARE valori_rows NO SCROLL CURSOR FOR SELECT {Nr}, {string.Join(", ", columns)}::bigint FROM {_target.FullTable} "
            + $"WHERE {Id} = @id AND {range} ORDER BY {Nr}, {PostgreSqlTarget.Quote(_target.Columns.Ordering)}", new NpgsqlParameter("id", persistenceId)));
        try
        {
            using NpgsqlCommand fetch = new($"FETCH {RowsAtOnce} FROM valori_rows", _rows);
            for (bool isMore = true; isMore;)
            {
                isMore = false;
                using NpgsqlDataReader reader = Guarded(() => fetch.ExecuteReader());
                while (Guarded(() => reader.Read()))
                {
                    isMore = true;
                    yield return Guarded(() => Row(reader));
                }
            }
        }
        finally
        {
            Guarded(() => Execute(_rows, "CLOSE valori_rows"));
        }
    }

    public override IReadOnlyList<JournalRow> Intents() => Guarded(() =>
    {
        string[] columns = [.. new[] { _target.Columns.Message, _target.Columns.Deleted, _target.Columns.Manifest, _target.Columns.Identifier }.Select(PostgreSqlTarget.Quote)];
        using NpgsqlCommand command = new($"SELECT {Nr}, {string.Join(", ", columns)}::bigint FROM {_target.FullTable} WHERE {Id} = @id ORDER BY {Nr}", _rows);
        command.Parameters.AddWithValue("id", DropIntent.PersistenceId);
        using NpgsqlDataReader reader = command.ExecuteReader();
        List<JournalRow> intents = [];
        while (reader.Read())
        {
            bool isWhole = !Enumerable.Range(1, columns.Length).Any(reader.IsDBNull);
            intents.Add(isWhole ? Row(reader) : DropIntent.Damaged(reader.GetInt64(0)));
        }
        return intents;
    });

    public override IReadOnlyList<SnapshotSource> Snapshots(string persistenceId)
    {
        if (_target is not { SnapshotTable: { } table, SnapshotColumns: { } columns }) return [];
        (string id, string nr) = (PostgreSqlTarget.Quote(columns.PersistenceId), PostgreSqlTarget.Quote(columns.SequenceNumber));
        return Guarded(() =>
        {
            if (Scalar(_others, "SELECT to_regclass(@name)::text", new NpgsqlParameter("name", table)) is not string) return [];
            List<SnapshotSource> found = [];
            using NpgsqlCommand command = new($"SELECT {nr} FROM {table} WHERE {id} = @id ORDER BY {nr}", _others);
            command.Parameters.AddWithValue("id", persistenceId);
            using NpgsqlDataReader reader = command.ExecuteReader();
            while (reader.Read()) found.Add(Snapshot(table, persistenceId, reader.GetInt64(0)));
            return found;
        });
    }

    public override IReadOnlyList<SnapshotSource> SnapshotsWithout(IReadOnlyList<string> persistenceIds)
    {
        if (_target is not { SnapshotTable: { } table, SnapshotColumns: { } columns }) return [];
        (string id, string nr) = (PostgreSqlTarget.Quote(columns.PersistenceId), PostgreSqlTarget.Quote(columns.SequenceNumber));
        return Guarded(() =>
        {
            if (Scalar(_others, "SELECT to_regclass(@name)::text", new NpgsqlParameter("name", table)) is not string) return [];
            List<SnapshotSource> found = [];
            using NpgsqlCommand command = new($"SELECT {id}, {nr} FROM {table} WHERE {id} <> ALL (@known) ORDER BY {id}, {nr}", _others);
            command.Parameters.AddWithValue("known", persistenceIds.ToArray());
            using NpgsqlDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                // The table may have another application's too.
                if (ValoriSettings.NameOf(reader.GetString(0)) is not null) found.Add(Snapshot(table, reader.GetString(0), reader.GetInt64(1)));
            }
            return found;
        });
    }

    /// <summary>What journal and snapshots take in the database, with their indexes, in bytes.</summary>
    public (long Journal, long Snapshots) Sizes() => Guarded(() => (
        (long)Scalar(_others, "SELECT pg_total_relation_size(to_regclass(@name))", new NpgsqlParameter("name", _target.FullTable))!,
        _target.SnapshotTable is { } table && Scalar(_others, "SELECT pg_total_relation_size(to_regclass(@name))", new NpgsqlParameter("name", table)) is long bytes ? bytes : 0L));

    public override void Dispose()
    {
        _rows.Dispose();
        _others.Dispose();
    }

    private string Id => PostgreSqlTarget.Quote(_target.Columns.PersistenceId);

    private string Nr => PostgreSqlTarget.Quote(_target.Columns.SequenceNumber);

    private SnapshotSource Snapshot(string table, string persistenceId, long sequenceNr)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"snapshot of {persistenceId} at {sequenceNr} in {table} of {_target.Address}");
        return new SnapshotSource(path, sequenceNr, () => Guarded(() => OpenSnapshot(path, persistenceId, sequenceNr)));
    }

    private MemoryStream OpenSnapshot(string path, string persistenceId, long sequenceNr)
    {
        Akka.Persistence.Sql.Config.SnapshotTableColumnNames columns = _target.SnapshotColumns!;
        using NpgsqlCommand command = new(
            $"SELECT {PostgreSqlTarget.Quote(columns.Snapshot)}, {PostgreSqlTarget.Quote(columns.Manifest)}, {PostgreSqlTarget.Quote(columns.SerializerId)}::bigint FROM {_target.SnapshotTable} "
            + $"WHERE {PostgreSqlTarget.Quote(columns.PersistenceId)} = @id AND {PostgreSqlTarget.Quote(columns.SequenceNumber)} = @nr", _others);
        command.Parameters.AddWithValue("id", persistenceId);
        command.Parameters.AddWithValue("nr", sequenceNr);
        using NpgsqlDataReader reader = command.ExecuteReader();
        if (!reader.Read()) throw new FileNotFoundException($"{path} is gone");
        // Only Valori's own form is read; whatever else a row says it is, is not believed.
        string manifest = reader.IsDBNull(1) ? "nothing" : reader.GetString(1), serializer = reader.IsDBNull(2) ? "nothing" : reader.GetInt64(2).ToString(CultureInfo.InvariantCulture);
        if (manifest != ValoriSerializer.SnapshotManifest) throw new CorruptionException(path, 0, $"{ValoriSerializer.SnapshotManifest} in the column {columns.Manifest}", manifest);
        if (serializer != ValoriSerializer.Number.ToString(CultureInfo.InvariantCulture))
            throw new CorruptionException(path, 0, $"{ValoriSerializer.Number} in the column {columns.SerializerId}", serializer);
        return reader.IsDBNull(0)
            ? throw new CorruptionException(path, 0, $"bytes in the column {columns.Snapshot}", "nothing")
            : new MemoryStream(reader.GetFieldValue<byte[]>(0), writable: false);
    }

    private JournalRow Row(NpgsqlDataReader reader)
    {
        long sequenceNr = reader.GetInt64(0);
        return new JournalRow(sequenceNr, Column<byte[]>(1, "bytes"), Column<bool>(2, "true or false"), Column<string>(3, "text"), Column<long>(4, "a whole number"));

        T Column<T>(int column, string what) => reader.IsDBNull(column)
            ? throw new CorruptionException(Path, sequenceNr, $"{what} in the column {reader.GetName(column)}", "nothing")
            : reader.GetFieldValue<T>(column);
    }

    private static void Begin(NpgsqlConnection connection, string? snapshot = null)
    {
        if (connection.State == System.Data.ConnectionState.Open) Execute(connection, "COMMIT");
        else connection.Open();
        Execute(connection, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        if (snapshot is not null) Execute(connection, $"SET TRANSACTION SNAPSHOT '{snapshot}'");
        Execute(connection, "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off");
    }

    private static int Execute(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        using NpgsqlCommand command = new(sql, connection);
        command.Parameters.AddRange(parameters);
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        using NpgsqlCommand command = new(sql, connection);
        command.Parameters.AddRange(parameters);
        return command.ExecuteScalar();
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (NpgsqlException e)
        {
            // The server's own words for a page or a value that cannot be read.
            if (e is PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted })
                throw new CorruptionException(Path, 0, "a table that can be read", e.Message, e);
            throw CannotBeRead(_target, e);
        }
    }

    private static JournalException CannotBeRead(PostgreSqlTarget target, Exception e) => new($"the journal ({target.Name}) cannot be read: {Describe.Fault(e)}", e);

}
