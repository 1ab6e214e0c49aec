using Valori.Protocol;

namespace Valori;

/// <summary>A document to be added with its chunks (<see cref="ValoriEngine.AddDocumentAsync"/>).</summary>
public sealed record NewDocument
{
    /// <summary>
    /// The document's name, by which it is replaced (<see cref="ValoriEngine.UpsertDocumentAsync"/>), deleted and found again: its node has it. No two
    /// documents have the same. Keys of documents and keys of records are apart. None if null.
    /// </summary>
    public RecordKey? Key { get; init; }

    /// <summary>The kind of its node.</summary>
    public NodeKind Kind { get; init; } = NodeKind.Document;

    /// <summary>Fields of its node.</summary>
    public Fields Fields { get; init; } = Fields.Empty;

    /// <summary>A record that its node stands for, such as a summary with a key, metadata and a vector of its own; none if null. Not for a document with a key.</summary>
    public NewRecord? Record { get; init; }

    /// <summary>The kind of the edges from each chunk to the next; no such edges if null.</summary>
    public EdgeKind? NextChunk { get; init; }
}

/// <summary>A document was added.</summary>
/// <param name="Node">The document.</param>
/// <param name="Record">The record that it stands for, or null.</param>
/// <param name="ChunkRecords">Of each chunk its record, in order.</param>
/// <param name="ChunkNodes">Of each chunk its node, in order.</param>
public sealed record AddedDocument(NodeId Node, RecordId? Record, IReadOnlyList<RecordId> ChunkRecords, IReadOnlyList<NodeId> ChunkNodes, Receipt Receipt)
{
    /// <summary>Whether it took the place of the one that had its key: its node is the same.</summary>
    public bool HasReplaced { get; init; }

    /// <summary>How many records of old chunks went.</summary>
    public int ReplacedRecords => Receipt.Replaced;

    /// <summary>Of the receipt of a <see cref="PutDocument"/>.</summary>
    internal static AddedDocument Of(Receipt receipt, int chunks)
    {
        NodeId node = receipt.Document ?? throw new InvalidOperationException("the receipt is not that of a document");
        int own = receipt.Nodes.Count - chunks;
        return new AddedDocument(
            node, null, [.. Enumerable.Range(0, chunks).Select(i => new RecordId(receipt.FirstId + (ulong)i))],
            [.. Enumerable.Range(own, chunks).Select(i => new NodeId(receipt.Nodes.First + (ulong)i))], receipt)
        {
            HasReplaced = own == 0,
        };
    }
}
