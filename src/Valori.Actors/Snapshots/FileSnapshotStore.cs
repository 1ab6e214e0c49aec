using System.Collections.Concurrent;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Snapshot;
using Valori.Actors.Engine;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Snapshots;

/// <summary>
/// Akka.NET snapshot store that keeps one file a snapshot. Saving streams the View to a temporary file, makes it durable
/// and renames it, so a name always stands for a whole snapshot; loading verifies every byte, and a damaged file falls
/// back to an older one, or to the journal.
/// </summary>
public sealed class FileSnapshotStore : SnapshotStore
{
    private readonly string _directory;
    private readonly int _keep;
    private readonly bool _readsBack;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Paths of snapshots that could not be read: they are none of those that are kept.
    private readonly ConcurrentDictionary<string, bool> _unreadable = new();

    public FileSnapshotStore()
    {
        Akka.Configuration.Config config = Context.System.Settings.Config.GetConfig("valori");
        _directory = SnapshotFiles.DirectoryIn(Path.GetFullPath(config.GetString("data-directory")));
        _keep = Math.Max(2, config.GetInt("snapshots.keep"));
        _readsBack = ValoriSettings.DropsJournalOf(config);
    }

    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        Task.Run(() => Load(persistenceId, criteria), cancellationToken);

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken)
    {
        DurableView view = snapshot as DurableView
            ?? throw new ArgumentException($"this store keeps Valori engines only, not {snapshot.GetType().Name}", nameof(snapshot));
        return Task.Run(() => Save(metadata, view), cancellationToken);
    }

    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken)
    {
        string path = SnapshotFiles.PathOf(_directory, metadata.PersistenceId, metadata.SequenceNr);
        if (File.Exists(path)) Discard(path);
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken)
    {
        foreach ((string path, long sequenceNr) in SnapshotFiles.Find(_directory, persistenceId))
        {
            if (sequenceNr >= criteria.MinSequenceNr && sequenceNr <= criteria.MaxSequenceNr) Discard(path);
        }
        return Task.CompletedTask;
    }

    private SelectedSnapshot? Load(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        foreach ((string path, long sequenceNr) in SnapshotFiles.Find(_directory, persistenceId))
        {
            if (sequenceNr > criteria.MaxSequenceNr || sequenceNr < criteria.MinSequenceNr) continue;
            try
            {
                using FileStream file = Open(path);
                if (criteria.MaxTimeStamp != DateTime.MaxValue && IsLater(file, path, criteria.MaxTimeStamp)) continue;
                SnapshotContent content = SnapshotReader.Read(file, path);
                if (content.Header.SequenceNr != sequenceNr)
                    throw new CorruptionException(path, 16, $"sequence number {sequenceNr}", $"{content.Header.SequenceNr}");
                if (content.Header.HistoryFrontier is null)
                    throw new CorruptionException(path, 8, "format version 2, which an engine can go on from", "version 1");
                return new SelectedSnapshot(new SnapshotMetadata(persistenceId, sequenceNr, File.GetLastWriteTimeUtc(path)), content);
            }
            catch (Exception e) when (e is CorruptionException or IOException or UnauthorizedAccessException)
            {
                _unreadable[path] = true;
                _log.Warning("{0}; the snapshot is left out, an older one or the journal takes its place", e.Message);
            }
        }
        return null;
    }

    /// <summary>Whether the snapshot is of a state later than that. Leaves the file at its beginning.</summary>
    private static bool IsLater(FileStream file, string path, DateTime time)
    {
        long microseconds = SnapshotReader.ReadHeader(file, path).UnixMicroseconds;
        file.Position = 0;
        return microseconds > (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>Events are going to be dropped because of this file: what the disk gives back must be what was written.</summary>
    private static void VerifyBytes(string path)
    {
        using FileStream file = Open(path);
        PacedFile.ForgetCached(file);
        SnapshotReader.VerifyBytes(file, path);
    }

    /// <summary>
    /// Deletes an old snapshot in the background: nobody has to wait for it. What a crash leaves of it has the name of a
    /// temporary file, which the next start deletes.
    /// </summary>
    private void Discard(string path)
    {
        _unreadable.TryRemove(path, out _);
        string discarded = path + SnapshotFiles.TemporarySuffix;
        File.Move(path, discarded, overwrite: true);
        ILoggingAdapter log = _log;
        Task.Run(() => PacedFile.Delete(discarded)).ContinueWith(
            failed => log.Warning("{0} could not be deleted: {1}; it is tried again at the next start", discarded, failed.Exception!.InnerException!.Message),
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    private void Save(SnapshotMetadata metadata, DurableView view)
    {
        Directory.CreateDirectory(_directory);
        string path = SnapshotFiles.PathOf(_directory, metadata.PersistenceId, metadata.SequenceNr);
        string temporary = path + SnapshotFiles.TemporarySuffix;
        try
        {
            using (PacedFile file = new(temporary))
            {
                SnapshotWriter.Write(file, view.View, view.ToSnapshotHeader());
                file.Sync();
            }
            if (_readsBack) VerifyBytes(temporary);
            File.Move(temporary, path, overwrite: true);
            DirectorySync.Flush(_directory);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        _unreadable.TryRemove(path, out _);
        DiscardOld(metadata.PersistenceId);
    }

    /// <summary>Keeps the newest ones that can be read, and of the others those that are newer than the oldest of them.</summary>
    private void DiscardOld(string persistenceId)
    {
        int readable = 0;
        foreach ((string path, _) in SnapshotFiles.Find(_directory, persistenceId))
        {
            if (readable >= _keep) Discard(path);
            else if (!_unreadable.ContainsKey(path)) readable++;
        }
    }
}
