using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Valori.Kernel.Hashing;

/// <summary>The leaf digests of FORMATS section 4. Frozen: every byte is part of the state hash.</summary>
internal static class Leaves
{
    private const byte Live = 1;
    private const byte Tombstone = 0;

    internal static readonly HashContext RecordContext = new("Valori 2026-11-22 v1 record leaf");
    private static readonly HashContext NodeContext = new("Valori 2026-11-22 v1 node leaf");
    private static readonly HashContext EdgeContext = new("Valori 2026-11-22 v1 edge leaf");

    private const int RecordHeadBytes = 21;

    /// <summary>Bytes of a live record's leaf.</summary>
    /// <param name="metadataLength">Null without metadata.</param>
    public static int RecordBytes(int dimension, int? metadataLength) =>
        RecordHeadBytes + dimension * sizeof(int) + 1 + (metadataLength is { } length ? sizeof(uint) + length : 0);

    /// <summary><c>u8 1, u64 id, u64 tag, u32 dim, i32 raw[dim], u8 0</c> or <c>..., u8 1, u32 length, bytes</c>.</summary>
    /// <param name="workspace">At least <see cref="RecordBytes"/> long.</param>
    public static Digest Record(RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata, Span<byte> workspace)
    {
        MemoryMarshal.AsBytes(raw).CopyTo(WriteRecordHead(workspace, id, tag, raw.Length));
        Span<byte> tail = workspace[(RecordHeadBytes + raw.Length * sizeof(int))..];
        tail[0] = metadata is null ? (byte)0 : (byte)1;
        if (metadata is not null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(tail[1..], metadata.Length);
            metadata.CopyTo(tail[5..]);
        }
        return RecordContext.Hash(workspace[..RecordBytes(raw.Length, metadata?.Length)]);
    }

    /// <summary>Writes <c>u8 1, u64 id, u64 tag, u32 dim</c>.</summary>
    /// <returns>The place of the raw values behind it.</returns>
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
        Span<byte> bytes = stackalloc byte[19];
        bytes[0] = Live;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], id.Value);
        bytes[9] = kind.Value;
        if (record is not { } recordId)
        {
            bytes[10] = 0;
            return NodeContext.Hash(bytes[..11]);
        }
        bytes[10] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[11..], recordId.Value);
        return NodeContext.Hash(bytes);
    }

    public static Digest NodeTombstone(NodeId id) => HashTombstone(NodeContext, id.Value);

    /// <summary><c>u8 1, u64 id, u8 kind, u64 from, u64 to</c>.</summary>
    public static Digest Edge(EdgeId id, NodeId from, NodeId to, EdgeKind kind)
    {
        Span<byte> bytes = stackalloc byte[26];
        bytes[0] = Live;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], id.Value);
        bytes[9] = kind.Value;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[10..], from.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[18..], to.Value);
        return EdgeContext.Hash(bytes);
    }

    public static Digest EdgeTombstone(EdgeId id) => HashTombstone(EdgeContext, id.Value);

    private static Digest HashTombstone(HashContext context, ulong id)
    {
        Span<byte> bytes = stackalloc byte[9];
        bytes[0] = Tombstone;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], id);
        return context.Hash(bytes);
    }
}
