using System.Buffers.Binary;

namespace Valori.Kernel.Proofs;

/// <summary>Little-endian fields, one after another, into bytes of a known size.</summary>
internal ref struct ProofWriter(Span<byte> bytes)
{
    private Span<byte> _rest = bytes;

    /// <summary>Bytes of a path with its length in front.</summary>
    public static int PathBytes(IReadOnlyCollection<Digest> path) => 1 + path.Count * Digest.SizeBytes;

    public void Write(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }

    public void Write(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_rest, value);
        _rest = _rest[sizeof(uint)..];
    }

    public void Write(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_rest, value);
        _rest = _rest[sizeof(ulong)..];
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }

    public void Write(in Digest digest)
    {
        digest.CopyTo(_rest);
        _rest = _rest[Digest.SizeBytes..];
    }

    public void WritePath(IReadOnlyList<Digest> path)
    {
        Write((byte)path.Count);
        foreach (Digest digest in path) Write(digest);
    }
}
