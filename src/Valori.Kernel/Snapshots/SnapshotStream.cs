using System.Buffers.Binary;
using Valori.Kernel.Hashing;

namespace Valori.Kernel.Snapshots;

/// <summary>Writes a snapshot's body through a buffer and hashes what passes.</summary>
internal sealed class SnapshotBodyWriter(Stream stream)
{
    internal static readonly HashContext Context = new("Valori 2026-11-24 v1 snapshot body");

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;
    private Hasher _hasher = Context.NewHasher();

    public void WriteByte(byte value)
    {
        MakeRoom(1);
        _buffer[_used++] = value;
    }

    public void WriteUInt32(uint value)
    {
        MakeRoom(4);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_used), value);
        _used += 4;
    }

    public void WriteUInt64(ulong value)
    {
        MakeRoom(8);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_used), value);
        _used += 8;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        if (bytes.Length <= _buffer.Length)
        {
            bytes.CopyTo(_buffer.AsSpan(_used));
            _used += bytes.Length;
            return;
        }
        _hasher.Update(bytes);
        stream.Write(bytes);
    }

    /// <summary>Writes the digest of everything before it.</summary>
    public void Finish()
    {
        Flush();
        stream.Write(_hasher.Finalize().ToArray());
        stream.Flush();
    }

    private void MakeRoom(int bytes)
    {
        if (_used + bytes > _buffer.Length) Flush();
    }

    private void Flush()
    {
        _hasher.Update(_buffer.AsSpan(0, _used));
        stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}

/// <summary>
/// Reads a snapshot's body and knows where it is. While one buffer is decoded, the thread pool reads the next one and hashes
/// the one before.
/// </summary>
internal sealed class SnapshotBodyReader : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    // In front of each buffer, for what was not taken of the one before: less than the largest value that is taken whole.
    private const int HeadBytes = 64;

    private readonly Stream _stream;
    private readonly string _source;
    private byte[] _buffer = new byte[HeadBytes];
    private byte[] _aheadBuffer = new byte[HeadBytes + BufferBytes];
    private byte[] _freeBuffer = new byte[HeadBytes + BufferBytes];
    private int _taken = HeadBytes;
    private int _start = HeadBytes;
    private int _end = HeadBytes;
    private Hasher _hasher = SnapshotBodyWriter.Context.NewHasher();
    private Task _hashing = Task.CompletedTask;
    private Task<int> _reading;

    /// <param name="stream">Behind the header. Not to be touched by others before this is disposed.</param>
    /// <param name="headerBytes">Bytes of the stream before that.</param>
    /// <param name="source">The name to give in errors.</param>
    public SnapshotBodyReader(Stream stream, int headerBytes, string source)
    {
        _stream = stream;
        _source = source;
        Position = headerBytes;
        _reading = ReadAhead(_aheadBuffer);
    }

    /// <summary>Bytes of the file read so far, the header included.</summary>
    public long Position { get; private set; }

    public byte ReadByte() => Take(1)[0];

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public void Read(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            Refill(1);
            int part = Math.Min(destination.Length, _end - _start);
            Take(part).CopyTo(destination);
            destination = destination[part..];
        }
    }

    /// <summary>Takes everything up to the digest at the end, and compares it.</summary>
    public void SkipToEnd()
    {
        while (true)
        {
            int whole = _end - _start - Digest.SizeBytes;
            if (whole > 0)
            {
                Take(whole);
                continue;
            }
            // One byte more than the digest: where there is none, the digest is all that is left.
            if (!TryRefill(Digest.SizeBytes + 1)) break;
        }
        Finish();
    }

    /// <summary>Compares the digest of everything read with the one that follows, and expects the end behind it.</summary>
    public void Finish()
    {
        _hashing.GetAwaiter().GetResult();
        _hasher.Update(_buffer.AsSpan(_taken, _start - _taken));
        Digest expected = _hasher.Finalize();
        Digest found = Digest.Read(Take(Digest.SizeBytes));
        if (expected != found) throw Corrupt($"body digest {expected}", found.ToString(), -Digest.SizeBytes);
        if (TryRefill(1)) throw Corrupt("the end of the snapshot", "more bytes");
    }

    /// <summary>Waits until nobody touches the stream any more.</summary>
    public void Dispose() => Task.WaitAll(Task.WhenAny(_reading), Task.WhenAny(_hashing));

    public CorruptionException Corrupt(string expected, string found, int offset = 0, Exception? inner = null) =>
        new(_source, Position + offset, expected, found, inner);

    private ReadOnlySpan<byte> Take(int bytes)
    {
        Refill(bytes);
        ReadOnlySpan<byte> taken = _buffer.AsSpan(_start, bytes);
        _start += bytes;
        Position += bytes;
        return taken;
    }

    private void Refill(int leastBytes)
    {
        if (!TryRefill(leastBytes)) throw Corrupt($"{leastBytes} more bytes", $"the end of the file after {_end - _start} (it is truncated)");
    }

    /// <summary>
    /// Where fewer bytes are here, goes on in the next buffer, with what was not taken yet in front. False where the stream
    /// has too few.
    /// </summary>
    private bool TryRefill(int leastBytes)
    {
        int left = _end - _start;
        if (left >= leastBytes) return true;
        int length = _reading.GetAwaiter().GetResult();
        if (length == 0) return false;
        _hashing.GetAwaiter().GetResult();

        byte[] next = _aheadBuffer, done = _buffer;
        _buffer.AsSpan(_start, left).CopyTo(next.AsSpan(HeadBytes - left));
        int taken = _taken, takenBytes = _start - _taken;
        if (takenBytes > 0) _hashing = Task.Run(() => _hasher.Update(done.AsSpan(taken, takenBytes)));

        (_buffer, _aheadBuffer, _freeBuffer) = (next, _freeBuffer, done.Length > HeadBytes ? done : new byte[HeadBytes + BufferBytes]);
        _taken = _start = HeadBytes - left;
        _end = HeadBytes + length;
        _reading = length == BufferBytes ? ReadAhead(_aheadBuffer) : Task.FromResult(0);
        return _end - _start >= leastBytes;
    }

    private Task<int> ReadAhead(byte[] buffer) =>
        Task.Run(() => _stream.ReadAtLeast(buffer.AsSpan(HeadBytes), BufferBytes, throwOnEndOfStream: false));
}
