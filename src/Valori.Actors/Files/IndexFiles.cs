using Valori.Kernel.Proximity;

namespace Valori.Actors.Files;

/// <summary>
/// The proximity graphs of a data directory: a file for each engine in <c>indexes/</c>. They can all be built again, so a file that is missing or
/// damaged is never a loss.
/// </summary>
internal sealed class IndexFiles(IFileSystem files, string dataDirectory)
{
    private const string Extension = ".graph";

    private readonly string _directory = DirectoryIn(dataDirectory);

    public static string DirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "indexes");

    public string PathOf(string persistenceId) => Path.Combine(_directory, persistenceId + Extension);

    public bool Exists(string persistenceId) => files.Exists(PathOf(persistenceId));

    /// <summary>Reads and verifies an engine's graph.</summary>
    /// <param name="reserve">Is told the length of the file before it is read, and refuses by throwing.</param>
    /// <exception cref="CorruptionException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public ProximityGraph Read(string persistenceId, Action<long> reserve)
    {
        string path = PathOf(persistenceId);
        using Stream file = files.Open(path);
        reserve(file.Length);
        return ProximityFile.Read(file, path);
    }

    /// <summary>Writes a graph in the place of the one before, in one step.</summary>
    /// <param name="finish">Runs the step that makes it the engine's graph, or does not, if it is not wanted any more.</param>
    /// <exception cref="IOException">It cannot be written; the one before is still there.</exception>
    public void Write(string persistenceId, ProximityGraph graph, Action<Action> finish)
    {
        files.CreateDirectory(_directory);
        // Not the name that another process would use, which has the directory after this one.
        string path = PathOf(persistenceId), temporary = $"{path}.{Guid.NewGuid():N}{SnapshotFiles.TemporarySuffix}";
        try
        {
            using (DurableFile file = files.Create(temporary))
            {
                ProximityFile.Write(graph, file);
                file.Sync();
            }
            finish(() => files.Move(temporary, path));
            files.SyncDirectory(_directory);
        }
        finally
        {
            if (files.Exists(temporary)) files.Delete(temporary);
        }
    }

    /// <summary>Deletes an engine's graph, so that it stays deleted.</summary>
    /// <exception cref="IOException">It cannot be deleted, or may come back after a power cut.</exception>
    public void Delete(string persistenceId)
    {
        if (!Exists(persistenceId)) return;
        files.Delete(PathOf(persistenceId));
        files.SyncDirectory(_directory);
    }
}
