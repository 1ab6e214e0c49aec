using Valori.Kernel.Snapshots;

namespace Valori.Kernel;

/// <summary>
/// Writes a View as snapshot bytes (section 12 of docs/formats.md in Valori's repository). Streamed: memory for one block of records, whatever the size. Equal
/// content has equal bytes after the header, whatever way the state came about.
/// </summary>
internal static class SnapshotWriter
{
    /// <summary>Writes the whole snapshot. Thread-safe: a View may be written while its kernel goes on.</summary>
    /// <param name="header">Must carry the View's own state hash.</param>
    public static void Write(Stream stream, View view, SnapshotHeader header)
    {
        if (header.StateHash != view.StateHash)
            throw new ArgumentException($"the header's state hash {header.StateHash} is not the view's {view.StateHash}", nameof(header));
        byte[] headerBytes = new byte[SnapshotHeader.SizeBytes];
        uint version = SnapshotHeader.VersionFor(view.Schema, view.AttributedCount > 0, view.HasAttributesInGraph);
        (header with { Version = version }).Write(headerBytes);
        stream.Write(headerBytes);

        SnapshotBodyWriter body = new(stream);
        body.WriteUInt32((uint)view.Dimension);
        if (version >= SnapshotHeader.RichVersion)
        {
            body.WriteByte((byte)view.Schema.Metric);
            body.WriteByte((byte)view.Schema.ScaleExponent);
        }
        body.WriteUInt64(view.RecordSlots);
        body.WriteUInt64(view.NodeSlots);
        body.WriteUInt64(view.EdgeSlots);
        view.WriteRecords(body, version);
        view.WriteGraph(body);
        body.Finish();
    }
}
