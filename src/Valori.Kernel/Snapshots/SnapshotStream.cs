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

/// <summary>Reads a snapshot's body through a buffer, hashes what passes, and knows where it is.</summary>
internal sealed class SnapshotBodyReader(Stream stream, string source)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private Hasher _hasher = SnapshotBodyWriter.Context.NewHasher();

    /// <summary>Bytes of the file read so far, the header included.</summary>
    public long Position { get; private set; } = SnapshotHeader.SizeBytes;

    public byte ReadByte() => Take(1)[0];

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public void Read(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int part = Math.Min(destination.Length, _buffer.Length);
            Take(part).CopyTo(destination);
            destination = destination[part..];
        }
    }

    /// <summary>Compares the digest of everything read with the one that follows, and expects the end behind it.</summary>
    public void Finish()
    {
        Digest expected = _hasher.Finalize();
        Digest found = Digest.Read(Take(32));
        if (expected != found) throw Corrupt($"body digest {expected}", found.ToString(), -32);
        if (_end > _start || stream.Read(_buffer, 0, 1) > 0) throw Corrupt("the end of the snapshot", "more bytes");
    }

    public CorruptionException Corrupt(string expected, string found, int offset = 0, Exception? inner = null) =>
        new(source, Position + offset, expected, found, inner);

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (_end - _start < bytes)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _start = 0;
            int read = stream.ReadAtLeast(_buffer.AsSpan(_end), bytes - _end, throwOnEndOfStream: false);
            _end += read;
            if (_end < bytes) throw Corrupt($"{bytes} more bytes", $"the end of the file after {_end} (it is truncated)");
        }
        ReadOnlySpan<byte> taken = _buffer.AsSpan(_start, bytes);
        _start += bytes;
        Position += bytes;
        _hasher.Update(taken);
        return taken;
    }
}
