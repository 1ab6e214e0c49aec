using Valori.Actors.Files;

namespace Valori.Actors.Journal;

/// <summary>The end marks of a data directory: a file for each engine in <c>ends/</c>. For one thread at a time per engine.</summary>
internal sealed class JournalEnds(IFileSystem files, string dataDirectory)
{
    private const string Extension = ".end";

    // A mark has about 250 bytes; no more is read of a file that takes its place.
    private const int MaximumBytes = 4096;

    private readonly string _directory = Path.Combine(dataDirectory, "ends");

    /// <summary>The persistence ids that have a mark.</summary>
    public IReadOnlyList<string> PersistenceIds() => [.. files.Find(_directory, Extension).Select(path => Path.GetFileNameWithoutExtension(path))];

    public string PathOf(string persistenceId) => Path.Combine(_directory, persistenceId + Extension);

    /// <summary>An engine's mark; null if it has none.</summary>
    /// <exception cref="CorruptionException">The file is not a mark.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public JournalEnd? Read(string persistenceId)
    {
        string path = PathOf(persistenceId);
        if (!files.Exists(path)) return null;
        using Stream file = files.Open(path);
        byte[] bytes = new byte[MaximumBytes];
        return JournalEnd.Parse(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)), path);
    }

    /// <summary>The same, without a mark that is damaged or cannot be read: as with a snapshot, the journal does without.</summary>
    public JournalEnd? ReadWhole(string persistenceId)
    {
        try
        {
            return Read(persistenceId);
        }
        catch (Exception e) when (e is CorruptionException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Writes a mark in the place of the one before. It may be the older one again after a power cut: that is an event of the
    /// journal too.
    /// </summary>
    /// <exception cref="IOException">It cannot be written; the one before is still there.</exception>
    public void Write(string persistenceId, JournalEnd end)
    {
        files.CreateDirectory(_directory);
        string path = PathOf(persistenceId), temporary = path + SnapshotFiles.TemporarySuffix;
        using (DurableFile file = files.Create(temporary))
        {
            file.Write(end.ToBytes());
            file.Sync();
        }
        files.Move(temporary, path);
    }

    /// <summary>Deletes an engine's mark, so that it stays deleted.</summary>
    /// <exception cref="IOException">It cannot be deleted, or may come back after a power cut.</exception>
    public void Delete(string persistenceId)
    {
        files.CreateDirectory(_directory);
        files.Delete(PathOf(persistenceId));
        files.Delete(PathOf(persistenceId) + SnapshotFiles.TemporarySuffix);
        // Also if there was none: what another process deleted may not last yet.
        files.SyncDirectory(_directory);
    }
}
