using Valori.Kernel.Vectors;

namespace Valori.Kernel;

/// <summary>
/// Something that happened to the state. Events are the journal's content: the same events give the same state hash on
/// every machine. Their meaning is frozen; new kinds may be added.
/// </summary>
public abstract record Event;

/// <summary>Records with the ids <c>FirstId, FirstId + 1, ...</c> came into being.</summary>
public sealed record RecordsInserted(RecordId FirstId, VectorBlock Vectors, ReadOnlyMemory<ulong> Tags) : Event;

public sealed record RecordDeleted(RecordId Id) : Event;

public sealed record MetadataSet(RecordId Id, ReadOnlyMemory<byte> Metadata) : Event;

public sealed record NodeCreated(NodeId Id, NodeKind Kind, RecordId? Record) : Event;

public sealed record EdgeCreated(EdgeId Id, NodeId From, NodeId To, EdgeKind Kind) : Event;

/// <summary>The node and every live edge from or to it were deleted.</summary>
public sealed record NodeDeleted(NodeId Id) : Event;

public sealed record EdgeDeleted(EdgeId Id) : Event;
