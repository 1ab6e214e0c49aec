namespace Valori;

/// <summary>What an inclusion proof shows of a state: one record, node or edge, live with its content or as a tombstone.</summary>
public abstract record ProvenContent;

/// <summary>A record of the state.</summary>
/// <param name="Content">Null if the record was deleted.</param>
public sealed record ProvenRecord(RecordId Id, RecordContent? Content) : ProvenContent;

/// <summary>A node of the state.</summary>
/// <param name="Content">Null if the node was deleted.</param>
public sealed record ProvenNode(NodeId Id, NodeContent? Content) : ProvenContent;

/// <summary>An edge of the state.</summary>
/// <param name="Content">Null if the edge was deleted.</param>
public sealed record ProvenEdge(EdgeId Id, EdgeContent? Content) : ProvenContent;
