using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Values;

namespace Valori.Kernel.Merkle;

/// <summary>
/// The leaf digests (section 4 of docs/formats.md in Valori's repository). Frozen: every byte is part of the state hash.
/// </summary>
internal static class Leaves
{
    private const byte Attributed = 2;
    private const byte Live = 1;
    private const byte Tombstone = 0;

    internal static readonly HashContext RecordContext = new("Valori 2026-11-22 v1 record leaf");
    internal static readonly HashContext AttributedRecordContext = new("Valori 2026-11-28 v1 attributed record leaf");
    internal static readonly HashContext NodeContext = new("Valori 2026-11-22 v1 node leaf");
    internal static readonly HashContext AttributedNodeContext = new("Valori 2026-11-28 v1 attributed node leaf");
    internal static readonly HashContext EdgeContext = new("Valori 2026-11-22 v1 edge leaf");
    internal static readonly HashContext AttributedEdgeContext = new("Valori 2026-11-28 v1 attributed edge leaf");

    // Without attributes: of a live edge, and of a live node that stands for a record.
    private const int EdgeBytes = 26;
    private const int MaximumNodeBytes = 19;

    private const int RecordHeadBytes = 21;
    private const int TombstoneBytes = 9;

    // The marks of key, fields and expiry.
    private const int AttributeMarks = 3;

    /// <summary>Bytes of a live record's leaf.</summary>
    /// <param name="metadataLength">Null without metadata.</param>
    public static int RecordBytes(int dimension, int? metadataLength) =>
        RecordHeadBytes + dimension * sizeof(int) + 1 + (metadataLength is { } length ? sizeof(uint) + length : 0);

    /// <summary>As <see cref="RecordBytes(int, int?)"/>, with attributes if there are any.</summary>
    public static int RecordBytes(int dimension, int? metadataLength, in PackedAttributes attributes) =>
        // The packed form has the same parts behind one byte of flags.
        RecordBytes(dimension, metadataLength) + (attributes.IsNone ? 0 : AttributeMarks + attributes.Bytes.Length - 1);

    /// <summary>The context of the leaf of a live node or of a tombstone.</summary>
    public static HashContext ContextOfNode(ReadOnlySpan<byte> leaf) => leaf[0] == Attributed ? AttributedNodeContext : NodeContext;

    /// <summary>The context of the leaf of a live edge or of a tombstone.</summary>
    public static HashContext ContextOfEdge(ReadOnlySpan<byte> leaf) => leaf[0] == Attributed ? AttributedEdgeContext : EdgeContext;

    /// <summary>The context of the leaf of a live record or of a tombstone.</summary>
    public static HashContext ContextOfRecord(ReadOnlySpan<byte> leaf) => leaf[0] == Attributed ? AttributedRecordContext : RecordContext;

    /// <summary>
    /// The leaf of a live record: <c>u8 1, u64 id, u64 tag, u32 dim, i32 raw[dim], u8 0</c> or <c>..., u8 1, u32 length, bytes</c>. With
    /// attributes it begins with <c>u8 2</c> and ends with <see cref="WriteAttributes"/>.
    /// </summary>
    /// <param name="leaf">As long as <see cref="RecordBytes(int, int?, in PackedAttributes)"/> says.</param>
    public static void WriteRecord(Span<byte> leaf, RecordId id, ulong tag, ReadOnlySpan<int> raw, byte[]? metadata, in PackedAttributes attributes)
    {
        MemoryMarshal.AsBytes(raw).CopyTo(WriteRecordHead(leaf, id, tag, raw.Length));
        WriteRecordTail(leaf, raw.Length, metadata, attributes);
    }

    /// <summary>Writes what follows the raw values, and the first byte again.</summary>
    public static void WriteRecordTail(Span<byte> leaf, int dimension, byte[]? metadata, in PackedAttributes attributes)
    {
        Span<byte> tail = leaf[(RecordHeadBytes + dimension * sizeof(int))..];
        tail[0] = metadata is null ? (byte)0 : (byte)1;
        tail = tail[1..];
        if (metadata is not null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(tail, metadata.Length);
            metadata.CopyTo(tail[sizeof(int)..]);
            tail = tail[(sizeof(int) + metadata.Length)..];
        }
        if (attributes.IsNone) return;
        leaf[0] = Attributed;
        WriteAttributes(tail, attributes);
    }

