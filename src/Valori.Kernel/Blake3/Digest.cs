using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;

namespace Valori;

/// <summary>32 bytes of BLAKE3: a state hash, a chain value, a node of a Merkle tree. Shown as 64 lower-case hex digits.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Digest : IEquatable<Digest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int SizeBytes = 32;

    // Only a carrier of bytes in memory order: the numbers are never looked at.
    private readonly ulong _bytes0, _bytes1, _bytes2, _bytes3;

    /// <summary>32 zero bytes: the root of an empty tree, the chain before the first event.</summary>
    public static Digest Zero => default;

    /// <summary>The BLAKE3 hash of the bytes, in no context (<see cref="HashContext"/>): what <c>b3sum</c> prints.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Digest digest = default;
        global::Blake3.Hasher.Hash(bytes, MemoryMarshal.AsBytes(new Span<Digest>(ref digest)));
        return digest;
    }

    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Digest Read(ReadOnlySpan<byte> bytes) => bytes.Length == SizeBytes
        ? MemoryMarshal.Read<Digest>(bytes)
        : throw new ArgumentException($"a digest has {SizeBytes} bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>Reads 64 hex digits of either case.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        bool isDigest = text is { Length: 2 * SizeBytes }
            && Convert.FromHexString(text, bytes, out _, out int written) == System.Buffers.OperationStatus.Done
            && written == SizeBytes;
        digest = isDigest ? Read(bytes) : default;
        return isDigest;
    }

    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    public byte[] ToArray()
    {
        byte[] bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    public override string ToString() => Convert.ToHexStringLower(ToArray());

    public bool Equals(Digest other) =>
        _bytes0 == other._bytes0 && _bytes1 == other._bytes1 && _bytes2 == other._bytes2 && _bytes3 == other._bytes3;

    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    public override int GetHashCode() => _bytes0.GetHashCode();

    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
