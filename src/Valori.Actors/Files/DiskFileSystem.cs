namespace Valori.Actors.Files;

/// <summary>The machine's file system, with writes and deletions that leave the disk time for the journal.</summary>
internal sealed class DiskFileSystem : IFileSystem
{
    private DiskFileSystem()
    {
    }

    public static DiskFileSystem Instance { get; } = new();

    /// <summary>On a thread of its own: it may take minutes, which the pool's threads are not for.</summary>
    public Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void CreateDirectory(string directory) => DirectorySync.Create(directory);

    public IEnumerable<string> Find(string directory, string ending) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*" + ending) : [];

    public bool Exists(string path) => File.Exists(path);

    public Stream Open(string path) => OpenFile(path);

    public Stream OpenFromDisk(string path)
    {
        FileStream file = OpenFile(path);
        PacedFile.ForgetCached(file);
        return file;
    }

    public DurableFile Create(string path) => new PacedFile(path);

    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    public void SyncDirectory(string directory) => DirectorySync.Flush(directory);

    public void Delete(string path)
    {
        try
        {
            if (File.Exists(path)) PacedFile.Delete(path);
        }
        catch (IOException)
        {
            // Where it cannot be cut short, its name may still go.
            File.Delete(path);
        }
    }

    private static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
}
