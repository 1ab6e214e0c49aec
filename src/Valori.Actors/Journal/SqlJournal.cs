using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal;
using Valori.Actors.Entries;
using Valori.Actors.PostgreSql;
using Valori.Actors.Rows;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// The journal of Akka.Persistence.Sql, with Valori's own way to write and to read its rows. A write proves the row before it in
/// its own transaction (<see cref="Predecessor"/>). A recovery reads only rows that are Valori's (<see cref="JournalRows"/>), and
/// keeps within a number of bytes (<c>replay-bytes</c>).
/// </summary>
internal partial class SqlJournal : SqlWriteJournal, IDropsEngines
{
    private readonly JournalRows _rows;
    private readonly long _replayBytes;
    private readonly int _rowsHeldBack;
    private readonly TimeSpan _patience;
    private readonly string _writer = Guid.NewGuid().ToString("N");
    private readonly JournalConfig? _sqlite;
    private readonly SqliteWriter? _sqliteWriter;
    private readonly TableWriter? _tableWriter;
    private readonly IDropTable _drops;

    // The newest write of each engine, until it has ended. Used by the actor's thread, and by writes that end.
    private readonly ConcurrentDictionary<string, Task> _writing = new(StringComparer.Ordinal);

    public SqlJournal(Config config)
        : base(config = PostgreSqlDurability.Durable(config))
    {
        Config whole = config.WithFallback(SqlPersistence.DefaultJournalConfiguration);
        JournalConfig settings = new(whole);
        AkkaPersistenceDataConnectionFactory connections = new(settings);
        _rows = new JournalRows(connections);
        if (settings.ProviderName.StartsWith("SQLite", StringComparison.OrdinalIgnoreCase) && settings.PluginConfig.TagMode == TagMode.Csv)
        {
            _sqlite = settings;
            _sqliteWriter = new SqliteWriter(settings.ConnectionString, settings.TableConfig.EventJournalTable);
            _drops = new SqliteDrops(settings.ConnectionString, settings.TableConfig.EventJournalTable, _sqliteWriter);
        }
        else
        {
            _tableWriter = new TableWriter(connections);
            _drops = new TableDrops(connections);
        }
        _replayBytes = whole.GetLong("replay-bytes");
        // The filter passes a row on when another one comes.
        _rowsHeldBack = whole.GetString("replay-filter.mode") == "off" ? 0 : whole.GetInt("replay-filter.window-size");
        _patience = whole.GetTimeSpan("recovery-event-timeout");
    }

    protected override void PostStop()
    {
        base.PostStop();
        _sqliteWriter?.Dispose();
        _tableWriter?.Dispose();
    }

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        long now = DateTime.UtcNow.Ticks;
        AtomicWrite[] writes = [.. messages];
        IPersistentRepresentation[] entries = [.. writes.SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload)];
        // Rejected, not failed: it would count against the circuit breaker that all engines share.
        if (entries.FirstOrDefault(entry => entry.Payload is not JournalRecord) is { } foreign)
            return Rejected(writes, new ArgumentException($"this journal stores only Valori engines, not {foreign.Payload.GetType().Name}", nameof(messages)));
        Row[] rows = [.. entries.Select(entry => ToRow(entry, now))];
        Task written = _sqliteWriter?.WriteAsync(rows) ?? _tableWriter!.WriteAsync(rows, cancellationToken);
        string persistenceId = rows[0].PersistenceId;
        _writing[persistenceId] = written;
        try
        {
            await written.ConfigureAwait(false);
            // Null for what was written.
            return [.. writes.Select(_ => (Exception)null!)];
        }
        catch (CorruptionException e)
        {
            // Rejected, not failed: nothing was written, and the database is not to blame.
            return Rejected(writes, e);
        }
        finally
        {
            _writing.TryRemove(new KeyValuePair<string, Task>(persistenceId, written));
        }
    }

    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        // What an engine wrote before it was started again may still be on its way; how it ends does not matter.
        if (_writing.TryGetValue(persistenceId, out Task? written))
        {
            await written.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Off the writer's thread, which the reading would hold up.
            await Task.Yield();
        }
        return await JournalRows.GuardedAsync(persistenceId, fromSequenceNr, () => base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken)).ConfigureAwait(false);
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) => _sqlite is { } sqlite
        ? Task.Run(() => SqliteDeletion.DropTo(sqlite.ConnectionString, sqlite.TableConfig.EventJournalTable, persistenceId, toSequenceNr), cancellationToken)
        : base.DeleteMessagesToAsync(persistenceId, toSequenceNr, cancellationToken);

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        ReplayWindow window = new();
        if (fromSequenceNr == toSequenceNr && max == 1)
        {
            // A start asks for one event to compare a snapshot with it; a recovery has no maximum, even if one event is left. The last of the dropped events stands there for that, marked deleted.
            if (await _rows.ReadAsync(persistenceId, fromSequenceNr, CancellationToken.None).ConfigureAwait(false) is { } only) Pass(only);
            return;
        }
        long left = max;
        while (left > 0 && fromSequenceNr <= toSequenceNr)
        {
            // Half for what is read next, half for what is on its way meanwhile.
            IReadOnlyList<Row> page = await _rows.ReadPageAsync(persistenceId, fromSequenceNr, toSequenceNr, _replayBytes / 2, CancellationToken.None).ConfigureAwait(false);
            if (page.Count == 0) return;
            foreach (Row row in page.Take((int)Math.Min(left, int.MaxValue))) Pass(row);
            left -= page.Count;
            fromSequenceNr = page[^1].SequenceNumber + 1;
            await window.UntilAtMostAsync(_replayBytes / 2, _rowsHeldBack, _patience).ConfigureAwait(false);
        }

        void Pass(Row row)
        {
            window.Sent(row.Message.Length);
            JournalRecord record = new(row.Message) { Window = window };
            // One writer for all rows: Akka's filter looks for others by a column that nothing proves, and the engine proves what follows what.
            recoveryCallback(new Persistent(record, row.SequenceNumber, persistenceId, row.Manifest, isDeleted: false, ActorRefs.NoSender, persistenceId, row.Timestamp));
        }
    }

    private static ImmutableArray<Exception> Rejected(AtomicWrite[] writes, Exception why) => [.. writes.Select(_ => why)];

    private Row ToRow(IPersistentRepresentation entry, long now) => new()
    {
        PersistenceId = entry.PersistenceId,
        SequenceNumber = entry.SequenceNr,
        Timestamp = now,
        Message = ((JournalRecord)entry.Payload).Payload,
        Manifest = ValoriSerializer.JournalRecordManifest,
        Identifier = ValoriSerializer.Number,
        Tags = "",
        WriterUuid = _writer,
    };
}
