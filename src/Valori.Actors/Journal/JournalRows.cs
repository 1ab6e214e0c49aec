using System.Data.Common;
using System.Globalization;
using Akka.Persistence.Sql.Db;
using LinqToDB;
using LinqToDB.Async;
using Valori.Actors.Serialization;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// Reads rows of the journal table in pages, without letting a row choose how it is read: only Valori's serializer and
/// manifest are taken, and any other row is refused by its sequence number. Thread-safe.
/// </summary>
internal sealed class JournalRows(AkkaPersistenceDataConnectionFactory connections)
{
    // Rows that are planned, and read, together.
    private const int RowsOfAPage = 256;

    /// <summary>The next rows from a sequence number on, those that are marked deleted left out: as many as fit, but at least one if there is one.</summary>
    /// <param name="bytes">Of messages.</param>
    /// <exception cref="CorruptionException">A row is not a Valori event.</exception>
    public async Task<IReadOnlyList<Row>> ReadPageAsync(string persistenceId, long from, long to, long bytes, CancellationToken cancellationToken)
    {
        using AkkaDataConnection connection = connections.GetConnection();
        IQueryable<Row> rows = connection.GetTable<Row>()
            .Where(row => row.PersistenceId == persistenceId && row.SequenceNumber >= from && row.SequenceNumber <= to && !row.Deleted)
            .OrderBy(row => row.SequenceNumber);
        return await GuardedAsync(persistenceId, from, async () =>
        {
            var planned = await rows.Select(row => new { row.SequenceNumber, row.Message.Length }).Take(RowsOfAPage).ToListAsync(cancellationToken).ConfigureAwait(false);
            int count = 0;
            foreach (var row in planned)
            {
                bytes -= row.Length;
                if (bytes < 0 && count > 0) break;
                count++;
            }
            if (count == 0) return [];
            List<Row> page = await rows.Take(count).ToListAsync(cancellationToken).ConfigureAwait(false);
            foreach (Row row in page) CheckColumns(row);
            return page;
        }).ConfigureAwait(false);
    }

    /// <summary>One row, also if it is marked deleted, as the last of the dropped ones is; null if there is none.</summary>
    /// <exception cref="CorruptionException">It is not a Valori event.</exception>
    public async Task<Row?> ReadAsync(string persistenceId, long sequenceNr, CancellationToken cancellationToken)
    {
        using AkkaDataConnection connection = connections.GetConnection();
        return await GuardedAsync(persistenceId, sequenceNr, async () =>
        {
            Row? row = await connection.GetTable<Row>()
                .Where(row => row.PersistenceId == persistenceId && row.SequenceNumber == sequenceNr)
                .FirstOrDefaultAsync(cancellationToken)
                .ConfigureAwait(false);
            if (row is not null) CheckColumns(row);
            return row;
        }).ConfigureAwait(false);
    }

    /// <summary>The greatest sequence number of one engine's rows; 0 if it has none.</summary>
    /// <exception cref="CorruptionException">The column has another type.</exception>
    public async Task<long> ReadHighestAsync(string persistenceId, CancellationToken cancellationToken)
    {
        using AkkaDataConnection connection = connections.GetConnection();
        return await GuardedAsync(persistenceId, 1, async () =>
            await connection.GetTable<Row>().Where(row => row.PersistenceId == persistenceId)
                .MaxAsync(row => (long?)row.SequenceNumber, cancellationToken).ConfigureAwait(false) ?? 0).ConfigureAwait(false);
    }

    /// <summary>All persistence ids, those that are not Valori's included.</summary>
    public async Task<IReadOnlyList<string>> ReadPersistenceIdsAsync(CancellationToken cancellationToken)
    {
        using AkkaDataConnection connection = connections.GetConnection();
        return await connection.GetTable<Row>().Select(row => row.PersistenceId).Distinct().ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void CheckColumns(Row row)
    {
        if (row.Manifest != ValoriSerializer.JournalRecordManifest) throw Wrong(row, "manifest", ValoriSerializer.JournalRecordManifest, row.Manifest);
        if (row.Identifier != ValoriSerializer.Number)
            throw Wrong(row, "identifier", $"{ValoriSerializer.Number}", row.Identifier?.ToString(CultureInfo.InvariantCulture));
        // Where the table was made by hand, it may have no NOT NULL.
        if (row.Message is null) throw Wrong(row, "message", "bytes", null);
    }

    private static CorruptionException Wrong(Row row, string column, string expected, string? found) =>
        new($"journal of {row.PersistenceId}", row.SequenceNumber, $"{expected} in the column {column}", found ?? "nothing");

    /// <summary>A column of another type than the table's is a damaged row, not a database that cannot be reached.</summary>
    internal static async Task<T> GuardedAsync<T>(string persistenceId, long from, Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is LinqToDBException or FormatException or InvalidCastException or OverflowException && e.InnerException is not DbException)
        {
            throw new CorruptionException($"journal of {persistenceId}", from, "rows from here on with the columns of a journal", e.Message, e);
        }
    }
}
