using System.Buffers.Binary;
using Valori.Kernel.Blake3;
using Valori.Kernel.Values;

namespace Valori;

/// <content>The leaves (section 4 of docs/formats.md in Valori's repository), read back.</content>
public static partial class ProofVerifier
{
    private static readonly HashContext RecordLeafContext = new("Valori 2026-11-22 v1 record leaf");
    private static readonly HashContext AttributedLeafContext = new("Valori 2026-11-28 v1 attributed record leaf");
    private static readonly HashContext NodeLeafContext = new("Valori 2026-11-22 v1 node leaf");
    private static readonly HashContext AttributedNodeLeafContext = new("Valori 2026-11-28 v1 attributed node leaf");
    private static readonly HashContext EdgeLeafContext = new("Valori 2026-11-22 v1 edge leaf");
    private static readonly HashContext AttributedEdgeLeafContext = new("Valori 2026-11-28 v1 attributed edge leaf");

    // The first byte of a leaf.
    private const byte Tombstone = 0, Live = 1, LiveWithAttributes = 2;

    // What the attributes of a node or an edge say that there is.
    private const byte FieldsFlag = 1, ValidFromFlag = 2, ValidToFlag = 4, KeyFlag = 8;

    private static Digest HashLeaf(LeafKind kind, ReadOnlySpan<byte> leaf) => kind switch
    {
        LeafKind.Record when leaf is [LiveWithAttributes, ..] => AttributedLeafContext.Hash(leaf),
        LeafKind.Record => RecordLeafContext.Hash(leaf),
        LeafKind.Node when leaf is [LiveWithAttributes, ..] => AttributedNodeLeafContext.Hash(leaf),
        LeafKind.Node => NodeLeafContext.Hash(leaf),
        _ when leaf is [LiveWithAttributes, ..] => AttributedEdgeLeafContext.Hash(leaf),
        _ => EdgeLeafContext.Hash(leaf),
    };

    /// <param name="index">The id, below the count of its kind.</param>
    private static ProvenContent ReadLeaf(in InclusionParts parts, out ulong index, out Refusal? refusal)
    {
        ByteReader reader = new(parts.Leaf, "the leaf");
        byte mark = reader.ReadU8("mark");
        if (mark > LiveWithAttributes) reader.Refuse($"expected a mark, 0 for a tombstone, 1 or 2 with attributes, found {mark}");
        bool isLive = mark != Tombstone, hasAttributes = mark == LiveWithAttributes;
        ulong id = index = reader.ReadU64("id");
        ulong count = parts.Counts[parts.OwnTree];
        if (id >= count) reader.Refuse($"expected an id below {count}, the number of {TreeNames[parts.OwnTree]}; found {id}");
        ProvenContent content = parts.Kind switch
        {
            LeafKind.Record => new ProvenRecord(new RecordId(id), isLive ? ReadRecord(ref reader, id, parts.Dimension, hasAttributes) : null),
            LeafKind.Node => new ProvenNode(new NodeId(id), isLive ? ReadNode(ref reader, id, hasAttributes) : null),
            _ => new ProvenEdge(new EdgeId(id), isLive ? ReadEdge(ref reader, id, hasAttributes) : null),
        };
        reader.ReadEnd();
        refusal = reader.Refusal;
        return content;
    }

    private static RecordContent ReadRecord(ref ByteReader reader, ulong id, uint dimension, bool hasAttributes)
    {
        ulong tag = reader.ReadU64("tag");
        uint own = reader.ReadU32("dimension");
        if (own != dimension) reader.Refuse($"expected the proof's dimension {dimension} in the leaf, found {own}");
        int[] raw = ReadVector(ref reader, dimension);
        bool hasMetadata = reader.ReadMark("mark of the metadata, 0 without or 1 with");
        RecordContent content = new(new RecordId(id), tag, raw, hasMetadata ? ReadMetadata(ref reader) : null);
        return hasAttributes ? ReadAttributes(ref reader, content) : content;
    }

