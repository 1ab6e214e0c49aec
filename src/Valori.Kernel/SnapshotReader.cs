using System.Buffers.Binary;
using Valori.Kernel.Snapshots;

namespace Valori.Kernel;

/// <summary>What a snapshot holds: a kernel that goes on from there, and the place in the history.</summary>
internal sealed record SnapshotContent(SnapshotHeader Header, ValoriKernel Kernel);

/// <summary>What the first bytes of a snapshot's body say of the rest, deleted content included. Not verified: the digest is at the end.</summary>
internal sealed record SnapshotStart(EngineSchema Schema, ulong RecordSlots, ulong NodeSlots, ulong EdgeSlots)
{
    // A tree has two digests for every leaf.
    private const int BytesOfASlot = 64;

    /// <summary>What a state of so many records, nodes and edges takes of memory at least, however few bytes they have in the snapshot.</summary>
    public long MinimumMemoryBytes
    {
        get
        {
            UInt128 bytes = ((UInt128)RecordSlots + NodeSlots + EdgeSlots) * BytesOfASlot;
            return bytes < long.MaxValue / 2 ? (long)bytes : long.MaxValue / 2;
        }
    }
}

/// <summary>
/// Reads snapshot bytes and believes nothing: header and body digests are compared, and the state hash is computed anew
/// from the content. Streamed; no length in the bytes makes it allocate more than one block beyond what the stream holds.
/// </summary>
internal static class SnapshotReader
{
    /// <param name="source">The name used in errors: a file's path.</param>
    /// <exception cref="CorruptionException">The bytes are damaged, truncated, or not a snapshot.</exception>
    public static SnapshotContent Read(Stream stream, string source)
    {
        SnapshotHeader header = ReadHeader(stream, source);
        SnapshotBodyReader body = new(stream, header.EncodedBytes, source);
        ValoriKernel kernel = ValoriKernel.Decode(body, header.Version);
        body.Finish();
        if (kernel.StateHash != header.StateHash)
            throw new CorruptionException(source, 64, $"state hash {kernel.StateHash}", header.StateHash.ToString());
        return new SnapshotContent(header, kernel);
    }

    /// <summary>
    /// Compares the digests of header and body with the bytes, without decoding them: that they are those that a writer
    /// wrote. A fraction of what <see cref="Read"/> takes, and no memory.
    /// </summary>
    /// <exception cref="CorruptionException">The bytes are damaged, truncated, or not a snapshot.</exception>
    public static void VerifyBytes(Stream stream, string source)
    {
        SnapshotBodyReader body = new(stream, ReadHeader(stream, source).EncodedBytes, source);
        body.SkipToEnd();
    }

    /// <summary>Reads and checks the header, and reads what follows it: what can be said before the content is there.</summary>
    /// <exception cref="CorruptionException">The bytes are damaged, truncated, or not a snapshot.</exception>
    internal static SnapshotStart ReadStart(Stream stream, string source)
    {
        SnapshotHeader header = ReadHeader(stream, source);
        byte[] start = new byte[header.Version >= SnapshotHeader.RichVersion ? 30 : 28];
        ReadExactly(stream, source, start, header.EncodedBytes);
        uint dimension = BinaryPrimitives.ReadUInt32LittleEndian(start);
        (byte metric, byte scaleExponent) = start.Length == 30 ? (start[4], start[5]) : ((byte)0, (byte)0);
        if (SnapshotFormat.CheckSchema(dimension, metric, scaleExponent) is { } wrong) throw new CorruptionException(source, header.EncodedBytes, "a schema that there can be", wrong);
        ReadOnlySpan<byte> counts = start.AsSpan(start.Length - 24);
        return new SnapshotStart(
            new EngineSchema((int)dimension, (Metric)metric, (sbyte)scaleExponent),
            BinaryPrimitives.ReadUInt64LittleEndian(counts),
            BinaryPrimitives.ReadUInt64LittleEndian(counts[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(counts[16..]));
    }

    /// <summary>Reads and checks only the header.</summary>
    public static SnapshotHeader ReadHeader(Stream stream, string source)
    {
        byte[] prefix = new byte[SnapshotHeader.PrefixBytes];
        ReadExactly(stream, source, prefix, 0);
        byte[] header = new byte[SnapshotHeader.SizeOf(source, prefix)];
        prefix.CopyTo(header, 0);
        ReadExactly(stream, source, header.AsSpan(prefix.Length), prefix.Length);
        return SnapshotHeader.Read(source, header);
    }

    private static void ReadExactly(Stream stream, string source, Span<byte> bytes, long offset)
    {
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length)
            throw new CorruptionException(source, offset + read, $"{bytes.Length - read} more bytes", "the end of the file (it is truncated)");
    }
}
