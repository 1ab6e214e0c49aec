using System.Net.Sockets;
using Akka.Event;
using Npgsql;
using Valori.Actors.Entries;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.Text;

namespace Valori.Actors.PostgreSql;

/// <summary>
/// Holds a journal in PostgreSQL for one process: a session-level advisory lock on a connection of its own, for as long as the process
/// serves. A second process is refused with the first one's address. When the connection is lost, the lock is asked for again; when
/// another process has it by then, this one stops its engines for good, because what they know is old.
/// </summary>
internal sealed class PostgreSqlWatch : JournalWatch
{
    // How long a loss can go unnoticed, and how long a journal that another process has given free stays unused.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A host that is gone without a word loses its lock after half a minute, instead of two hours.
    private const string QuickKeepAlive = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4";

    private readonly PostgreSqlTarget _target;
    private readonly ILoggingAdapter _log;
    private readonly Action _lost;
    private readonly PostgreSqlLock _lock;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;

    // Null while the lock is held and nothing is wrong.
    private volatile string? _fault;
    private volatile TaskCompletionSource<string?> _mayServe = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasHeld;
    private volatile string _level = PostgreSqlDurability.Default;
    private volatile JournalException? _refusal;
    private PostgreSqlTable? _table;
    private string? _warned;

    private PostgreSqlWatch(PostgreSqlTarget target, ILoggingAdapter log, Action lost)
    {
        (_target, _log, _lost) = (target, log, lost);
        _fault = $"the journal ({target.Name}) has not answered yet";
        _lock = new PostgreSqlLock(target, _stop.Token);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The level that the server itself has for Valori's user if that is durable, so that a stronger one is not overridden.</summary>
    public string SynchronousCommit => _level;

    /// <summary>Takes the lock, or finds out that the database is not there yet, and goes on trying.</summary>
    /// <param name="patience">How long to wait for either.</param>
    /// <param name="lost">Called once if another process has taken the journal over.</param>
    /// <exception cref="JournalException">Another process has the journal, or it is not fit to be served from.</exception>
    public static PostgreSqlWatch Start(PostgreSqlTarget target, TimeSpan patience, ILoggingAdapter log, Action lost)
    {
        PostgreSqlWatch watch = new(target, log, lost);
        watch._firstTry.Task.Wait(patience + PostgreSqlLock.Patience);
        if (watch._refusal is not { } refusal) return watch;
        watch.Dispose();
        throw refusal;
    }

    public override Task<string?> MayServeAsync() => _mayServe.Task;

    public override void Dispose()
    {
        if (_stop.IsCancellationRequested) return;
        _stop.Cancel();
        // The lock is released before the caller that closed this can open it again.
        _running.Wait(Patience);
    }

    protected override async Task<JournalLook> CompareAsync(IReadOnlyList<EngineStatus> engines)
    {
        if (_fault is { } fault) return JournalLook.Bad(fault);
        try
        {
            // A new connection: one that was there before does not see that its database was renamed or made read-only.
            await using NpgsqlConnection connection = Connect("health");
            await connection.OpenAsync(_stop.Token).ConfigureAwait(false);
            PostgreSqlFacts facts = await PostgreSqlFacts.ReadAsync(connection, _target, _stop.Token).ConfigureAwait(false);
            if (FaultOf(facts) is { } unfit) return JournalLook.Bad(unfit);
            await ProveWritableAsync(connection).ConfigureAwait(false);
            return await CompareRowsAsync(connection, engines).ConfigureAwait(false);
        }
        catch (Exception e) when (IsExpected(e))
        {
            return JournalLook.Bad($"the journal ({_target.Name}) cannot be used: {Describe.Fault(e)}");
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = await TakeAsync().ConfigureAwait(false);
                Hold();
                await _lock.KeepAsync(connection, Interval).ConfigureAwait(false);
                await _lock.GiveBackAsync(connection).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (PostgreSqlLock.TakenException e)
            {
                if (_hasHeld)
                {
                    End($"{e.Message}. It took over the journal while this process could not reach the database, "
                        + "so the state here is out of date and its engines are stopped. Restart this process after the other one has stopped");
                    return;
                }
                Refuse(e.Message);
            }
            catch (JournalException e)
            {
                Refuse(e.Message);
            }
            catch (Exception e)
            {
                // Whatever it is: if this loop ended, a lock that is lost would pass for one that is held.
                Lose($"the journal ({_target.Name}) cannot be reached: {Describe.Fault(e)}; trying again");
            }
            _firstTry.TrySetResult();
            await Task.Delay(Interval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _firstTry.TrySetResult();
        _mayServe.TrySetResult("Valori is stopping");
    }

    /// <summary>A connection that has the lock, on a server that keeps what it acknowledges.</summary>
    private async Task<NpgsqlConnection> TakeAsync()
    {
        if (!_hasHeld) await FindLevelAsync().ConfigureAwait(false);
        NpgsqlConnection connection = Connect("lock", QuickKeepAlive);
        try
        {
            await connection.OpenAsync(_stop.Token).ConfigureAwait(false);
            await _lock.TakeAsync(connection).ConfigureAwait(false);
            PostgreSqlFacts facts = await PostgreSqlFacts.ReadAsync(connection, _target, _stop.Token).ConfigureAwait(false);
            if (FaultOf(facts) is { } fault) throw new JournalException(fault);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What the server, the database or the role says by default.</summary>
    private async Task FindLevelAsync()
    {
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(_target.ConnectionString) { Pooling = false, Enlist = false }.ToString());
        await connection.OpenAsync(_stop.Token).ConfigureAwait(false);
        await using NpgsqlCommand command = new($"SELECT current_setting('{PostgreSqlDurability.Setting}')", connection);
        string level = (string)(await command.ExecuteScalarAsync(_stop.Token).ConfigureAwait(false))!;
        _level = level == PostgreSqlDurability.Lossy ? PostgreSqlDurability.Default : level;
    }

    private async Task ProveWritableAsync(NpgsqlConnection connection)
    {
        // A record in the server's log that no table has: the commit waits for the disk as an insert does.
        await using NpgsqlCommand command = new("SELECT pg_logical_emit_message(true, 'valori', '')", connection);
        await command.ExecuteNonQueryAsync(_stop.Token).ConfigureAwait(false);
    }

    private async Task<JournalLook> CompareRowsAsync(NpgsqlConnection connection, IReadOnlyList<EngineStatus> engines)
    {
        if (engines.Count == 0) return new JournalLook(null, new Dictionary<string, long>());
        (string id, string nr) = (PostgreSqlTarget.Quote(_target.Columns.PersistenceId), PostgreSqlTarget.Quote(_target.Columns.SequenceNumber));
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT j.{PostgreSqlTarget.Quote(_target.Columns.Manifest)}, j.{PostgreSqlTarget.Quote(_target.Columns.Identifier)}::bigint,
                   substring(j.{PostgreSqlTarget.Quote(_target.Columns.Message)} FROM 1 FOR {EntryPlace.MaximumBytes}),
                   coalesce((SELECT max(m.{nr}) FROM {_target.FullTable} m WHERE m.{id} = e.id), 0)
              FROM unnest(@ids, @nrs) WITH ORDINALITY e(id, nr, place) LEFT JOIN {_target.FullTable} j ON j.{id} = e.id AND j.{nr} = e.nr
             ORDER BY e.place
            """;
        command.Parameters.AddWithValue("ids", engines.Select(engine => ValoriSettings.PersistenceIdOf(engine.Name)).ToArray());
        command.Parameters.AddWithValue("nrs", engines.Select(engine => engine.SequenceNr).ToArray());
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(_stop.Token).ConfigureAwait(false);
        Dictionary<string, long> last = [];
        foreach (EngineStatus engine in engines)
        {
            await reader.ReadAsync(_stop.Token).ConfigureAwait(false);
            string? manifest = reader.IsDBNull(0) ? null : reader.GetString(0);
            long? identifier = reader.IsDBNull(1) ? null : reader.GetInt64(1);
            byte[]? head = reader.IsDBNull(2) ? null : reader.GetFieldValue<byte[]>(2);
            if (Compare(_target.Name, engine, manifest, identifier, head) is { } fault) return JournalLook.Bad(fault);
            last[engine.Name] = reader.GetInt64(3);
        }
        return new JournalLook(null, last);
    }

    private string? FaultOf(PostgreSqlFacts facts)
    {
        if (facts.Warning(_target) is { } warning && Interlocked.Exchange(ref _warned, warning) != warning) _log.Warning("{0}", warning);
        if (facts.Fault(_target) is { } fault) return fault;
        if (facts.Table is null) return _table is null ? null : $"the table {_target.Name} is gone: the database was replaced, or the table dropped. Restore it, and restart the service";
        // The plugin may create it while this runs; from then on it must stay the same.
        PostgreSqlTable first = Interlocked.CompareExchange(ref _table, facts.Table, null) ?? facts.Table;
        return first.Oid == facts.Table.Oid
            ? null
            : $"the table {_target.Name} is not the one from the start (oid {facts.Table.Oid}, was {first.Oid}): the database was replaced. Restart the service to serve what is there now";
    }

    private void Hold()
    {
        _fault = null;
        _hasHeld = true;
        _refusal = null;
        if (_mayServe.Task.IsCompleted) _mayServe = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayServe.TrySetResult(null);
        _firstTry.TrySetResult();
    }

    /// <summary>Another process may have the journal now: engines that are open go on, new ones wait.</summary>
    private void Lose(string fault)
    {
        if (_hasHeld && _fault is null) _log.Warning("{0}", fault);
        _fault = fault;
        _refusal = null;
        if (_mayServe.Task.IsCompleted) _mayServe = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The database is there, and must not be served from.</summary>
    private void Refuse(string fault)
    {
        if (_fault != fault) _log.Error("{0}", fault);
        _fault = fault;
        _refusal = new JournalException(fault);
        if (_mayServe.Task.IsCompleted) _mayServe = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayServe.TrySetResult(fault);
    }

    private void End(string fault)
    {
        Refuse(fault);
        _lost();
    }

    private NpgsqlConnection Connect(string what, string more = "") => _target.Connection(
        _level, $"Valori {what} of process {Environment.ProcessId} on {Environment.MachineName}", (int)Patience.TotalSeconds, more);

    private static bool IsExpected(Exception e) =>
        e is NpgsqlException or SocketException or IOException or TimeoutException or ArgumentException or InvalidOperationException or OperationCanceledException;
}
