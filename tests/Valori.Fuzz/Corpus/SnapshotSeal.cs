using System.Buffers.Binary;
using Valori.Kernel.Blake3;
using Valori.Kernel.Snapshots;

namespace Valori.Fuzz.Corpus;

/// <summary>
/// Puts right what guards a snapshot's bytes (docs/formats.md, section 12), as anybody can: the digests have no key. So what is
/// behind them meets every change.
/// </summary>
internal static class SnapshotSeal
{
    public const int Version1HeaderBytes = 128;

    private const int StateHashOffset = 64;
    private const int FrontierOffset = 96;

    private static readonly HashContext HeaderContext = new("Valori 2026-11-24 v1 snapshot header");
    private static readonly HashContext BodyContext = new("Valori 2026-11-24 v1 snapshot body");

    /// <summary>The bytes with a head, a frontier and digests that hold; null if they are too few for that.</summary>
    public static byte[]? Seal(ReadOnlySpan<byte> bytes, Digest? stateHash = null)
    {
        if (bytes.Length < 16) return null;
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        bool isVersion1 = version == 1;
        int headerBytes = isVersion1 ? Version1HeaderBytes : SnapshotHeader.SizeBytes;
        if (bytes.Length < headerBytes + Digest.SizeBytes) return null;

        byte[] result = bytes.ToArray();
        Span<byte> header = result.AsSpan(0, headerBytes);
        "VALORISN"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], version is 1 or 3 ? (int)version : 2);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], headerBytes);
        stateHash?.CopyTo(header[StateHashOffset..]);
        if (!isVersion1) FitFrontier(header);
        HeaderContext.Hash(header[..^Digest.SizeBytes]).CopyTo(header[^Digest.SizeBytes..]);

        Span<byte> body = result.AsSpan(headerBytes);
        BodyContext.Hash(body[..^Digest.SizeBytes]).CopyTo(body[^Digest.SizeBytes..]);
        return result;
    }

    /// <summary>The same snapshot in format version 1.</summary>
    public static byte[] ToVersion1(byte[] snapshot)
    {
        byte[] result = [.. snapshot.AsSpan(0, FrontierOffset), .. new byte[Digest.SizeBytes], .. snapshot.AsSpan(SnapshotHeader.SizeBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(8), 1);
        return Seal(result)!;
    }

    /// <summary>A digest where the sequence number has a bit, zero bytes elsewhere.</summary>
    private static void FitFrontier(Span<byte> header)
    {
        long sequenceNr = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        for (int level = 0; level < 63; level++)
        {
            Span<byte> place = header.Slice(FrontierOffset + level * Digest.SizeBytes, Digest.SizeBytes);
            if ((sequenceNr >> level & 1) == 0) place.Clear();
            else if (!place.ContainsAnyExcept((byte)0)) place.Fill(1);
        }
    }
}
