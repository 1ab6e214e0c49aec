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
/// Reads a snapshot's body through a buffer and knows where it is. What was taken from one buffer is hashed by the thread
/// pool while the next one is read and decoded.
/// </summary>
internal sealed class SnapshotBodyReader(Stream stream, string source)
{
    private const int BufferBytes = 256 * 1024;

    private byte[] _buffer = new byte[BufferBytes];
    private byte[] _otherBuffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private Hasher _hasher = SnapshotBodyWriter.Context.NewHasher();
    private Task _hashing = Task.CompletedTask;

    /// <summary>Bytes of the file read so far, the header included.</summary>
    public long Position { get; private set; } = SnapshotHeader.SizeBytes;

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
        _hashing.Wait();
        _hasher.Update(_buffer.AsSpan(0, _start));
        Digest expected = _hasher.Finalize();
        Digest found = Digest.Read(Take(Digest.SizeBytes));
        if (expected != found) throw Corrupt($"body digest {expected}", found.ToString(), -Digest.SizeBytes);
        if (_end > _start || stream.Read(_buffer, 0, 1) > 0) throw Corrupt("the end of the snapshot", "more bytes");
    }

    public CorruptionException Corrupt(string expected, string found, int offset = 0, Exception? inner = null) =>
        new(source, Position + offset, expected, found, inner);

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
    /// Where fewer bytes are here, goes on in the other buffer, with what was not taken yet and more from the stream. False
    /// where the stream has too few.
    /// </summary>
    private bool TryRefill(int leastBytes)
    {
        if (_end - _start >= leastBytes) return true;
        _hashing.Wait();
        byte[] taken = _buffer;
        int takenBytes = _start, left = _end - _start;
        taken.AsSpan(_start, left).CopyTo(_otherBuffer);
        if (takenBytes > 0) _hashing = Task.Run(() => _hasher.Update(taken.AsSpan(0, takenBytes)));
        (_buffer, _otherBuffer) = (_otherBuffer, taken);
        _start = 0;
        _end = left + stream.ReadAtLeast(_buffer.AsSpan(left), leastBytes - left, throwOnEndOfStream: false);
        return _end >= leastBytes;
    }
}
