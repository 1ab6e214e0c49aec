using System.Collections.Concurrent;
using Akka.Actor;
using Valori.Actors.Files;
using Valori.Actors.Snapshots;

namespace Valori.Actors.Tests.Support;

/// <summary>Valori's own snapshot store on the disk, where writing a file fails or waits on demand.</summary>
internal sealed class FaultyFileStore() : FileSnapshotStore(FaultyFiles.Of(Context.System));

/// <summary>The disk, with something in front of each file that is written. One for each system.</summary>
internal sealed class FaultyFiles : IFileSystem
{
    private static readonly ConcurrentDictionary<string, FaultyFiles> BySystem = new();

    private readonly IFileSystem _disk = DiskFileSystem.Instance;

    public Action BeforeCreate { get; set; } = () => { };

    public static FaultyFiles Of(ActorSystem system) => BySystem.GetOrAdd(system.Name, _ => new FaultyFiles());

    public Task<T> RunAsync<T>(Func<T> work) => _disk.RunAsync(work);

    public void CreateDirectory(string directory) => _disk.CreateDirectory(directory);

    public IEnumerable<string> Find(string directory, string ending) => _disk.Find(directory, ending);

    public bool Exists(string path) => _disk.Exists(path);

    public Stream Open(string path) => _disk.Open(path);

    public Stream OpenFromDisk(string path) => _disk.OpenFromDisk(path);

    public DurableFile Create(string path)
    {
        BeforeCreate();
        return _disk.Create(path);
    }

    public void Move(string from, string to) => _disk.Move(from, to);

    public void SyncDirectory(string directory) => _disk.SyncDirectory(directory);

    public void Delete(string path) => _disk.Delete(path);
}
