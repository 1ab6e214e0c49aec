namespace Valori.Actors.Files;

/// <summary>
/// A file that is read while it is still being written: a snapshot is decoded as its bytes arrive. One thread writes, another one
/// reads. Deleted when disposed.
/// </summary>
internal sealed class SpoolFile : IDisposable
{
    private readonly FileStream _file;
    private readonly object _changed = new();
    private long _written;
    private bool _isComplete;
    private bool _isDisposed;

    public SpoolFile(string path)
    {
        Path = path;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
    }

    public string Path { get; }

    public long Length => _written;

    /// <exception cref="IOException">The disk is full.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes);
        lock (_changed)
        {
            _written += bytes.Length;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>No more bytes follow.</summary>
    public void Complete()
    {
        lock (_changed)
        {
            _isComplete = true;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>All bytes from the first one on. A read waits until there are some, or until this is complete.</summary>
    public Stream OpenReader() => new Reader(this);

    public void Dispose()
    {
        lock (_changed)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Monitor.PulseAll(_changed);
        }
        _file.Dispose();
        File.Delete(Path);
    }

    private sealed class Reader(SpoolFile spool) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        /// <exception cref="ObjectDisposedException">The file is gone.</exception>
        public override int Read(Span<byte> buffer)
        {
            lock (spool._changed)
            {
                while (_position == spool._written && !spool._isComplete && !spool._isDisposed) Monitor.Wait(spool._changed);
                ObjectDisposedException.ThrowIf(spool._isDisposed, spool);
                int length = (int)Math.Min(buffer.Length, spool._written - _position);
                buffer = buffer[..length];
            }
            int read = buffer.IsEmpty ? 0 : RandomAccess.Read(spool._file.SafeFileHandle, buffer, _position);
            _position += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
