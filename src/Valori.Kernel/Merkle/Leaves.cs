using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Merkle;

/// <summary>The leaf digests of docs/formats.md, section 4. Frozen: every byte is part of the state hash.</summary>
internal static class Leaves
{
    private const byte Live = 1;
    private const byte Tombstone = 0;

    internal static readonly HashContext RecordContext = new("Valori 2026-11-22 v1 record leaf");
    internal static readonly HashContext NodeContext = new("Valori 2026-11-22 v1 node leaf");
    internal static readonly HashContext EdgeContext = new("Valori 2026-11-22 v1 edge leaf");

    /// <summary>Bytes of a live edge's leaf.</summary>
    public const int EdgeBytes = 26;

    /// <summary>Bytes of the leaf of a live node that stands for a record.</summary>
    public const int MaximumNodeBytes = 19;

    private const int RecordHeadBytes = 21;
    private const int TombstoneBytes = 9;

    /// <summary>Bytes of a live record's leaf.</summary>
    /// <param name="metadataLength">Null without metadata.</param>
    public static int RecordBytes(int dimension, int? metadataLength) =>
        RecordHeadBytes + dimension * sizeof(int) + 1 + (metadataLength is { } length ? sizeof(uint) + length : 0);

    /// <summary><c>u8 1, u64 id, u64 tag, u32 dim, i32 raw[dim], u8 0</c> or <c>..., u8 1, u32 length, bytes</c>.</summary>
    /// <param name="workspace">At least <see cref="RecordBytes"/> long.</param>
    public static Digest Record(RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata, Span<byte> workspace)
    {
        WriteRecord(workspace, id, tag, raw, metadata);
        return RecordContext.Hash(workspace[..RecordBytes(raw.Length, metadata?.Length)]);
    }

    /// <summary>The bytes that <see cref="Record"/> hashes.</summary>
    public static void WriteRecord(Span<byte> leaf, RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata)
    {
        MemoryMarshal.AsBytes(raw).CopyTo(WriteRecordHead(leaf, id, tag, raw.Length));
        Span<byte> tail = leaf[(RecordHeadBytes + raw.Length * sizeof(int))..];
        tail[0] = metadata is null ? (byte)0 : (byte)1;
        if (metadata is not null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(tail[1..], metadata.Length);
            metadata.CopyTo(tail[5..]);
        }
    }

    /// <summary>Writes <c>u8 1, u64 id, u64 tag, u32 dim</c>.</summary>
    /// <returns>The place of the raw values after it.</returns>
    public static Span<byte> WriteRecordHead(Span<byte> leaf, RecordId id, ulong tag, int dimension)
    {
        leaf[0] = Live;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[1..], id.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[9..], tag);
        BinaryPrimitives.WriteInt32LittleEndian(leaf[17..], dimension);
        return leaf.Slice(RecordHeadBytes, dimension * sizeof(int));
    }

    public static Digest RecordTombstone(RecordId id) => HashTombstone(RecordContext, id.Value);

    /// <summary><c>u8 1, u64 id, u8 kind, u8 0</c> or <c>..., u8 1, u64 record id</c>.</summary>
    public static Digest Node(NodeId id, NodeKind kind, RecordId? record)
    {
        Span<byte> bytes = stackalloc byte[MaximumNodeBytes];
        return NodeContext.Hash(bytes[..WriteNode(bytes, id, kind, record)]);
    }

    /// <summary>The bytes that <see cref="Node"/> hashes; returns their number.</summary>
    public static int WriteNode(Span<byte> leaf, NodeId id, NodeKind kind, RecordId? record)
    {
        leaf[0] = Live;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[1..], id.Value);
        leaf[9] = kind.Value;
        leaf[10] = record is null ? (byte)0 : (byte)1;
        if (record is not { } recordId) return MaximumNodeBytes - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[11..], recordId.Value);
        return MaximumNodeBytes;
    }

    public static Digest NodeTombstone(NodeId id) => HashTombstone(NodeContext, id.Value);

    /// <summary><c>u8 1, u64 id, u8 kind, u64 from, u64 to</c>.</summary>
    public static Digest Edge(EdgeId id, NodeId from, NodeId to, EdgeKind kind)
    {
        Span<byte> bytes = stackalloc byte[EdgeBytes];
        WriteEdge(bytes, id, from, to, kind);
        return EdgeContext.Hash(bytes);
    }

    /// <summary>The bytes that <see cref="Edge"/> hashes.</summary>
    public static void WriteEdge(Span<byte> leaf, EdgeId id, NodeId from, NodeId to, EdgeKind kind)
    {
        leaf[0] = Live;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[1..], id.Value);
        leaf[9] = kind.Value;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[10..], from.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[18..], to.Value);
    }

    public static Digest EdgeTombstone(EdgeId id) => HashTombstone(EdgeContext, id.Value);

    /// <summary>The bytes of a tombstone's leaf, the same for all kinds.</summary>
    public static byte[] TombstoneBytesOf(ulong id)
    {
        byte[] bytes = new byte[TombstoneBytes];
        WriteTombstone(bytes, id);
        return bytes;
    }

    private static Digest HashTombstone(HashContext context, ulong id)
    {
        Span<byte> bytes = stackalloc byte[TombstoneBytes];
        WriteTombstone(bytes, id);
        return context.Hash(bytes);
    }

    private static void WriteTombstone(Span<byte> leaf, ulong id)
    {
        leaf[0] = Tombstone;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[1..], id);
    }
}
