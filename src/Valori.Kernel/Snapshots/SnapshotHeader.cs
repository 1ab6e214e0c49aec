using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Snapshots;

/// <summary>
/// The fixed-size start of a snapshot (section 12 of docs/formats.md in Valori's repository): where in the history it was taken and what
/// state hash its body must produce. Everything after it depends on content alone.
/// </summary>
/// <param name="SequenceNr">The journal's sequence number that the snapshot includes.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="Chain">The history chain at that event.</param>
/// <param name="StateHash">The state hash of the content.</param>
/// <param name="HistoryFrontier">
/// The frontier of the history tree at that event, by level. Null in a snapshot of format version 1: it can be restored, but no
/// engine goes on from it.
/// </param>
internal sealed record SnapshotHeader(long SequenceNr, long UnixMicroseconds, Digest Chain, Digest StateHash, IReadOnlyList<Digest>? HistoryFrontier)
{
    /// <summary>Bytes of an encoded header.</summary>
    public const int SizeBytes = FrontierOffset + Levels * Digest.SizeBytes + Digest.SizeBytes;

    /// <summary>The start of every header, of any version: magic, version, size.</summary>
    internal const int PrefixBytes = 16;

    /// <summary>The version of a state that uses nothing but what the first engines had.</summary>
    internal const uint PlainVersion = 2;

    /// <summary>The version of a state with a schema or records that have more: its body has more too, as has that of later versions.</summary>
    internal const uint RichVersion = 3;

    /// <summary>The version of a state whose graph has fields or valid times.</summary>
    internal const uint RichGraphVersion = 4;

    private const int Version1SizeBytes = FrontierOffset + Digest.SizeBytes;
    private const int FrontierOffset = 96;

    // Sequence numbers have 63 bits, and the frontier a digest for each that is set.
    private const int Levels = 63;

    private static readonly HashContext Context = new("Valori 2026-11-24 v1 snapshot header");

    private static ReadOnlySpan<byte> Magic => "VALORISN"u8;

    /// <summary>The version of the format, which says what the body has.</summary>
    internal uint Version { get; init; } = PlainVersion;

    /// <summary>Bytes that it was read from, or takes.</summary>
    internal int EncodedBytes => HistoryFrontier is null ? Version1SizeBytes : SizeBytes;

    /// <summary>The version in which a state is written: the older one if that can say everything, so that equal content has equal bytes.</summary>
    /// <param name="hasAttributes">Whether any live record has a key, fields or an expiry.</param>
    /// <param name="hasAttributesInGraph">Whether any live node or edge has fields or a valid time.</param>
    internal static uint VersionFor(EngineSchema schema, bool hasAttributes, bool hasAttributesInGraph) =>
        hasAttributesInGraph ? RichGraphVersion : schema.IsDefault && !hasAttributes ? PlainVersion : RichVersion;

    internal void Write(Span<byte> bytes)
    {
        if (HistoryFrontier is not { } frontier) throw new InvalidOperationException("a new snapshot holds the history's frontier");
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], SequenceNr);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], UnixMicroseconds);
        Chain.CopyTo(bytes[32..]);
        StateHash.CopyTo(bytes[64..]);
        for (int level = 0; level < Levels; level++) frontier[level].CopyTo(bytes[(FrontierOffset + level * Digest.SizeBytes)..]);
        Context.Hash(bytes[..^Digest.SizeBytes]).CopyTo(bytes[^Digest.SizeBytes..]);
    }

    /// <summary>How many bytes the header has that begins so.</summary>
    internal static int SizeOf(string source, ReadOnlySpan<byte> prefix)
    {
        if (!prefix.StartsWith(Magic))
            throw new CorruptionException(source, 0, "a Valori snapshot (magic \"VALORISN\")", $"bytes {Convert.ToHexStringLower(prefix[..8])}");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        int expected = version switch
        {
            1 => Version1SizeBytes,
            PlainVersion or RichVersion or RichGraphVersion => SizeBytes,
            _ => throw new CorruptionException(source, 8, $"snapshot format version 1 to {RichGraphVersion}", $"version {version}"),
        };
        uint found = BinaryPrimitives.ReadUInt32LittleEndian(prefix[12..]);
        return found == expected ? expected : throw new CorruptionException(source, 12, $"a header of {expected} bytes", $"{found}");
    }

    /// <param name="bytes">As many as <see cref="SizeOf"/> says.</param>
    internal static SnapshotHeader Read(string source, ReadOnlySpan<byte> bytes)
    {
        Digest expected = Context.Hash(bytes[..^Digest.SizeBytes]);
        Digest found = Digest.Read(bytes[^Digest.SizeBytes..]);
        if (expected != found)
            throw new CorruptionException(source, bytes.Length - Digest.SizeBytes, $"header digest {expected}", found.ToString());
        long sequenceNr = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        return new SnapshotHeader(
            sequenceNr,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            Digest.Read(bytes.Slice(32, 32)),
            Digest.Read(bytes.Slice(64, 32)),
            bytes.Length == SizeBytes ? ReadFrontier(source, sequenceNr, bytes[FrontierOffset..^Digest.SizeBytes]) : null)
        {
            Version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        };
    }

    private static Digest[] ReadFrontier(string source, long sequenceNr, ReadOnlySpan<byte> bytes)
    {
        Digest[] frontier = new Digest[Levels + 1];
        for (int level = 0; level < Levels; level++)
        {
            frontier[level] = Digest.Read(bytes.Slice(level * Digest.SizeBytes, Digest.SizeBytes));
            bool isExpected = (sequenceNr >> level & 1) != 0;
            if (isExpected != (frontier[level] != Digest.Zero))
            {
                throw new CorruptionException(
                    source, FrontierOffset + level * Digest.SizeBytes, isExpected ? $"a digest of the history tree's level {level}" : "zero bytes", frontier[level].ToString());
            }
        }
        return frontier;
    }

    /// <summary>Digests are compared, not lists. The version follows from the state.</summary>
    public bool Equals(SnapshotHeader? other) =>
        other is not null && SequenceNr == other.SequenceNr && UnixMicroseconds == other.UnixMicroseconds && Chain == other.Chain
        && StateHash == other.StateHash && (HistoryFrontier ?? []).SequenceEqual(other.HistoryFrontier ?? []);

    public override int GetHashCode() => HashCode.Combine(SequenceNr, Chain, StateHash);
}
