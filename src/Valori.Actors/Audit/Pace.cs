using Valori.Actors.Rows;

namespace Valori.Actors.Audit;

/// <summary>Limits the rate of a long read, so that others have the disk and the processor too. For one thread.</summary>
internal sealed class Pace(long bytesPerSecond, TimeProvider time, CancellationToken stop)
{
    // Shorter pauses cost more than they give.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    // No wait can be longer than 24 days; the next read is held back again.
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private readonly long _start = time.GetTimestamp();
    private long _bytes;

    /// <summary>Bytes that were read so far.</summary>
    public long Bytes => _bytes;

    /// <summary>So many bytes were read: pauses until that is no more than the rate allows.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Take(long bytes)
    {
        _bytes += bytes;
        TimeSpan pause = TimeSpan.FromSeconds((double)_bytes / bytesPerSecond) - time.GetElapsedTime(_start);
        if (pause >= ShortestPause) stop.WaitHandle.WaitOne(pause < LongestPause ? pause : LongestPause);
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>The rows, as they are read.</summary>
    public IEnumerable<JournalRow> Rows(IEnumerable<JournalRow> rows)
    {
        foreach (JournalRow row in rows)
        {
            Take(row.Payload.Length);
            yield return row;
        }
    }

    /// <summary>The snapshot, as it is read.</summary>
    public SnapshotSource Snapshot(SnapshotSource source) => source with { Open = () => new PacedStream(source.Open(), this) };

    private sealed class PacedStream(Stream stream, Pace pace) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => stream.Length;
        public override long Position { get => stream.Position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read = stream.Read(buffer);
            pace.Take(read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
