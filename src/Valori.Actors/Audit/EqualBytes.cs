namespace Valori.Actors.Audit;

/// <summary>Takes what is written and compares it with what a stream has: a snapshot is right exactly if its state writes the same bytes again.</summary>
internal sealed class EqualBytes(Stream expected) : Stream
{
    private readonly byte[] _buffer = new byte[1 << 18];

    /// <summary>Whether everything that was written stood in the stream.</summary>
    public bool AreEqual { get; private set; } = true;

    /// <summary>Whether the stream ends where the writing did.</summary>
    public bool IsAtEnd() => expected.Read(_buffer, 0, 1) == 0;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (AreEqual && buffer.Length > 0)
        {
            int part = Math.Min(buffer.Length, _buffer.Length);
            int read = expected.ReadAtLeast(_buffer.AsSpan(0, part), part, throwOnEndOfStream: false);
            AreEqual = buffer[..part].SequenceEqual(_buffer.AsSpan(0, read));
            buffer = buffer[part..];
        }
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
