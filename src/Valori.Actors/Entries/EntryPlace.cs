using System.Buffers.Binary;
using Valori.Kernel.Merkle;
using Valori.Kernel.Wire;

namespace Valori.Actors.Entries;

/// <summary>
/// What an entry's first bytes say of its place in the history: time, state hash and chain value (section 10 of docs/formats.md in Valori's
/// repository).
/// </summary>
/// <remarks>They are the first three fields of the canonical form, so a reader needs no more than <see cref="MaximumBytes"/> of a large entry.</remarks>
internal readonly record struct EntryPlace(long UnixMicroseconds, Digest StateHash, Digest Chain)
{
    /// <summary>The three fields with their keys: 1 + 8, 2 + 32 and 2 + 32 bytes.</summary>
    public const int MaximumBytes = 9 + 2 * (2 + Digest.SizeBytes);

    private const byte TimeKey = EntryFields.Time << 3 | WireWriter.Fixed64Type;
    private const byte StateHashKey = EntryFields.StateHash << 3 | WireWriter.BytesType;
    private const byte ChainKey = EntryFields.Chain << 3 | WireWriter.BytesType;

    /// <summary>Reads the place from the beginning of an entry; false if these bytes do not begin one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> entry, out EntryPlace place)
    {
        long time = 0;
        // A time of 0 is left out, as Protobuf does with defaults.
        if (entry.Length > sizeof(long) && entry[0] == TimeKey)
        {
            time = BinaryPrimitives.ReadInt64LittleEndian(entry[1..]);
            entry = entry[(1 + sizeof(long))..];
        }
        if (TryReadDigest(ref entry, StateHashKey, out Digest stateHash) && TryReadDigest(ref entry, ChainKey, out Digest chain))
        {
            place = new EntryPlace(time, stateHash, chain);
            return true;
        }
        place = default;
        return false;
    }

    /// <summary>Whether an entry of this place can follow one with that chain value, at that sequence number.</summary>
    public bool Follows(in Digest previousChain, long sequenceNr) => HistoryChain.Extend(previousChain, sequenceNr, UnixMicroseconds, StateHash) == Chain;

    private static bool TryReadDigest(ref ReadOnlySpan<byte> entry, byte key, out Digest digest)
    {
        digest = default;
        if (entry.Length < 2 + Digest.SizeBytes || entry[0] != key || entry[1] != Digest.SizeBytes) return false;
        digest = Digest.Read(entry.Slice(2, Digest.SizeBytes));
        entry = entry[(2 + Digest.SizeBytes)..];
        return true;
    }
}
