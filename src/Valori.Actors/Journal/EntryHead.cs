using System.Buffers.Binary;
using Valori.Actors.Serialization;
using Valori.Kernel.Hashing;

namespace Valori.Actors.Journal;

/// <summary>
/// The first bytes of a journal entry (docs/formats.md, section 10), which hold its chain value whatever its size: enough to see
/// whether a row is the one that was written, without reading a batch of 64 MiB.
/// </summary>
internal static class EntryHead
{
    // sfixed64 unix_microseconds = 1, bytes state_hash = 2, bytes chain = 3, each behind its tag, and digests behind their length.
    private const byte TimeTag = 0x09, StateHashTag = 0x12, ChainTag = 0x1A, DigestBytes = 32;

    private const int TimeBytes = 1 + sizeof(long), DigestFieldBytes = 2 + DigestBytes;

    /// <summary>How many bytes are enough.</summary>
    public const int Bytes = TimeBytes + 2 * DigestFieldBytes;

    /// <summary>The chain value; null where the row is not an entry of Valori's.</summary>
    public static Digest? ChainOf(string? manifest, long? identifier, ReadOnlySpan<byte> head)
    {
        if (manifest != ValoriSerializer.JournalRecordManifest || identifier != ValoriSerializer.Number) return null;
        // A time of 0 takes no bytes.
        if (head.Length > 0 && head[0] == TimeTag) head = head[Math.Min(TimeBytes, head.Length)..];
        if (head.Length < 2 * DigestFieldBytes) return null;
        ushort stateHash = BinaryPrimitives.ReadUInt16BigEndian(head), chain = BinaryPrimitives.ReadUInt16BigEndian(head[DigestFieldBytes..]);
        return stateHash == (StateHashTag << 8 | DigestBytes) && chain == (ChainTag << 8 | DigestBytes)
            ? Digest.Read(head.Slice(DigestFieldBytes + 2, DigestBytes))
            : null;
    }
}
