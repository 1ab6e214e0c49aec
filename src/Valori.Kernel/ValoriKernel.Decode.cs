using Valori.Kernel.Commands;
using Valori.Kernel.Snapshots;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;

namespace Valori.Kernel;

internal sealed partial class ValoriKernel
{
    /// <summary>Builds a kernel from a snapshot's body. Its tombstones are older than any View it will return.</summary>
    /// <param name="version">Of the snapshot's format.</param>
    internal static ValoriKernel Decode(SnapshotBodyReader body, uint version)
    {
        bool isRich = version >= SnapshotHeader.RichVersion;
        uint dimension = body.ReadUInt32();
        (byte metric, byte scaleExponent) = isRich ? (body.ReadByte(), body.ReadByte()) : ((byte)0, (byte)0);
        if (SnapshotFormat.CheckSchema(dimension, metric, scaleExponent) is { } wrong) throw body.Corrupt("a schema that there can be", wrong, isRich ? -6 : -4);
        EngineSchema schema = new((int)dimension, (Metric)metric, (sbyte)scaleExponent);
        ulong records = body.ReadUInt64(), nodes = body.ReadUInt64(), edges = body.ReadUInt64();
        ValoriKernel kernel = new(schema);
        kernel._tables.Version = 1;
        kernel.DecodeRecords(body, records, isRich);
        GraphAttributesReader? graph = version >= SnapshotHeader.RichGraphVersion ? new GraphAttributesReader(body) : null;
        for (ulong i = 0; i < nodes; i++) kernel.DecodeNode(body, graph);
        for (ulong i = 0; i < edges; i++) kernel.DecodeEdge(body, graph);
        KernelTables tables = kernel._tables;
        uint needed = SnapshotHeader.VersionFor(schema, tables.LiveAttributed > 0, tables.LiveAttributedInGraph > 0);
        if (isRich && needed != version)
        {
            throw body.Corrupt(
                $"something that version {needed} cannot say",
                version == SnapshotHeader.RichVersion ? $"the schema of a {schema} alone" : "a graph without fields and valid times");
        }
        return kernel;
    }

    private void DecodeRecords(SnapshotBodyReader body, ulong records, bool isRich)
    {
        DecodedSegments segments = new(_tables.Records, _tables.RecordTree);
        AttributesReader? attributes = isRich ? new AttributesReader(body) : null;
        _tables.Records.Fields.BeginMany();
        for (ulong first = 0; first < records; first += (ulong)_tables.Records.RowsPerSegment)
        {
            int rows = (int)Math.Min(records - first, (ulong)_tables.Records.RowsPerSegment);
            segments.Add(DecodeSegment(body, rows, attributes), new RecordId(first), rows, _tables.Version);
        }
        _tables.Records.Fields.EndMany();
        segments.Finish();
    }

    private RecordSegment DecodeSegment(SnapshotBodyReader body, int rows, AttributesReader? attributes)
    {
        bool[] live = ReadBitmap(body, rows);
        ulong[] tags = new ulong[live.Count(isLive => isLive)];
        for (int i = 0; i < tags.Length; i++) tags[i] = body.ReadUInt64();
        RecordSegment segment = _tables.Records.NewSegment();
        ReadVectors(body, segment, tags.Length);
        RecordId firstId = new(_tables.Records.Count);
        bool[] hasMetadata = ReadBitmap(body, rows);
        CheckLive("metadata", hasMetadata);
        // Tombstones are filled in between the vectors.
        if (tags.Length < rows) body.Settle();
        _tables.AppendSegment(segment, live, tags);

        for (int row = 0; row < rows; row++)
        {
            if (hasMetadata[row]) _tables.Records.SetMetadata(new RecordId(firstId.Value + (ulong)row), ReadMetadata(body), _tables.Version);
        }
        if (attributes is null) return segment;
        bool[] hasAttributes = ReadBitmap(body, rows);
        CheckLive("attributes", hasAttributes);
        for (int row = 0; row < rows; row++)
        {
            if (hasAttributes[row]) DecodeAttributes(attributes, body, new RecordId(firstId.Value + (ulong)row));
        }
        return segment;

        void CheckLive(string what, bool[] marks)
        {
            for (int row = 0; row < rows; row++)
            {
                if (marks[row] && !live[row]) throw body.Corrupt($"no {what} on a tombstone", $"a mark on record {firstId.Value + (ulong)row}");
            }
        }
    }

    private void DecodeAttributes(AttributesReader attributes, SnapshotBodyReader body, RecordId id)
    {
        attributes.Read();
        if (_tables.SetFirstAttributes(id, attributes.Key, attributes.Fields, attributes.ExpiresAtUnixMicroseconds) is { } other)
            throw body.Corrupt("a key that no other live record has", $"{RecordKey.Show(attributes.Key)} of record {other} on record {id}");
    }

