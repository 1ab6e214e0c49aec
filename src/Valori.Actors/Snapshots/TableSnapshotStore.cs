using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Snapshot;
using LinqToDB;
using LinqToDB.Async;
using Valori.Actors.PostgreSql;
using Valori.Actors.Serialization;
using Valori.Actors.State;
using Valori.Kernel;

namespace Valori.Actors.Snapshots;

/// <summary>
/// The snapshot store of Akka.Persistence.Sql, where a damaged snapshot falls back to an older one. Its base knows only the
/// newest: after a journal that was dropped, one damaged row would be the end of the engine.
/// </summary>
internal sealed class TableSnapshotStore : SqlSnapshotStore
{
    private readonly AkkaPersistenceDataConnectionFactory _connections;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Saves that have begun and have not succeeded. One that failed stays until the base has asked to delete it.
    private readonly ConcurrentDictionary<(string PersistenceId, long SequenceNr), Task> _unsaved = new();

    public TableSnapshotStore(Config config)
        : base(config = PostgreSqlDurability.Durable(config)) =>
        _connections = new AkkaPersistenceDataConnectionFactory(new SnapshotConfig(config.WithFallback(SqlPersistence.DefaultSnapshotConfiguration)));

    protected override async Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        using AkkaDataConnection connection = _connections.GetConnection();
        foreach (long sequenceNr in await FindAsync(connection, persistenceId, criteria, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                if (await ReadAsync(connection, persistenceId, sequenceNr, cancellationToken).ConfigureAwait(false) is { } content)
                    return new SelectedSnapshot(new SnapshotMetadata(persistenceId, sequenceNr, DateTime.MinValue), content);
            }
            catch (Exception e) when (e is CorruptionException or LinqToDBException or FormatException or InvalidCastException or OverflowException && e.InnerException is not DbException)
            {
                _log.Warning("{0}; this snapshot is skipped, and an older one or the journal is used instead", e.Message);
            }
        }
        return null;
    }

    protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _unsaved[(metadata.PersistenceId, metadata.SequenceNr)] = ended.Task;
        try
        {
            if (snapshot is not DurableView) throw FileSnapshotStore.NotAnEngine(snapshot);
            await base.SaveAsync(metadata, snapshot, cancellationToken).ConfigureAwait(false);
            _unsaved.TryRemove((metadata.PersistenceId, metadata.SequenceNr), out _);
        }
        finally
        {
            ended.SetResult();
        }
    }

    /// <summary>
    /// Akka's base deletes what it could not save, or not in time. But a row is whole or it is not there: one that is there is of
    /// the same state, from a save before or from the next try.
    /// </summary>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) =>
        _unsaved.TryRemove((metadata.PersistenceId, metadata.SequenceNr), out _) ? Task.CompletedTask : base.DeleteAsync(metadata, cancellationToken);

    /// <summary>
    /// Its base leaves the least sequence number out of account, and deletes more than was asked. A save that was given up because it took
    /// too long does not bring back what is deleted.
    /// </summary>
    protected override async Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        Task[] saves = [.. _unsaved.Where(save => save.Key.PersistenceId == persistenceId).Select(save => save.Value)];
        if (saves.Length > 0) await Task.WhenAll(saves).WaitAsync(cancellationToken).ConfigureAwait(false);
        using AkkaDataConnection connection = _connections.GetConnection();
        long least = criteria.MinSequenceNr, most = criteria.MaxSequenceNr;
        DateTime latest = criteria.MaxTimeStamp;
        await (connection.UseDateTime
            ? connection.GetTable<DateTimeSnapshotRow>()
                .Where(row => row.PersistenceId == persistenceId && row.SequenceNumber >= least && row.SequenceNumber <= most && row.Created <= latest).DeleteAsync(cancellationToken)
            : connection.GetTable<LongSnapshotRow>()
                .Where(row => row.PersistenceId == persistenceId && row.SequenceNumber >= least && row.SequenceNumber <= most && row.Created <= latest.Ticks)
                .DeleteAsync(cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>The sequence numbers of the snapshots, newest first.</summary>
    private static async Task<List<long>> FindAsync(AkkaDataConnection connection, string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        long least = criteria.MinSequenceNr, most = criteria.MaxSequenceNr;
        DateTime latest = criteria.MaxTimeStamp;
        // Which row type the table has depends on the database: the one keeps its time as a date, the other as ticks.
        IQueryable<long> all = connection.UseDateTime
            ? connection.GetTable<DateTimeSnapshotRow>().Where(row => row.PersistenceId == persistenceId && row.Created <= latest).Select(row => row.SequenceNumber)
            : connection.GetTable<LongSnapshotRow>().Where(row => row.PersistenceId == persistenceId && row.Created <= latest.Ticks).Select(row => row.SequenceNumber);
        return await all.Where(nr => nr >= least && nr <= most).OrderByDescending(nr => nr).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The content of a row; null if the row is gone. A row does not choose how it is read: its base would create whatever type the
    /// serializer of the row's number makes of the bytes.
    /// </summary>
    /// <exception cref="CorruptionException">The row is not a Valori snapshot, or not the one that it says.</exception>
    private static async Task<SnapshotContent?> ReadAsync(AkkaDataConnection connection, string persistenceId, long sequenceNr, CancellationToken cancellationToken)
    {
        Stored? stored = await (connection.UseDateTime
            ? connection.GetTable<DateTimeSnapshotRow>().Where(row => row.PersistenceId == persistenceId && row.SequenceNumber == sequenceNr)
                .Select(row => new Stored(row.SerializerId, row.Manifest, row.Payload))
            : connection.GetTable<LongSnapshotRow>().Where(row => row.PersistenceId == persistenceId && row.SequenceNumber == sequenceNr)
                .Select(row => new Stored(row.SerializerId, row.Manifest, row.Payload)))
            .FirstOrDefaultAsync(cancellationToken)
            .ConfigureAwait(false);
        if (stored is null) return null;
        string name = $"snapshot of {persistenceId} at sequence number {sequenceNr}";
        if (stored.SerializerId != ValoriSerializer.Number || stored.Manifest != ValoriSerializer.SnapshotManifest)
        {
            throw new CorruptionException(name, 0,
                $"serializer {ValoriSerializer.Number} and manifest {ValoriSerializer.SnapshotManifest}",
                $"serializer {stored.SerializerId?.ToString(CultureInfo.InvariantCulture) ?? "nothing"} and manifest {stored.Manifest}");
        }
        using MemoryStream stream = new(stored.Payload, writable: false);
        SnapshotContent content = SnapshotReader.Read(stream, name);
        if (content.Header.SequenceNr != sequenceNr) throw new CorruptionException(name, 16, $"sequence number {sequenceNr}", $"{content.Header.SequenceNr}");
        if (content.Header.HistoryFrontier is null) throw new CorruptionException(name, 8, "format version 2, which a collection can go on from", "version 1");
        return content;
    }

    private sealed record Stored(int? SerializerId, string Manifest, byte[] Payload);
}
