using System.Collections.Concurrent;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using Valori.Actors.Files;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;

namespace Valori.Actors.Snapshots;

/// <summary>
/// Akka.NET snapshot store that keeps one file a snapshot. Saving streams the View to a temporary file, makes it durable
/// and renames it, so a name always stands for a whole snapshot; loading verifies every byte, and a damaged file falls
/// back to an older one, or to the journal.
/// </summary>
internal class FileSnapshotStore : SnapshotStore, IKeepsSnapshotFiles
{
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly int _keep;
    private readonly bool _readsBack;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Paths of snapshots that could not be read: they are none of those that are kept.
    private readonly ConcurrentDictionary<string, bool> _unreadable = new();

    // Paths whose save has begun and has not succeeded, and the save. One that failed stays until the base has asked to delete it.
    private readonly ConcurrentDictionary<string, Task> _unsaved = new();

    /// <summary>Called by Akka.NET. Reads <c>valori.data-directory</c>, <c>valori.snapshots.keep</c> and <c>valori.journal-retention</c>.</summary>
    public FileSnapshotStore()
        : this(DiskFileSystem.Instance)
    {
    }

    private protected FileSnapshotStore(IFileSystem files)
    {
        _files = files;
        Akka.Configuration.Config config = Context.System.Settings.Config.GetConfig("valori");
        _directory = SnapshotFiles.DirectoryIn(Path.GetFullPath(config.GetString("data-directory")));
        _keep = Math.Max(ValoriSettings.MinimumSnapshotsKept, config.GetInt("snapshots.keep"));
        _readsBack = ValoriSettings.DropsJournalOf(config);
    }

    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        _files.RunAsync(() => Load(persistenceId, criteria));

