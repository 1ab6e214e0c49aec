using Valori.Kernel.Hashing;
using Valori.Kernel.Storage;
using Valori.Kernel.Vectors;

namespace Valori.Kernel;

/// <summary>A record as a View shows it.</summary>
/// <param name="Vector">Raw Q16.16 values; <see cref="FixedPoint.ToSingle"/> gives the float32 that each came from.</param>
/// <param name="Metadata">Null where the record never got any.</param>
public sealed record RecordContent(RecordId Id, ulong Tag, ReadOnlyMemory<int> Vector, ReadOnlyMemory<byte>? Metadata);

/// <summary>A record's metadata as a View shows it; null where the record never got any.</summary>
public sealed record RecordMetadata(ReadOnlyMemory<byte>? Bytes);

/// <summary>A node as a View shows it.</summary>
public sealed record NodeContent(NodeId Id, NodeKind Kind, RecordId? Record);

/// <summary>An edge as a View shows it.</summary>
public sealed record EdgeContent(EdgeId Id, NodeId From, NodeId To, EdgeKind Kind);

/// <summary>
/// The state at one version, immutable for ever: the writer goes on behind it and it keeps giving the same answers. Taking
/// one is O(1) and copies nothing; any number of threads may read it without a lock.
/// </summary>
public sealed partial class View
{
    private readonly RecordTable _records;
    private readonly GraphTable _graph;

    internal View(RecordTable records, GraphTable graph)
    {
        _records = records;
        _graph = graph;
    }

    /// <summary>Components of every vector.</summary>
    public int Dimension => _records.Dimension;

    /// <summary>Events applied by the kernel when the View was taken.</summary>
    public required ulong Version { get; init; }

    /// <summary>The 32-byte root of all content (FORMATS section 6).</summary>
    public required Digest StateHash { get; init; }

    /// <summary>Record ids given out so far: live records and tombstones.</summary>
    public required ulong RecordSlots { get; init; }

    /// <summary>Node ids given out so far: live nodes and tombstones.</summary>
    public required ulong NodeSlots { get; init; }

    /// <summary>Edge ids given out so far: live edges and tombstones.</summary>
    public required ulong EdgeSlots { get; init; }

    /// <summary>Live records.</summary>
    public required ulong RecordCount { get; init; }

    /// <summary>Live nodes.</summary>
    public required ulong NodeCount { get; init; }

    /// <summary>Live edges.</summary>
    public required ulong EdgeCount { get; init; }

    /// <summary>The record, or a refusal where it does not exist or was deleted.</summary>
    public Outcome<RecordContent> GetRecord(RecordId id)
    {
        if (CheckRecord(id) is { } refusal) return refusal;
        RecordSegment segment = _records.Find(id, out int row);
        int[] raw = new int[Dimension];
        segment.Vectors!.CopyRow(row, Dimension, raw);
        byte[]? metadata = segment.GetMetadata(row, Version);
        return new RecordContent(id, segment.Tags[row], raw, metadata is null ? (ReadOnlyMemory<byte>?)null : metadata);
    }

    /// <summary>The record's metadata, or a refusal where the record does not exist or was deleted.</summary>
    public Outcome<RecordMetadata> GetMetadata(RecordId id)
    {
        if (CheckRecord(id) is { } refusal) return refusal;
        byte[]? metadata = _records.Find(id, out int row).GetMetadata(row, Version);
        return new RecordMetadata(metadata is null ? (ReadOnlyMemory<byte>?)null : metadata);
    }

    /// <summary>Why the record cannot be read, or null where it is live.</summary>
    public Refusal? CheckRecord(RecordId id)
    {
        if (id.Value >= RecordSlots) return Refusal.Record(id, deleted: false);
        return _records.Find(id, out int row).IsLive(row, Version) ? null : Refusal.Record(id, deleted: true);
    }
}