    private static RecordContent ReadAttributes(ref ByteReader reader, RecordContent content)
    {
        // In the order of the bytes: initializers run in the order in which they stand.
        RecordContent attributed = content with
        {
            Key = reader.ReadMark("mark of the key, 0 without or 1 with") ? ReadKey(ref reader) : null,
            Fields = reader.ReadMark("mark of the fields, 0 without or 1 with") ? ReadFields(ref reader) : Fields.Empty,
            ExpiresAtUnixMicroseconds = reader.ReadMark("mark of the expiry, 0 without or 1 with") ? ReadExpiry(ref reader) : null,
        };
        if (attributed.Key is null && attributed.Fields.IsEmpty && attributed.ExpiresAtUnixMicroseconds is null)
            reader.Refuse("expected the mark 1 of a record without attributes, found 2");
        return attributed;
    }

    private static RecordKey? ReadKey(ref ByteReader reader)
    {
        ReadOnlySpan<byte> utf8 = reader.Read(reader.ReadU16("length of the key"), "key");
        if (RecordKey.OfUtf8(utf8.ToArray()).TryGet(out RecordKey? key, out Refusal? fault)) return key;
        reader.Refuse($"expected a key: {fault.Message}");
        return null;
    }

    private static Fields ReadFields(ref ByteReader reader)
    {
        ReadOnlySpan<byte> canonical = reader.Read(reader.ReadU32("length of the fields"), "fields");
        string? fault = FieldsCheck.Fault(canonical);
        if (fault is null && canonical is [0, 0]) fault = "they are none, and would be left out";
        if (fault is null) return Fields.Read(canonical);
        reader.Refuse($"expected fields: {fault}");
        return Fields.Empty;
    }

    private static long ReadExpiry(ref ByteReader reader)
    {
        long expiry = (long)reader.ReadU64("expiry");
        if (!FieldValue.IsTimestamp(expiry)) reader.Refuse($"expected an expiry in the years 1 to 9999, found {expiry} microseconds since 1970");
        return expiry;
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

    private static NodeContent ReadNode(ref ByteReader reader, ulong id, bool hasAttributes)
    {
        NodeKind kind = new(reader.ReadU8("kind"));
        bool hasRecord = reader.ReadMark("mark of the record, 0 without or 1 with");
        NodeContent content = new(new NodeId(id), kind, hasRecord ? new RecordId(reader.ReadU64("record id")) : null);
        if (!hasAttributes) return content;
        byte flags = ReadFlags(ref reader, FieldsFlag | KeyFlag, "1, 8");
        Fields fields = (flags & FieldsFlag) != 0 ? ReadFields(ref reader) : Fields.Empty;
        return content with { Fields = fields, Key = (flags & KeyFlag) != 0 ? ReadKey(ref reader) : null };
    }

    private static EdgeContent ReadEdge(ref ByteReader reader, ulong id, bool hasAttributes)
    {
        EdgeKind kind = new(reader.ReadU8("kind"));
        NodeId from = new(reader.ReadU64("from")), to = new(reader.ReadU64("to"));
        EdgeContent content = new(new EdgeId(id), from, to, kind);
        if (!hasAttributes) return content;
        byte flags = ReadFlags(ref reader, FieldsFlag | ValidFromFlag | ValidToFlag, "1, 2, 4");
        Fields fields = (flags & FieldsFlag) != 0 ? ReadFields(ref reader) : Fields.Empty;
        long? validFrom = (flags & ValidFromFlag) != 0 ? (long)reader.ReadU64("valid_from") : null;
        long? validTo = (flags & ValidToFlag) != 0 ? (long)reader.ReadU64("valid_to") : null;
        ValidTime valid = new(validFrom, validTo);
        if (valid.Fault() is { } fault) reader.Refuse($"expected a valid time: {fault.Message}");
        return content with { Fields = fields, Valid = valid };
    }

    private static byte ReadFlags(ref ByteReader reader, byte allowed, string names)
    {
        byte flags = reader.ReadU8("flags of the attributes");
        if (flags == 0 || (flags & ~allowed) != 0) reader.Refuse($"expected flags of attributes, some of {names}, found {flags}");
        return flags;
    }
}
