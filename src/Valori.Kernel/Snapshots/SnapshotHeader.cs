using System.Buffers.Binary;
using Valori.Kernel.Hashing;

namespace Valori.Kernel.Snapshots;

/// <summary>
/// The fixed-size start of a snapshot (docs/formats.md): where in the history it was taken and what state hash its body
/// must produce. Everything behind it depends on content alone.
/// </summary>
/// <param name="SequenceNr">The journal's sequence number that the snapshot includes.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="Chain">The history chain at that event.</param>
/// <param name="StateHash">The state hash of the content.</param>
public sealed record SnapshotHeader(long SequenceNr, long UnixMicroseconds, Digest Chain, Digest StateHash)
{
    /// <summary>Bytes of an encoded header.</summary>
    public const int SizeBytes = 128;

    private const uint FormatVersion = 1;
    private const int DigestOffset = 96;

    private static readonly HashContext Context = new("Valori 2026-11-24 v1 snapshot header");

    private static ReadOnlySpan<byte> Magic => "VALORISN"u8;

    internal void Write(Span<byte> bytes)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], SequenceNr);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], UnixMicroseconds);
        Chain.CopyTo(bytes[32..]);
        StateHash.CopyTo(bytes[64..]);
        Context.Hash(bytes[..DigestOffset]).CopyTo(bytes[DigestOffset..]);
    }

    internal static SnapshotHeader Read(string source, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
            throw new CorruptionException(source, 0, "a Valori snapshot (magic \"VALORISN\")", $"bytes {Convert.ToHexStringLower(bytes[..8])}");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != FormatVersion)
            throw new CorruptionException(source, 8, $"snapshot format version {FormatVersion}", $"version {version}");
        Digest expected = Context.Hash(bytes[..DigestOffset]);
        Digest found = Digest.Read(bytes.Slice(DigestOffset, 32));
        if (expected != found)
            throw new CorruptionException(source, DigestOffset, $"header digest {expected}", found.ToString());
        return new SnapshotHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            Digest.Read(bytes.Slice(32, 32)),
            Digest.Read(bytes.Slice(64, 32)));
    }
}
