using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Valori.Actors.Serialization;

namespace Valori.Actors.PostgreSql;

/// <summary>A session-level advisory lock for the one process that may serve a journal: it lives as long as its connection.</summary>
/// <remarks>
/// Its key is the number of Valori's serializer and a hash of the table's full name, in the database's own space of keys. It is
/// not a fence: an engine's write proves its predecessor by itself. The lock is what keeps a process from serving stale answers.
/// </remarks>
internal sealed class PostgreSqlLock
{
    /// <summary>A process that was killed a moment ago may still have its lock; one that is alive keeps it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly PostgreSqlTarget _target;
    private readonly CancellationToken _stop;
    private readonly int _key;

    public PostgreSqlLock(PostgreSqlTarget target, CancellationToken stop)
    {
        (_target, _stop) = (target, stop);
        _key = BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{target.Schema}\0{target.Table}")));
    }

    /// <summary>Takes it for this connection, and waits a little for a process that has just ended.</summary>
    /// <exception cref="TakenException">Another process has it.</exception>
    public async Task TakeAsync(NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = "SELECT pg_try_advisory_lock(@class, @key)";
        command.Parameters.AddWithValue("class", ValoriSerializer.Number);
        command.Parameters.AddWithValue("key", _key);
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; await command.ExecuteScalarAsync(_stop).ConfigureAwait(false) is not true;)
        {
            if (Environment.TickCount64 > end)
                throw new TakenException($"the journal ({_target.Name}) is in use by {await HolderAsync(connection).ConfigureAwait(false)}: only one process may serve it at a time");
            await Task.Delay(TimeSpan.FromMilliseconds(50), _stop).ConfigureAwait(false);
        }
    }

    /// <summary>Looks after it until this is stopped.</summary>
    /// <exception cref="JournalException">It does not stay with its connection.</exception>
    public async Task KeepAsync(NpgsqlConnection connection, TimeSpan interval)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_locks l
             WHERE l.locktype = 'advisory' AND l.granted AND l.pid = pg_backend_pid() AND l.classid = @class AND l.objid = @key AND l.objsubid = 2)
            """;
        AddOids(command);
        while (true)
        {
            await Task.Delay(interval, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) return;
            if (await command.ExecuteScalarAsync(_stop).ConfigureAwait(false) is not true)
                throw new JournalException($"the lock of the journal ({_target.Name}) does not stay with its connection, "
                    + "because a pooler in between shares it. Connect without a pooler, or use its session mode");
        }
    }

    public async Task GiveBackAsync(NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = "SELECT pg_advisory_unlock(@class, @key)";
        command.Parameters.AddWithValue("class", ValoriSerializer.Number);
        command.Parameters.AddWithValue("key", _key);
        await command.ExecuteScalarAsync().ConfigureAwait(false);
    }

    private async Task<string> HolderAsync(NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT coalesce(a.application_name, 'an unknown application'), coalesce(host(a.client_addr), 'an address that only an administrator may see'), l.pid
              FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.classid = @class AND l.objid = @key AND l.objsubid = 2
               AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
            """;
        AddOids(command);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(_stop).ConfigureAwait(false);
        return await reader.ReadAsync(_stop).ConfigureAwait(false)
            ? string.Create(CultureInfo.InvariantCulture, $"\"{reader.GetString(0)}\" at {reader.GetString(1)} (PostgreSQL's backend {reader.GetInt32(2)})")
            : "a process that has just disconnected";
    }

    private void AddOids(NpgsqlCommand command)
    {
        command.Parameters.Add(new NpgsqlParameter("class", NpgsqlDbType.Oid) { Value = (uint)ValoriSerializer.Number });
        command.Parameters.Add(new NpgsqlParameter("key", NpgsqlDbType.Oid) { Value = unchecked((uint)_key) });
    }

    /// <summary>Another process has the lock.</summary>
    internal sealed class TakenException(string message) : Exception(message);
}
