using Npgsql;
using Valori.Actors.Settings;

namespace Valori.Actors.PostgreSql;

/// <summary>What a server says about itself and about the journal's table, in one question that changes nothing.</summary>
/// <param name="SynchronousCommit">Of the connection that asked.</param>
/// <param name="Table">Null if there is no table yet: the plugin creates it.</param>
/// <param name="FoundBySearchPath">The table that the journal's name alone would find, with its schema; null if none.</param>
internal sealed record PostgreSqlFacts(
    string SynchronousCommit, string Fsync, string FullPageWrites, bool IsReadOnly, bool IsStandby, bool HasSchema, PostgreSqlTable? Table, string? FoundBySearchPath)
{
    /// <exception cref="NpgsqlException">The server did not answer.</exception>
    public static async Task<PostgreSqlFacts> ReadAsync(NpgsqlConnection connection, PostgreSqlTarget target, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        // A trigger before an insert can leave the row out without an error, and one after it, or at the commit, can delete it again
        // when the insert has told of one row. So any on inserts (bit 4 of its type) is one too many; so is a rule.
        command.CommandText = """
            SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
                   current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
                   to_regnamespace(@schema) IS NOT NULL,
                   c.oid::bigint, c.relkind::text, c.relpersistence::text, has_table_privilege(c.oid, 'INSERT, SELECT'), row_security_active(c.oid),
                   (SELECT string_agg(t.tgname::text, ', ' ORDER BY t.tgname) FROM pg_catalog.pg_trigger t
                     WHERE (t.tgrelid = c.oid OR t.tgrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))
                       AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 4 <> 0),
                   (SELECT string_agg(r.rulename::text, ', ' ORDER BY r.rulename) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_enabled <> 'D'),
                   EXISTS (SELECT FROM pg_catalog.pg_index i
                     WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnatts = 2
                       AND (SELECT count(*) FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND a.attname IN (@id, @nr)) = 2),
                   (SELECT n.nspname::text || '.' || o.relname::text FROM pg_catalog.pg_class o JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
                     WHERE o.oid = to_regclass(@table))
              FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_class c ON c.oid = to_regclass(@full)
            """;
        command.Parameters.AddWithValue("full", target.FullTable);
        command.Parameters.AddWithValue("table", PostgreSqlTarget.Quote(target.Table));
        command.Parameters.AddWithValue("schema", PostgreSqlTarget.Quote(target.Schema));
        command.Parameters.AddWithValue("id", target.Columns.PersistenceId);
        command.Parameters.AddWithValue("nr", target.Columns.SequenceNumber);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        PostgreSqlTable? table = reader.IsDBNull(6) ? null : new PostgreSqlTable(
            reader.GetInt64(6), reader.GetString(7), reader.GetString(8), reader.GetBoolean(9), reader.GetBoolean(10), Text(11), Text(12), reader.GetBoolean(13));
        return new PostgreSqlFacts(
            reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetBoolean(4), reader.GetBoolean(5), table, Text(14));

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    /// <summary>Why nothing may be served from there; null if it may.</summary>
    public string? Fault(PostgreSqlTarget target)
    {
        if (SynchronousCommit == PostgreSqlDurability.Lossy)
        {
            return $"{target.Address} has synchronous_commit = off on Valori's connections: a power cut can lose what was acknowledged. Valori asks for \"{PostgreSqlDurability.Default}\" "
                + "when it connects, so valori.journal.connection-string or PGOPTIONS sets off itself, or a pooler in between drops the options. "
                + "Remove that setting, or run ALTER ROLE ... SET synchronous_commit = on";
        }
        if (Fsync != "on") return $"{target.Address} has fsync = {Fsync}: a power cut may destroy what was acknowledged, and the whole database with it. Set fsync = on";
        if (IsStandby) return $"{target.Address} is a standby, which cannot be written: connect to the primary";
        if (IsReadOnly) return $"{target.Address} is read-only for Valori's user (default_transaction_read_only = on): nothing can be written there";
        if (!HasSchema) return $"{target.Address} has no schema \"{target.Schema}\" (valori.journal.default.schema-name): run CREATE SCHEMA, or name an existing schema";
        // A schema that was named on purpose may begin empty.
        if (Table is null && target.Schema == ReferenceConfig.DefaultSchema && FoundBySearchPath is { } other)
        {
            return $"{target.Address} has no table {target.Schema}.{target.Table}, but it has {other}, which older versions of Valori used, because they did not name the schema. "
                + $"If that is the journal, set valori.journal.default.schema-name = \"{other.Split('.')[0]}\"; if it is another application's, "
                + "take its schema out of the search_path of Valori's user";
        }
        return Table?.Fault(target);
    }

    /// <summary>What may be right, and is not in most places; null if nothing is.</summary>
    public string? Warning(PostgreSqlTarget target)
    {
        if (FullPageWrites != "on")
            return $"{target.Address} has full_page_writes = {FullPageWrites}: unless its file system never tears a page, a power cut may destroy the database";
        return Table is not null && FoundBySearchPath is { } other && other != $"{target.Schema}.{target.Table}"
            ? $"{target.Address} has two tables of the journal's name: {target.Schema}.{target.Table} is used; {other}, "
                + "which comes first in the search_path, is not (valori.journal.default.schema-name)"
            : null;
    }
}

/// <summary>The journal's table, as the catalog has it.</summary>
/// <param name="Triggers">The names of those that an insert runs: they can leave the row out, or take it away again.</param>
internal sealed record PostgreSqlTable(
    long Oid, string Kind, string Persistence, bool MayWrite, bool HidesRows, string? Triggers, string? Rules, bool HasUniqueKey)
{
    private const string OrdinaryTable = "r", PartitionedTable = "p", Permanent = "p";

    public string? Fault(PostgreSqlTarget target)
    {
        string name = $"the table {target.Name}";
        if (Kind is not (OrdinaryTable or PartitionedTable)) return $"{name} is not a table (pg_class.relkind is {Kind}): what is inserted there may go elsewhere. Restore the table";
        if (Persistence != Permanent) return $"{name} is unlogged or temporary: a crash empties it. Run ALTER TABLE ... SET LOGGED";
        if (!MayWrite) return $"{name} cannot be written: Valori's user lacks the privilege INSERT or SELECT on it";
        if (HidesRows) return $"{name} has row security, which hides rows from Valori's user: disable it, or make the user the owner";
        if (Triggers is not null) return $"{name} has triggers on inserts ({Triggers}), which can suppress or remove acknowledged rows: drop them";
        if (Rules is not null) return $"{name} has rules ({Rules}), which can suppress acknowledged rows: drop them";
        return HasUniqueKey
            ? null
            : $"{name} has lost its unique key ({target.Columns.PersistenceId}, {target.Columns.SequenceNumber}): "
                + $"run ALTER TABLE ... ADD CONSTRAINT journal_uq UNIQUE ({target.Columns.PersistenceId}, {target.Columns.SequenceNumber})";
    }
}
