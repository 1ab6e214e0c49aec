using System.Buffers.Binary;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Proofs;

/// <content>The leaves of docs/formats.md, section 4, read back.</content>
public static partial class ProofVerifier
{
    private static readonly HashContext RecordLeafContext = new("Valori 2026-11-22 v1 record leaf");
    private static readonly HashContext NodeLeafContext = new("Valori 2026-11-22 v1 node leaf");
    private static readonly HashContext EdgeLeafContext = new("Valori 2026-11-22 v1 edge leaf");

    private static Digest HashLeaf(LeafKind kind, ReadOnlySpan<byte> leaf) => kind switch
    {
        LeafKind.Record => RecordLeafContext.Hash(leaf),
        LeafKind.Node => NodeLeafContext.Hash(leaf),
        _ => EdgeLeafContext.Hash(leaf),
    };

    /// <param name="index">The id, below the count of its kind.</param>
    private static ProvenContent ReadLeaf(in InclusionParts parts, out ulong index, out Refusal? refusal)
    {
        ByteReader reader = new(parts.Leaf, "the leaf");
        bool isLive = reader.ReadMark("mark, 0 for a tombstone or 1");
        ulong id = index = reader.ReadU64("id");
        ulong count = parts.Counts[parts.OwnTree];
        if (id >= count) reader.Refuse($"expected an id below {count}, the number of {TreeNames[parts.OwnTree]}; found {id}");
        ProvenContent content = parts.Kind switch
        {
            LeafKind.Record => new ProvenRecord(new RecordId(id), isLive ? ReadRecord(ref reader, id, parts.Dimension) : null),
            LeafKind.Node => new ProvenNode(new NodeId(id), isLive ? ReadNode(ref reader, id) : null),
            _ => new ProvenEdge(new EdgeId(id), isLive ? ReadEdge(ref reader, id) : null),
        };
        reader.ReadEnd();
        refusal = reader.Refusal;
        return content;
    }

    private static RecordContent ReadRecord(ref ByteReader reader, ulong id, uint dimension)
    {
        ulong tag = reader.ReadU64("tag");
        uint own = reader.ReadU32("dimension");
        if (own != dimension) reader.Refuse($"expected the proof's dimension {dimension} in the leaf, found {own}");
        int[] raw = ReadVector(ref reader, dimension);
        bool hasMetadata = reader.ReadMark("mark of the metadata, 0 without or 1 with");
        return new RecordContent(new RecordId(id), tag, raw, hasMetadata ? ReadMetadata(ref reader) : null);
    }

    private static int[] ReadVector(ref ByteReader reader, uint dimension)
    {
        ReadOnlySpan<byte> bytes = reader.Read(dimension * sizeof(int), "raw values");
        int[] raw = new int[bytes.Length / sizeof(int)];
        long squaredNorm = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            raw[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
            // A square is at most 2^62, and the sum before it is below 2^61: no step overflows.
            squaredNorm += (long)raw[i] * raw[i];
            if (squaredNorm < Limits.SquaredNormLimit) continue;
            reader.Refuse($"expected a squared raw norm below 2^61, found more up to component {i}");
            break;
        }
        return raw;
    }

    private static ReadOnlyMemory<byte>? ReadMetadata(ref ByteReader reader)
    {
        uint length = reader.ReadU32("length of the metadata");
        if (length > Limits.MaximumMetadataBytes)
            reader.Refuse($"expected at most {Limits.MaximumMetadataBytes} bytes of metadata, found {length}");
        return reader.Read(length, "metadata").ToArray();
    }

    private static NodeContent ReadNode(ref ByteReader reader, ulong id)
    {
        NodeKind kind = new(reader.ReadU8("kind"));
        bool hasRecord = reader.ReadMark("mark of the record, 0 without or 1 with");
        return new NodeContent(new NodeId(id), kind, hasRecord ? new RecordId(reader.ReadU64("record id")) : null);
    }

    private static EdgeContent ReadEdge(ref ByteReader reader, ulong id)
    {
        EdgeKind kind = new(reader.ReadU8("kind"));
        NodeId from = new(reader.ReadU64("from")), to = new(reader.ReadU64("to"));
        return new EdgeContent(new EdgeId(id), from, to, kind);
    }
}
