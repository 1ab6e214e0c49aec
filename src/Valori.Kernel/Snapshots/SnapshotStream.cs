using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Snapshots;

/// <summary>Writes a snapshot's body through a buffer and hashes what passes.</summary>
internal sealed class SnapshotBodyWriter(Stream stream)
{
    internal static readonly HashContext Context = new("Valori 2026-11-24 v1 snapshot body");

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;
    private StreamHasher _hasher = Context.NewHasher();

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
/// Reads a snapshot's body and knows where it is. The thread pool hashes what was read meanwhile, in order.
/// </summary>
internal sealed class SnapshotBodyReader
{
    // Longer parts are read to where they belong, with no copy of them here.
    private const int BufferBytes = 64 * 1024;

    // In front of each buffer, for what was not taken of the one before: less than the largest value that is taken whole.
    private const int HeadBytes = 64;

    private readonly Stream _stream;
    private readonly string _source;

    // While one is decoded, the others are hashed: these are used one after another. Each remembers what it waits for.
    private readonly (byte[] Bytes, long LastPart)[] _buffers = new (byte[], long)[4];
    private readonly BackgroundHasher _hasher = new(SnapshotBodyWriter.Context.NewHasher());
    private int _current;

    // In the current buffer: hashed or being hashed up to here, read up to here, filled up to here.
    private int _added = HeadBytes;
    private int _start = HeadBytes;
    private int _end = HeadBytes;

    /// <param name="stream">After the header.</param>
    /// <param name="headerBytes">Bytes of the stream before that.</param>
    /// <param name="source">The name used in errors.</param>
    public SnapshotBodyReader(Stream stream, int headerBytes, string source)
    {
        _stream = stream;
        _source = source;
        Position = headerBytes;
        for (int i = 0; i < _buffers.Length; i++) _buffers[i].Bytes = new byte[HeadBytes + BufferBytes];
    }

    /// <summary>Bytes of the file read so far, the header included.</summary>
    public long Position { get; private set; }

    public byte ReadByte() => Take(1)[0];

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <param name="destination">Not to be changed before <see cref="Settle"/> or <see cref="Finish"/>.</param>
    public void Read(Memory<byte> destination)
    {
        int here = Math.Min(destination.Length, _end - _start);
        if (destination.Length - here <= BufferBytes)
        {
            for (int part; !destination.IsEmpty; destination = destination[part..])
            {
                Refill(1);
                part = Math.Min(destination.Length, _end - _start);
                Take(part).CopyTo(destination.Span);
            }
            return;
        }
        HashTaken();
        Buffer.AsSpan(_start, here).CopyTo(destination.Span);
        int read = here + _stream.ReadAtLeast(destination.Span[here..], destination.Length - here, throwOnEndOfStream: false);
        Position += read;
        _added = _start = _end;
        if (read < destination.Length) throw Truncated(destination.Length - read, 0);
        _hasher.Add(destination);
    }

    /// <summary>Returns when all that was read into memory of others is theirs to change.</summary>
    public void Settle() => _hasher.WaitForAll();

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
            // One byte more than the digest: if there is none, the digest is all that is left.
            if (!TryRefill(Digest.SizeBytes + 1)) break;
        }
        Finish();
    }

    /// <summary>Compares the digest of everything read with the one that follows, and expects the end after it.</summary>
    public void Finish()
    {
        HashTaken();
        Digest expected = _hasher.Finish();
        Digest found = Digest.Read(Take(Digest.SizeBytes));
        if (expected != found) throw Corrupt($"body digest {expected}", found.ToString(), -Digest.SizeBytes);
        if (TryRefill(1)) throw Corrupt("the end of the snapshot", "more bytes");
    }

    public CorruptionException Corrupt(string expected, string found, int offset = 0, Exception? inner = null) =>
        new(_source, Position + offset, expected, found, inner);

    private ReadOnlySpan<byte> Take(int bytes)
    {
        Refill(bytes);
        ReadOnlySpan<byte> taken = Buffer.AsSpan(_start, bytes);
        _start += bytes;
        Position += bytes;
        return taken;
    }

    private void Refill(int leastBytes)
    {
        if (!TryRefill(leastBytes)) throw Truncated(leastBytes, _end - _start);
    }

    private CorruptionException Truncated(int wanted, int found) =>
        Corrupt($"{wanted} more bytes", $"the end of the file after {found} (it is truncated)");

    /// <summary>
    /// If fewer bytes are here, goes on in the next buffer, with what was not taken yet in front. False if the stream
    /// has too few.
    /// </summary>
    private bool TryRefill(int leastBytes)
    {
        int left = _end - _start;
        if (left >= leastBytes) return true;
        HashTaken();
        ReadOnlySpan<byte> rest = Buffer.AsSpan(_start, left);
        _current = (_current + 1) % _buffers.Length;
        _hasher.WaitFor(_buffers[_current].LastPart);
        rest.CopyTo(Buffer.AsSpan(HeadBytes - left));
        _added = _start = HeadBytes - left;
        _end = HeadBytes + _stream.ReadAtLeast(Buffer.AsSpan(HeadBytes), BufferBytes, throwOnEndOfStream: false);
        return _end - _start >= leastBytes;
    }

    private byte[] Buffer => _buffers[_current].Bytes;

    private void HashTaken()
    {
        if (_start == _added) return;
        _buffers[_current].LastPart = _hasher.Add(Buffer.AsMemory(_added, _start - _added));
        _added = _start;
    }
}
