namespace Valori.Kernel.Snapshots;

/// <summary>The marks in a snapshot's body (section 12 of docs/formats.md in Valori's repository). Frozen.</summary>
internal static class SnapshotFormat
{
    public const byte Tombstone = 0;
    public const byte Live = 1;
    public const byte LiveWithRecord = 2;

    /// <summary>Of a node without a record, or of an edge, with attributes.</summary>
    public const byte Attributed = 3;

    /// <summary>Of a node with a record and attributes.</summary>
    public const byte AttributedWithRecord = 4;

    /// <summary>Bytes of a component in a block whose live rows all fit 16 bits.</summary>
    public const byte NarrowBytes = 2;

    /// <summary>Bytes of a component in any other block.</summary>
    public const byte WideBytes = 4;

    /// <summary>Why the first bytes of a body are not those of a schema, or null.</summary>
    public static string? CheckSchema(uint dimension, byte metric, byte scaleExponent) =>
        EngineSchema.Check((int)Math.Min(dimension, int.MaxValue), (Metric)metric, (sbyte)scaleExponent)?.Message;
}