    /// <summary>Writes <c>u8 0</c> or <c>u8 1, u16 length, key</c>; <c>u8 0</c> or <c>u8 1, u32 length, fields</c>; <c>u8 0</c> or <c>u8 1, i64 expiry</c>.</summary>
    private static void WriteAttributes(Span<byte> tail, in PackedAttributes attributes)
    {
        tail[0] = attributes.Key.IsEmpty ? (byte)0 : (byte)1;
        tail = tail[1..];
        if (!attributes.Key.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(tail, (ushort)attributes.Key.Length);
            attributes.Key.CopyTo(tail[sizeof(ushort)..]);
            tail = tail[(sizeof(ushort) + attributes.Key.Length)..];
        }
        tail[0] = attributes.Fields.IsEmpty ? (byte)0 : (byte)1;
        tail = tail[1..];
        if (!attributes.Fields.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(tail, attributes.Fields.Length);
            attributes.Fields.CopyTo(tail[sizeof(int)..]);
            tail = tail[(sizeof(int) + attributes.Fields.Length)..];
        }
        tail[0] = attributes.ExpiresAtUnixMicroseconds is null ? (byte)0 : (byte)1;
        if (attributes.ExpiresAtUnixMicroseconds is { } expiry) BinaryPrimitives.WriteInt64LittleEndian(tail[1..], expiry);
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

    public static Digest Node(NodeId id, NodeKind kind, RecordId? record, in PackedGraphAttributes attributes)
    {
        Span<byte> head = stackalloc byte[MaximumNodeBytes];
        head = head[..WriteNode(head, id, kind, record)];
        return attributes.IsNone ? NodeContext.Hash(head) : AttributedNodeContext.Hash(WithAttributes(head, attributes));
    }

    /// <summary>The bytes that <see cref="Node"/> hashes.</summary>
    public static byte[] NodeBytesOf(NodeId id, NodeKind kind, RecordId? record, in PackedGraphAttributes attributes)
    {
        Span<byte> head = stackalloc byte[MaximumNodeBytes];
        return WithAttributes(head[..WriteNode(head, id, kind, record)], attributes);
    }

    /// <summary>Writes <c>u8 1, u64 id, u8 kind, u8 0</c> or <c>..., u8 1, u64 record id</c>; returns the number of bytes.</summary>
    private static int WriteNode(Span<byte> leaf, NodeId id, NodeKind kind, RecordId? record)
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

    public static Digest Edge(EdgeId id, NodeId from, NodeId to, EdgeKind kind, in PackedGraphAttributes attributes)
    {
        Span<byte> head = stackalloc byte[EdgeBytes];
        WriteEdge(head, id, from, to, kind);
        return attributes.IsNone ? EdgeContext.Hash(head) : AttributedEdgeContext.Hash(WithAttributes(head, attributes));
    }

    /// <summary>The bytes that <see cref="Edge"/> hashes.</summary>
    public static byte[] EdgeBytesOf(EdgeId id, NodeId from, NodeId to, EdgeKind kind, in PackedGraphAttributes attributes)
    {
        Span<byte> head = stackalloc byte[EdgeBytes];
        WriteEdge(head, id, from, to, kind);
        return WithAttributes(head, attributes);
    }

    /// <summary>Writes <c>u8 1, u64 id, u8 kind, u64 from, u64 to</c>.</summary>
    private static void WriteEdge(Span<byte> leaf, EdgeId id, NodeId from, NodeId to, EdgeKind kind)
    {
        leaf[0] = Live;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[1..], id.Value);
        leaf[9] = kind.Value;
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[10..], from.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(leaf[18..], to.Value);
    }

    /// <summary>A leaf with <c>u8 2</c> in front and the packed attributes at its end, or as it is if there are none.</summary>
    private static byte[] WithAttributes(ReadOnlySpan<byte> head, in PackedGraphAttributes attributes)
    {
        byte[] leaf = [.. head, .. attributes.Bytes];
        if (!attributes.IsNone) leaf[0] = Attributed;
        return leaf;
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
