namespace Valori.Actors.Files;

/// <summary>
/// What the snapshot store asks of a file system, call by call, so that the simulation can fail each of them, and lose
/// what was not made durable. The one that users have is <see cref="DiskFileSystem"/>.
/// </summary>
internal interface IFileSystem
{
    /// <summary>Does work that blocks, away from the actor that asks for it.</summary>
    Task<T> RunAsync<T>(Func<T> work);

    Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Creates a directory that lasts, if there is none.</summary>
    void CreateDirectory(string directory);

    /// <summary>Paths of the files of a directory that end so; none if there is no such directory.</summary>
    IEnumerable<string> Find(string directory, string ending);

    bool Exists(string path);

    /// <summary>A file to be read from its beginning.</summary>
    Stream Open(string path);

    /// <summary>A file to be read from what is on the disk, not from what the system remembers of writing it.</summary>
    Stream OpenFromDisk(string path);

    /// <summary>A file of no bytes yet, in the place of one that has that name.</summary>
    DurableFile Create(string path);

    /// <summary>Renames a file in one step: a file that has the name is replaced whole or not at all.</summary>
    void Move(string from, string to);

    /// <summary>Makes durable which files a directory has.</summary>
    void SyncDirectory(string directory);

    /// <summary>Deletes a file; one that is not there is deleted already.</summary>
    void Delete(string path);
}

/// <summary>A file that is written from its beginning to its end.</summary>
internal abstract class DurableFile : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    /// <summary>Everything written so far is on the disk when it returns.</summary>
    public abstract void Sync();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