    protected override async Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        string path = SnapshotFiles.PathOf(_directory, metadata.PersistenceId, metadata.SequenceNr);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _unsaved[path] = ended.Task;
        try
        {
            DurableView view = snapshot as DurableView ?? throw NotAnEngine(snapshot);
            await _files.RunAsync(() => Save(path, metadata.PersistenceId, view)).ConfigureAwait(false);
        }
        finally
        {
            ended.SetResult();
        }
    }

    internal static ArgumentException NotAnEngine(object snapshot) => new($"this store keeps only Valori engines, not {snapshot.GetType().Name}", nameof(snapshot));

    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken)
    {
        string path = SnapshotFiles.PathOf(_directory, metadata.PersistenceId, metadata.SequenceNr);
        // The base deletes what it could not save, or not in time. But a file has its name only when it is whole: one that is there
        // is of the same state, from a save before, and events may have been dropped because of it.
        if (!_unsaved.TryRemove(path, out _) && _files.Exists(path)) Discard(path);
        return Task.CompletedTask;
    }

    /// <summary>
    /// What is deleted stays deleted, also after a power cut, and a save that was given up because it took too long does not bring it
    /// back: a collection that is dropped and created again must not find what the one before it left.
    /// </summary>
    protected override async Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        Task[] saves = [.. _unsaved.Where(save => SnapshotFiles.IsOf(save.Key, persistenceId)).Select(save => save.Value)];
        if (saves.Length > 0) await Task.WhenAll(saves).WaitAsync(cancellationToken).ConfigureAwait(false);
        foreach ((string path, long sequenceNr) in SnapshotFiles.Find(_files, _directory, persistenceId))
        {
            if (sequenceNr < criteria.MinSequenceNr || sequenceNr > criteria.MaxSequenceNr) continue;
            if (criteria.MaxTimeStamp == DateTime.MaxValue || IsKnownToBeUntil(path, criteria.MaxTimeStamp)) Discard(path);
        }
        _files.CreateDirectory(_directory);
        _files.SyncDirectory(_directory);
    }

    private SelectedSnapshot? Load(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        foreach ((string path, long sequenceNr) in SnapshotFiles.Find(_files, _directory, persistenceId))
        {
            if (sequenceNr > criteria.MaxSequenceNr || sequenceNr < criteria.MinSequenceNr) continue;
            try
            {
                using Stream file = _files.Open(path);
                if (criteria.MaxTimeStamp != DateTime.MaxValue && IsLater(file, path, criteria.MaxTimeStamp)) continue;
                SnapshotContent content = SnapshotReader.Read(file, path);
                if (content.Header.SequenceNr != sequenceNr)
                    throw new CorruptionException(path, 16, $"sequence number {sequenceNr}", $"{content.Header.SequenceNr}");
                if (content.Header.HistoryFrontier is null)
                    throw new CorruptionException(path, 8, "format version 2, which a collection can go on from", "version 1");
                return new SelectedSnapshot(new SnapshotMetadata(persistenceId, sequenceNr, DateTime.MinValue), content);
            }
            catch (Exception e) when (e is CorruptionException or IOException or UnauthorizedAccessException)
            {
                _unreadable[path] = true;
                _log.Warning("{0}; this snapshot is skipped, and an older one or the journal is used instead", e.Message);
            }
        }
        return null;
    }

    /// <summary>False if the file cannot be read: a request with a time is about snapshots of a time.</summary>
    private bool IsKnownToBeUntil(string path, DateTime time)
    {
        try
        {
            using Stream file = _files.Open(path);
            return !IsLater(file, path, time);
        }
        catch (Exception e) when (e is CorruptionException or IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}; the snapshot is not deleted", e.Message);
            return false;
        }
    }

    /// <summary>Whether the snapshot is of a state later than that. Leaves the file at its beginning.</summary>
    private static bool IsLater(Stream file, string path, DateTime time)
    {
        long microseconds = SnapshotReader.ReadHeader(file, path).UnixMicroseconds;
        file.Position = 0;
        return microseconds > (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>Events are going to be dropped because of this file: what the disk gives back must be what was written.</summary>
    private void VerifyBytes(string path)
    {
        using Stream file = _files.OpenFromDisk(path);
        SnapshotReader.VerifyBytes(file, path);
    }

    /// <summary>
    /// Deletes an old snapshot in the background: nothing has to wait for it. What a crash leaves of it has the name of a
    /// temporary file, which the next start deletes.
    /// </summary>
    private void Discard(string path)
    {
        _unreadable.TryRemove(path, out _);
        string discarded = path + SnapshotFiles.DiscardedSuffix;
        _files.Move(path, discarded);
        ILoggingAdapter log = _log;
        _files.RunAsync(() => _files.Delete(discarded)).ContinueWith(
            failed => WarnLeftOver(log, discarded, failed.Exception!.InnerException!),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private void Save(string path, string persistenceId, DurableView view)
    {
        _files.CreateDirectory(_directory);
        string temporary = path + SnapshotFiles.TemporarySuffix;
        try
        {
            using (DurableFile file = _files.Create(temporary))
            {
                SnapshotWriter.Write(file, view.View, view.ToSnapshotHeader());
                file.Sync();
            }
            if (_readsBack) VerifyBytes(temporary);
            _files.Move(temporary, path);
            _files.SyncDirectory(_directory);
        }
        catch
        {
            DeleteIfPossible(temporary);
            throw;
        }
        _unsaved.TryRemove(path, out _);
        _unreadable.TryRemove(path, out _);
        DiscardOld(persistenceId);
    }

    /// <summary>Of a failure the cause is told, and not what failed after it.</summary>
    private void DeleteIfPossible(string temporary)
    {
        try
        {
            _files.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WarnLeftOver(_log, temporary, e);
        }
    }

    private static void WarnLeftOver(ILoggingAdapter log, string path, Exception cause) =>
        log.Warning("{0} could not be deleted: {1}; this is retried at the next start", path, cause.Message);

    /// <summary>Keeps the newest ones that can be read, and of the others those that are newer than the oldest of them.</summary>
    private void DiscardOld(string persistenceId)
    {
        try
        {
            int readable = 0;
            foreach ((string path, _) in SnapshotFiles.Find(_files, _directory, persistenceId))
            {
                if (readable >= _keep) Discard(path);
                else if (!_unreadable.ContainsKey(path)) readable++;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The new one is durable all the same.
            _log.Warning("older snapshots of {0} could not be deleted: {1}; this is retried with the next one", persistenceId, e.Message);
        }
    }
}