    /// <summary>Reads the vectors of a segment's live rows to where the segment has them.</summary>
    private void ReadVectors(SnapshotBodyReader body, RecordSegment segment, int count)
    {
        byte componentBytes = body.ReadByte();
        if (componentBytes is not (SnapshotFormat.NarrowBytes or SnapshotFormat.WideBytes))
            throw body.Corrupt("2 or 4 bytes a component", componentBytes.ToString(), -1);
        if (count == 0 && componentBytes != SnapshotFormat.NarrowBytes)
            throw body.Corrupt("2 bytes a component if no record is live", componentBytes.ToString(), -1);
        // No column for tombstones alone: a few bytes of a snapshot would take megabytes of memory.
        if (count == 0) return;
        bool isNarrow = componentBytes == SnapshotFormat.NarrowBytes;
        Memory<byte> raw = segment.NewVectors(isNarrow, count);
        body.Read(raw);
        try
        {
            Span<long> norms = segment.SquaredNorms.AsSpan(0, count);
            VectorBlock.CheckedNorms(Dimension, isNarrow, raw.Span, norms);
            if (VectorBlock.CheckNorms(Schema, norms) is { } wrong) throw new ArgumentException(wrong.Message);
        }
        catch (ArgumentException e)
        {
            throw body.Corrupt("vectors inside the limits", e.Message, -raw.Length, e);
        }
    }

    private static byte[] ReadMetadata(SnapshotBodyReader body)
    {
        uint length = body.ReadUInt32();
        if (length > Limits.MaximumMetadataBytes) throw body.Corrupt($"at most {Limits.MaximumMetadataBytes} bytes of metadata", $"{length}", -4);
        byte[] metadata = new byte[length];
        body.Read(metadata);
        return metadata;
    }

    /// <param name="attributes">Null in a version that has none in the graph.</param>
    private void DecodeNode(SnapshotBodyReader body, GraphAttributesReader? attributes)
    {
        byte mark = body.ReadByte();
        if (mark == SnapshotFormat.Tombstone)
        {
            _tables.AppendNodeTombstone();
            return;
        }
        bool isAttributed = attributes is not null && mark is (SnapshotFormat.Attributed or SnapshotFormat.AttributedWithRecord);
        if (!isAttributed && mark is not (SnapshotFormat.Live or SnapshotFormat.LiveWithRecord)) throw body.Corrupt("a node's mark", mark.ToString(), -1);
        NodeKind kind = new(body.ReadByte());
        RecordId? record = mark is SnapshotFormat.LiveWithRecord or SnapshotFormat.AttributedWithRecord ? new RecordId(body.ReadUInt64()) : null;
        if (record is { } recordId && recordId.Value >= _tables.Records.Count)
            throw body.Corrupt($"a record below {_tables.Records.Count}", recordId.ToString(), -8);
        ReadOnlySpan<byte> packed = isAttributed ? attributes!.Read(PackedGraphAttributes.OfNodes) : default;
        ReadOnlySpan<byte> key = new PackedGraphAttributes(packed).Key;
        if (!key.IsEmpty && _tables.Graph.Keys.TryFind(key, _tables.NodeSlots, _tables.Version, out ulong other))
            throw body.Corrupt("a key that no other live node has", $"{RecordKey.Show(key)} of node {other} on node {_tables.NodeSlots}");
        _tables.AppendNode(kind, record, packed);
    }

    /// <param name="attributes">Null in a version that has none in the graph.</param>
    private void DecodeEdge(SnapshotBodyReader body, GraphAttributesReader? attributes)
    {
        byte mark = body.ReadByte();
        if (mark == SnapshotFormat.Tombstone)
        {
            _tables.AppendEdgeTombstone();
            return;
        }
        bool isAttributed = attributes is not null && mark == SnapshotFormat.Attributed;
        if (!isAttributed && mark != SnapshotFormat.Live) throw body.Corrupt("an edge's mark", mark.ToString(), -1);
        EdgeKind kind = new(body.ReadByte());
        NodeId from = new(body.ReadUInt64()), to = new(body.ReadUInt64());
        if ((_tables.CheckNode(from) ?? _tables.CheckNode(to)) is { } refusal) throw body.Corrupt("an edge between live nodes", refusal.Message, -16);
        _tables.AppendEdge(from, to, kind, isAttributed ? attributes!.Read(PackedGraphAttributes.OfEdges) : default);
    }

    private static bool[] ReadBitmap(SnapshotBodyReader body, int bits)
    {
        bool[] bitmap = new bool[bits];
        for (int start = 0; start < bits; start += 8)
        {
            byte value = body.ReadByte();
            int used = Math.Min(8, bits - start);
            if (value >> used != 0) throw body.Corrupt("zero bits after the bitmap's end", value.ToString(), -1);
            for (int bit = 0; bit < used; bit++) bitmap[start + bit] = (value >> bit & 1) != 0;
        }
        return bitmap;
    }
}
