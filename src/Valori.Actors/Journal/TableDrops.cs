using System.Data;
using Akka.Persistence.Sql.Db;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Valori.Actors.Rows;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>Lets a collection's rows go from a journal on a database server, a bounded number in a transaction.</summary>
/// <remarks>
/// A server that lost its client may still carry out the statement that it has. That does no harm: it deletes only rows that it could see
/// when it began, and those of the next collection with this name are younger.
/// </remarks>
internal sealed class TableDrops(AkkaPersistenceDataConnectionFactory connections) : IDropTable
{
    private const int RowsOfAStep = 1_000;

    public async Task<IReadOnlyList<string>> FindAsync()
    {
        await using AkkaDataConnection connection = connections.GetConnection();
        List<Row> rows = await JournalRows.GuardedAsync(DropIntent.PersistenceId, 0,
            () => connection.GetTable<Row>().Where(row => row.PersistenceId == DropIntent.PersistenceId).ToListAsync()).ConfigureAwait(false);
        return DropIntent.Read(rows.Select(row => new JournalRow(row.SequenceNumber, row.Message ?? [], row.Deleted, row.Manifest ?? "", row.Identifier ?? 0)));
    }

    public async Task<bool> BeginAsync(string persistenceId, bool isKnownElsewhere, Row intent)
    {
        await using AkkaDataConnection connection = connections.GetConnection();
        await using DataConnectionTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted).ConfigureAwait(false);
        if (!isKnownElsewhere && !await connection.GetTable<Row>().AnyAsync(row => row.PersistenceId == persistenceId).ConfigureAwait(false)) return false;
        // Also shows whether this user may delete at all, before anything depends on it.
        await RemoveIntentAsync(connection, intent.SequenceNumber).ConfigureAwait(false);
        await connection.InsertAsync(intent).ConfigureAwait(false);
        try
        {
            await transaction.CommitAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A server that lost its client may still commit: a look at the table would come too early.
            throw new DropUndecidedException(e);
        }
        return true;
    }

    /// <summary>The server keeps no copy in a page that a reader of the table could see: nothing is left to do.</summary>
    public Task<long?> EraseAsync(string persistenceId, long after) => Task.FromResult<long?>(null);

    public async Task<bool> DeleteAsync(string persistenceId)
    {
        await using AkkaDataConnection connection = connections.GetConnection();
        IQueryable<Row> rows = connection.GetTable<Row>().Where(row => row.PersistenceId == persistenceId);
        if (await rows.MinAsync(row => (long?)row.SequenceNumber).ConfigureAwait(false) is not { } first) return false;
        long last = first <= long.MaxValue - RowsOfAStep ? first + RowsOfAStep - 1 : long.MaxValue;
        int deleted = await rows.Where(row => row.SequenceNumber <= last).DeleteAsync().ConfigureAwait(false);
        return deleted > 0
            ? await rows.AnyAsync().ConfigureAwait(false)
            : throw new CorruptionException($"journal of {persistenceId}", first, "rows to be deleted", "none: something in the database, such as a trigger or a rule, prevents deletions");
    }

    public async Task<bool> SeedAsync(Row dropped, Row next)
    {
        await using AkkaDataConnection connection = connections.GetConnection();
        await using DataConnectionTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted).ConfigureAwait(false);
        if (await connection.GetTable<Row>().AnyAsync(row => row.PersistenceId == dropped.PersistenceId).ConfigureAwait(false)) return false;
        await connection.InsertAsync(dropped).ConfigureAwait(false);
        await connection.InsertAsync(next).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
        return true;
    }

    public async Task EndAsync(string persistenceId)
    {
        await using AkkaDataConnection connection = connections.GetConnection();
        await RemoveIntentAsync(connection, DropIntent.SequenceNrOf(persistenceId)).ConfigureAwait(false);
    }

    private static Task<int> RemoveIntentAsync(AkkaDataConnection connection, long sequenceNr) =>
        connection.GetTable<Row>().Where(row => row.PersistenceId == DropIntent.PersistenceId && row.SequenceNumber == sequenceNr).DeleteAsync();
}
