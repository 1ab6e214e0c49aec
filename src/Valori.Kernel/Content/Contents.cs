namespace Valori;

/// <summary>
/// A record as a View shows it. An answer that was asked for some of its parts leaves the others empty (<see cref="RecordParts"/>): the tag is
/// then 0 and the vector has no components.
/// </summary>
/// <param name="Vector">Raw values; <see cref="EngineSchema.ToSingle"/> returns the float32 that each came from.</param>
/// <param name="Metadata">Null if the record never got any.</param>
public sealed record RecordContent(RecordId Id, ulong Tag, ReadOnlyMemory<int> Vector, ReadOnlyMemory<byte>? Metadata)
{
    /// <summary>The user's own name for the record, or null.</summary>
    public RecordKey? Key { get; init; }

    /// <summary>What filters can see.</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>When the record expires, in microseconds since 1970 (UTC), or null.</summary>
    public long? ExpiresAtUnixMicroseconds { get; init; }
}

/// <summary>A record's metadata as a View shows it; null if the record never got any.</summary>
public sealed record RecordMetadata(ReadOnlyMemory<byte>? Bytes);

/// <summary>A node as a View shows it.</summary>
public sealed record NodeContent(NodeId Id, NodeKind Kind, RecordId? Record)
{
    /// <summary>What filters can see.</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>The key of the document that it stands for; null of other nodes.</summary>
    public RecordKey? Key { get; init; }
}

/// <summary>An edge as a View shows it.</summary>
public sealed record EdgeContent(EdgeId Id, NodeId From, NodeId To, EdgeKind Kind)
{
    /// <summary>What filters can see.</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>From when until when the edge is valid.</summary>
    public ValidTime Valid { get; init; }
}

/// <summary>The live edges of one node, each list in edge id order.</summary>
public sealed record NodeEdges(IReadOnlyList<EdgeContent> Outgoing, IReadOnlyList<EdgeContent> Incoming);
