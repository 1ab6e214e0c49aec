namespace Valori.Actors.Snapshots;

/// <summary>
/// Writes a file and has the disk keep up with it. Pages that pile up in memory go to the disk all at once in the end, and the
/// journal's next sync waits behind them; in steps, it waits behind one step at most.
/// </summary>
internal sealed class PacedFile(string path) : Stream
{
    private const int StepBytes = 8 << 20;
    private const int BufferBytes = 1 << 20;

    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
    private int _sinceSync;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _file.Write(buffer);
        _sinceSync += buffer.Length;
        if (_sinceSync >= StepBytes) Sync();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => _file.Flush();

    /// <summary>Everything written so far is on the disk when it returns.</summary>
    public void Sync()
    {
        _file.Flush(flushToDisk: true);
        _sinceSync = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
