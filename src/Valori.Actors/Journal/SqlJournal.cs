using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Journal.Dao;
using Akka.Util;
using LinqToDB;
using LinqToDB.Async;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// The journal of Akka.Persistence.Sql, with a faster way to write where the database is SQLite (<see cref="SqliteWriter"/>), and a
/// recovery that keeps within a number of bytes (<c>replay-bytes</c>): its base reads ahead of the engine as fast as the
/// database gives, and a number of rows at once, of which each may be 64 MiB.
/// </summary>
public class SqlJournal : SqlWriteJournal
{
    // Rows that are planned, and read, together; replay-batch-size is as many.
    private const int RowsOfAPage = 256;

    private readonly AkkaPersistenceDataConnectionFactory _connections;
    private readonly long _replayBytes;
    private readonly int _rowsHeldBack;
    private readonly TimeSpan _patience;

    // Null where the database is another one: there the plugin writes.
    private readonly SqliteWriter? _writer;
    private readonly ByteArrayJournalSerializer _serializer;

    public SqlJournal(Config config)
        : base(config)
    {
        Config whole = config.WithFallback(SqlPersistence.DefaultJournalConfiguration);
        JournalConfig settings = new(whole);
        _connections = new AkkaPersistenceDataConnectionFactory(settings);
        _serializer = new ByteArrayJournalSerializer(settings, Context.System.Serialization, settings.PluginConfig.TagSeparator, Guid.NewGuid().ToString("N"));
        if (settings.ProviderName.StartsWith("SQLite", StringComparison.OrdinalIgnoreCase) && settings.PluginConfig.TagMode == TagMode.Csv)
            _writer = new SqliteWriter(settings.ConnectionString, settings.TableConfig.EventJournalTable);
        _replayBytes = whole.GetLong("replay-bytes");
        // The filter passes a row on when another one comes.
        _rowsHeldBack = whole.GetString("replay-filter.mode") == "off" ? 0 : whole.GetInt("replay-filter.window-size");
        _patience = whole.GetTimeSpan("recovery-event-timeout");
    }

    protected override void PostStop()
    {
        base.PostStop();
        _writer?.Dispose();
    }

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        if (_writer is null) return await base.WriteMessagesAsync(messages, cancellationToken).ConfigureAwait(false);
        List<Try<Row[]>> serialized = _serializer.Serialize(messages, DateTime.UtcNow.Ticks);
        await _writer.WriteAsync([.. serialized.Where(write => write.IsSuccess).SelectMany(write => write.Get())]).ConfigureAwait(false);
        // Null for what was written, and why it was not for what cannot be.
        return [.. serialized.Select(write => write.IsSuccess ? null! : write.Failure.Value)];
    }

    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        // What an engine wrote before it was started again may still be on its way; how it ends does not matter.
        if (_writer is not null)
        {
            await _writer.Last.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Off the writer's thread, which the reading would hold up.
            await Task.Yield();
        }
        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken).ConfigureAwait(false);
    }

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        ReplayWindow window = new();
        long left = max;
        // Half for what is read next, half for what is on its way meanwhile.
        while (left > 0 && await LastOfPageAsync(persistenceId, fromSequenceNr, toSequenceNr, _replayBytes / 2).ConfigureAwait(false) is { } last)
        {
            await base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, last, left, Pass).ConfigureAwait(false);
            fromSequenceNr = last + 1;
            await window.UntilAtMostAsync(_replayBytes / 2, _rowsHeldBack, _patience).ConfigureAwait(false);
        }

        void Pass(IPersistentRepresentation row)
        {
            left--;
            if (row.Payload is JournalRecord record)
            {
                window.Sent(record.Payload.Length);
                row = row.WithPayload(record with { Window = window });
            }
            recoveryCallback(row);
        }
    }

    /// <summary>The last row of those that fit, one at least; null where there are none.</summary>
    private async Task<long?> LastOfPageAsync(string persistenceId, long from, long to, long bytes)
    {
        using AkkaDataConnection connection = _connections.GetConnection();
        var rows = await connection.GetTable<Row>()
            .Where(row => row.PersistenceId == persistenceId && row.SequenceNumber >= from && row.SequenceNumber <= to && !row.Deleted)
            .OrderBy(row => row.SequenceNumber)
            .Select(row => new { row.SequenceNumber, row.Message.Length })
            .Take(RowsOfAPage)
            .ToListAsync()
            .ConfigureAwait(false);
        long? last = null;
        foreach (var row in rows)
        {
            bytes -= row.Length;
            if (bytes < 0 && last is not null) break;
            last = row.SequenceNumber;
        }
        return last;
    }
}
