using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Snapshot;
using LinqToDB;
using LinqToDB.Async;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Snapshots;

/// <summary>
/// The snapshot store of Akka.Persistence.Sql, where a damaged snapshot falls back to an older one. Its base knows only the
/// newest: behind a journal that was dropped, one damaged row would be the end of the engine.
/// </summary>
public sealed class TableSnapshotStore : SqlSnapshotStore
{
    private readonly AkkaPersistenceDataConnectionFactory _connections;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Saves that have begun and have not succeeded. One that failed stays until the base has asked to delete it.
    private readonly ConcurrentDictionary<(string PersistenceId, long SequenceNr), bool> _unsaved = new();

    public TableSnapshotStore(Config config)
        : base(config) =>
        _connections = new AkkaPersistenceDataConnectionFactory(new SnapshotConfig(config.WithFallback(SqlPersistence.DefaultSnapshotConfiguration)));

    protected override async Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        foreach (long sequenceNr in await FindAsync(persistenceId, criteria, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                SelectedSnapshot? selected = await base.LoadAsync(persistenceId, new SnapshotSelectionCriteria(sequenceNr), cancellationToken).ConfigureAwait(false);
                if (selected?.Snapshot is SnapshotContent content && content.Header.SequenceNr != sequenceNr)
                    throw new CorruptionException($"snapshot of {persistenceId}", sequenceNr, $"sequence number {sequenceNr}", $"{content.Header.SequenceNr}");
                if (selected?.Snapshot is SnapshotContent { Header.HistoryFrontier: null })
                    throw new CorruptionException($"snapshot of {persistenceId}", 8, "format version 2, which an engine can go on from", "version 1");
                return selected;
            }
            catch (Exception e) when (e is CorruptionException or SerializationException)
            {
                _log.Warning("{0} at sequence number {1}: {2}; the snapshot is left out, an older one or the journal takes its place", persistenceId, sequenceNr, e.Message);
            }
        }
        return null;
    }

    protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        _unsaved[(metadata.PersistenceId, metadata.SequenceNr)] = true;
        await base.SaveAsync(metadata, snapshot, cancellationToken).ConfigureAwait(false);
        _unsaved.TryRemove((metadata.PersistenceId, metadata.SequenceNr), out _);
    }

    /// <summary>
    /// Akka's base deletes what it could not save, or not in time. But a row is whole or it is not there: one that is there is of
    /// the same state, from a save before or from the next try.
    /// </summary>
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) =>
        _unsaved.TryRemove((metadata.PersistenceId, metadata.SequenceNr), out _) ? Task.CompletedTask : base.DeleteAsync(metadata, cancellationToken);

    /// <summary>The sequence numbers of the snapshots, newest first.</summary>
    private async Task<List<long>> FindAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        long least = criteria.MinSequenceNr, most = criteria.MaxSequenceNr;
        DateTime latest = criteria.MaxTimeStamp;
        using AkkaDataConnection connection = _connections.GetConnection();
        // Which row type the table has depends on the database: the one keeps its time as a date, the other as ticks.
        IQueryable<long> all = connection.UseDateTime
            ? connection.GetTable<DateTimeSnapshotRow>().Where(row => row.PersistenceId == persistenceId && row.Created <= latest).Select(row => row.SequenceNumber)
            : connection.GetTable<LongSnapshotRow>().Where(row => row.PersistenceId == persistenceId && row.Created <= latest.Ticks).Select(row => row.SequenceNumber);
        return await all.Where(nr => nr >= least && nr <= most).OrderByDescending(nr => nr).ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}
