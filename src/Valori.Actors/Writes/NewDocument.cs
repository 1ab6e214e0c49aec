using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors;

/// <summary>A document to be added with its chunks (<see cref="ValoriEngine.AddDocumentAsync"/>).</summary>
public sealed record NewDocument
{
    /// <summary>The kind of its node.</summary>
    public NodeKind Kind { get; init; } = NodeKind.Document;

    /// <summary>Fields of its node.</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>A record that its node stands for, such as a summary with a key, metadata and a vector of its own; none if null.</summary>
    public NewRecord? Record { get; init; }

    /// <summary>The kind of the edges from each chunk to the next; no such edges if null.</summary>
    public EdgeKind? NextChunk { get; init; }
}

/// <summary>A document was added.</summary>
/// <param name="Node">The document.</param>
/// <param name="Record">The record that it stands for, or null.</param>
/// <param name="ChunkRecords">Of each chunk its record, in order.</param>
/// <param name="ChunkNodes">Of each chunk its node, in order.</param>
public sealed record AddedDocument(NodeId Node, RecordId? Record, IReadOnlyList<RecordId> ChunkRecords, IReadOnlyList<NodeId> ChunkNodes, Receipt Receipt);
