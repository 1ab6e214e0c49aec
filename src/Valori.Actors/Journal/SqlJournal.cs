using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal;
using LinqToDB;
using LinqToDB.Async;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// The journal of Akka.Persistence.Sql, whose recovery keeps within a number of bytes (<c>replay-bytes</c>). Its base reads
/// ahead of the engine as fast as the database gives, and a number of rows at once: a row may be 64 MiB.
/// </summary>
public class SqlJournal : SqlWriteJournal
{
    // Rows that are planned, and read, together; replay-batch-size is as many.
    private const int RowsOfAPage = 256;

    private readonly AkkaPersistenceDataConnectionFactory _connections;
    private readonly long _replayBytes;
    private readonly int _rowsHeldBack;
    private readonly TimeSpan _patience;

    public SqlJournal(Config config)
        : base(config)
    {
        Config whole = config.WithFallback(SqlPersistence.DefaultJournalConfiguration);
        _connections = new AkkaPersistenceDataConnectionFactory(new JournalConfig(whole));
        _replayBytes = whole.GetLong("replay-bytes");
        // The filter passes a row on when another one comes.
        _rowsHeldBack = whole.GetString("replay-filter.mode") == "off" ? 0 : whole.GetInt("replay-filter.window-size");
        _patience = whole.GetTimeSpan("recovery-event-timeout");
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
