using System.Data;
using Akka.Persistence.Sql.Db;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;
using Valori.Actors.Entries;
using Valori.Actors.Rows;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// Appends rows to a journal on a database server: each engine's in a transaction of its own, several at once. Thread-safe.
/// </summary>
internal sealed class TableWriter(AkkaPersistenceDataConnectionFactory connections) : IDisposable
{
    // Of the plugin's pool, which has 100 connections by default: others are for reading.
    private const int WritesAtOnce = 16;

    private readonly SemaphoreSlim _turns = new(WritesAtOnce);

    /// <summary>Writes all of the rows or none.</summary>
    /// <param name="rows">Of one engine, in the order of their sequence numbers.</param>
    /// <exception cref="CorruptionException">The table does not hold what they follow (<see cref="Predecessor"/>): nothing was written.</exception>
    public async Task WriteAsync(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using AkkaDataConnection connection = connections.GetConnection();
            await using DataConnectionTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            Predecessor.Check(rows, await ReadPreviousAsync(connection, rows[0], cancellationToken).ConfigureAwait(false));
            foreach (Row row in rows)
            {
                int affected = await connection.InsertAsync(row, cancellationToken).ConfigureAwait(false);
                if (affected != 1)
                    throw new CorruptionException($"journal of {row.PersistenceId}", row.SequenceNumber, "1 row to be inserted", $"{affected}: something in the database prevents inserts");
            }
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>The beginning of the message of the row before; null if there is no such row.</summary>
    private static async Task<byte[]?> ReadPreviousAsync(AkkaDataConnection connection, Row first, CancellationToken cancellationToken)
    {
        if (first.SequenceNumber == 1) return null;
        long sequenceNr = first.SequenceNumber - 1;
        return await connection.GetTable<Row>()
            .Where(row => row.PersistenceId == first.PersistenceId && row.SequenceNumber == sequenceNr && !row.Deleted)
            .Select(row => Start(row.Message, 1, EntryPlace.MaximumBytes))
            // It cannot be deleted before this transaction has ended.
            .AsPostgreSQL().ForKeyShareHint()
            .FirstOrDefaultAsync(cancellationToken)
            .ConfigureAwait(false);
    }

    [Sql.Function("substring", ServerSideOnly = true)]
    private static byte[] Start(byte[] message, int from, int length) => throw new InvalidOperationException($"{nameof(Start)} is for the database");
}
