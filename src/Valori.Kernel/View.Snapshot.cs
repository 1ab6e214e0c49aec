using System.Runtime.InteropServices;
using Valori.Kernel.Snapshots;
using Valori.Kernel.Storage;
using Valori.Kernel.Values;
using Valori.Kernel.Vectors;

namespace Valori.Kernel;

internal sealed partial class View
{
    private const int None = -1;

    /// <summary>About what a snapshot takes, without metadata and with 16 bits a component: a measure, not a size.</summary>
    public long ApproximateSnapshotBytes =>
        (long)RecordCount * (Dimension * sizeof(short) + sizeof(ulong)) + (long)NodeCount * 10 + (long)EdgeCount * 18;

    /// <summary>Records in blocks of a segment's size: which are live, tags, vectors in the narrowest form, metadata, attributes.</summary>
    internal void WriteRecords(SnapshotBodyWriter body, uint version)
    {
        int blockRows = _records.RowsPerSegment;
        // Of each record of a block, the row that it has in the block's segment, or none if it is not live.
        int[] live = new int[blockRows];
        for (ulong first = 0; first < RecordSlots; first += (ulong)blockRows)
        {
            RecordSegment segment = _records.Find(new RecordId(first), out _);
            int count = (int)Math.Min((ulong)blockRows, RecordSlots - first);
            for (int i = 0; i < count; i++)
            {
                int row = _records.Place((uint)first + (uint)i, out _);
                live[i] = segment.IsLive(row, Version) ? row : None;
            }
            int[] rows = [.. live.Take(count).Where(row => row != None)];

            WriteBitmap(body, count, i => live[i] != None);
            foreach (int row in rows) body.WriteUInt64(segment.Tags[row]);
            WriteVectors(body, segment, rows);
            WriteBitmap(body, count, i => live[i] != None && segment.GetMetadata(live[i], Version) is not null);
            foreach (int row in rows)
            {
                if (segment.GetMetadata(row, Version) is not { } metadata) continue;
                body.WriteUInt32((uint)metadata.Length);
                body.Write(metadata);
            }
            if (version < SnapshotHeader.RichVersion) continue;
            WriteBitmap(body, count, i => live[i] != None && !segment.GetAttributes(live[i], Version).IsNone);
            foreach (int row in rows) body.Write(segment.GetAttributes(row, Version).Bytes);
        }
    }

    internal void WriteGraph(SnapshotBodyWriter body)
    {
        for (ulong i = 0; i < NodeSlots; i++)
        {
            ref GraphTable.NodeRow node = ref _graph.Nodes[i];
            if (!IsLive(ref node))
            {
                body.WriteByte(SnapshotFormat.Tombstone);
                continue;
            }
            RecordId? record = _graph.RecordOf(ref node, Version);
            PackedGraphAttributes attributes = _graph.AttributesOf(ref node, Version);
            body.WriteByte((record, attributes.IsNone) switch
            {
                (null, true) => SnapshotFormat.Live,
                (_, true) => SnapshotFormat.LiveWithRecord,
                (null, false) => SnapshotFormat.Attributed,
                (_, false) => SnapshotFormat.AttributedWithRecord,
            });
            body.WriteByte(node.Kind);
            if (record is { } id) body.WriteUInt64(id.Value);
            body.Write(attributes.Bytes);
        }
        for (ulong i = 0; i < EdgeSlots; i++)
        {
            ref GraphTable.EdgeRow edge = ref _graph.Edges[i];
            if (!IsLive(ref edge))
            {
                body.WriteByte(SnapshotFormat.Tombstone);
                continue;
            }
            PackedGraphAttributes attributes = _graph.AttributesOf(ref edge, Version);
            body.WriteByte(attributes.IsNone ? SnapshotFormat.Live : SnapshotFormat.Attributed);
            body.WriteByte(edge.Kind);
            body.WriteUInt64(edge.From);
            body.WriteUInt64(edge.To);
            body.Write(attributes.Bytes);
        }
    }

    /// <param name="rows">The live ones.</param>
    private void WriteVectors(SnapshotBodyWriter body, RecordSegment segment, ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty)
        {
            body.WriteByte(SnapshotFormat.NarrowBytes);
            return;
        }
        VectorColumn vectors = segment.Vectors!;
        // A wide segment may hold a block whose live rows are all narrow: the form is a function of those alone.
        int[] raw = new int[Dimension];
        bool isNarrow = true;
        for (int i = 0; isNarrow && i < rows.Length; i++) isNarrow = vectors.FitsNarrow(rows[i], Dimension);

        body.WriteByte((byte)(isNarrow ? SnapshotFormat.NarrowBytes : SnapshotFormat.WideBytes));
        short[] narrow = new short[Dimension];
        foreach (int row in rows)
        {
            if (isNarrow && vectors.Narrow is not null)
            {
                body.Write(MemoryMarshal.AsBytes(vectors.Narrow.AsSpan(row * Dimension, Dimension)));
                continue;
            }
            vectors.CopyRow(row, Dimension, raw);
            if (isNarrow)
            {
                VectorBlock.Narrowed(raw, narrow);
                body.Write(MemoryMarshal.AsBytes(narrow.AsSpan()));
            }
            else
            {
                body.Write(MemoryMarshal.AsBytes(raw.AsSpan()));
            }
        }
    }

    private static void WriteBitmap(SnapshotBodyWriter body, int bits, Func<int, bool> isSet)
    {
        for (int start = 0; start < bits; start += 8)
        {
            int value = 0;
            for (int bit = 0; bit < 8 && start + bit < bits; bit++) value |= isSet(start + bit) ? 1 << bit : 0;
            body.WriteByte((byte)value);
        }
    }
}
