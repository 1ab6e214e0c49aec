using Valori.Kernel.Vectors;

namespace Valori.Kernel;

/// <summary>
/// A wish to change the state. <see cref="ValoriKernel.Decide"/> answers it with an <see cref="Event"/> or a <see cref="Refusal"/>.
/// </summary>
public abstract record Command;

/// <summary>Inserts all of the vectors as new records, in order, or none of them. One tag a vector.</summary>
public sealed record InsertRecords(VectorBlock Vectors, ReadOnlyMemory<ulong> Tags) : Command;

/// <summary>Leaves a tombstone in the record's place.</summary>
public sealed record DeleteRecord(RecordId Id) : Command;

/// <summary>Gives a record its metadata, in the place of what it had. Empty metadata differs from none.</summary>
public sealed record SetMetadata(RecordId Id, ReadOnlyMemory<byte> Metadata) : Command;

/// <summary>Creates a graph node that may stand for a record.</summary>
public sealed record CreateNode(NodeKind Kind, RecordId? Record) : Command;

/// <summary>Creates a directed edge between two live nodes.</summary>
public sealed record CreateEdge(NodeId From, NodeId To, EdgeKind Kind) : Command;

/// <summary>Deletes a node together with its edges, in and out.</summary>
public sealed record DeleteNode(NodeId Id) : Command;

/// <summary>Deletes one edge.</summary>
public sealed record DeleteEdge(EdgeId Id) : Command;
