using Valori.Host.Json;

namespace Valori.Host.Operations;

/// <param name="Chunks">Each with its own vector, and what else its record has.</param>
/// <param name="Kind">Of the document's node.</param>
/// <param name="Fields">Of the document's node.</param>
/// <param name="Record">What the document's node stands for.</param>
/// <param name="NextKind">Of the edges from each chunk to the next; none if it is left out.</param>
/// <param name="Key">The document's name; none if it is left out.</param>
internal sealed record AddDocumentRequest(
    IReadOnlyList<NewRecord> Chunks, RecordKey? Key = null, byte Kind = 2, Fields? Fields = null, NewRecord? Record = null, byte? NextKind = null)
{
    public NewDocument ToDocument() => new()
    {
        Key = Key,
        Kind = new NodeKind(Kind),
        Fields = Fields ?? Fields.Empty,
        Record = Record,
        NextChunk = NextKind is { } next ? new EdgeKind(next) : null,
    };
}

/// <param name="Key">The document's name.</param>
/// <param name="Chunks">Each with its own vector, and what else its record has.</param>
/// <param name="Kind">Of the document's node.</param>
/// <param name="Fields">Of the document's node.</param>
/// <param name="NextKind">Of the edges from each chunk to the next; none if it is left out.</param>
internal sealed record UpsertDocumentRequest(RecordKey Key, IReadOnlyList<NewRecord> Chunks, byte Kind = 2, Fields? Fields = null, byte? NextKind = null)
{
    public NewDocument ToDocument() => new AddDocumentRequest(Chunks, Key, Kind, Fields, NextKind: NextKind).ToDocument();
}

/// <summary>Names a document by its key or by its node, one of them.</summary>
internal sealed record DeleteDocumentRequest(RecordKey? Key = null, ulong? NodeId = null);

/// <summary>A document was added.</summary>
/// <param name="NodeId">The document.</param>
/// <param name="RecordId">What it stands for; null for nothing.</param>
/// <param name="RecordIds">Of the chunks, in order.</param>
/// <param name="NodeIds">Of the chunks, in order.</param>
internal sealed record AddedDocumentAnswer(ulong NodeId, ulong? RecordId, IEnumerable<ulong> RecordIds, IEnumerable<ulong> NodeIds, ReceiptAnswer Receipt)
{
    public static AddedDocumentAnswer Of(AddedDocument document) => new(
        document.Node.Value, document.Record?.Value, document.ChunkRecords.Select(id => id.Value), document.ChunkNodes.Select(id => id.Value), ReceiptAnswer.Of(document.Receipt));
}

/// <summary>A document was put, and may have replaced another one.</summary>
/// <param name="NodeId">The document. If it was replaced, it has the node that it had.</param>
/// <param name="RecordIds">Of the chunks, in order.</param>
/// <param name="NodeIds">Of the chunks, in order.</param>
/// <param name="Replaced">Whether there was a document with its key.</param>
/// <param name="ReplacedRecords">How many records of old chunks went.</param>
internal sealed record UpsertedDocumentAnswer(ulong NodeId, IEnumerable<ulong> RecordIds, IEnumerable<ulong> NodeIds, bool Replaced, int ReplacedRecords, ReceiptAnswer Receipt)
{
    public static UpsertedDocumentAnswer Of(AddedDocument document) => new(
        document.Node.Value, document.ChunkRecords.Select(id => id.Value), document.ChunkNodes.Select(id => id.Value),
        document.HasReplaced, document.ReplacedRecords, ReceiptAnswer.Of(document.Receipt));
}

/// <summary>A document was deleted.</summary>
/// <param name="NodeId">That it had.</param>
/// <param name="DeletedRecords">How many records went with it.</param>
internal sealed record DeletedDocumentAnswer(ulong NodeId, int DeletedRecords, ReceiptAnswer Receipt)
{
    public static DeletedDocumentAnswer Of(Receipt receipt) => new(receipt.FirstId, receipt.Replaced, ReceiptAnswer.Of(receipt));
}

/// <summary>Documents with their chunks.</summary>
internal static class DocumentOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<AddDocumentRequest, AddedDocumentAnswer>(OperationKind.Write, "add_document", "POST /documents",
            "Adds a document with the records, nodes and edges of its chunks, or nothing.",
            async (on, request, stop) => AddedDocumentAnswer.Of(await on.Engine.AddDocumentAsync(request.ToDocument(), request.Chunks, stop))),
        new Operation<UpsertDocumentRequest, UpsertedDocumentAnswer>(OperationKind.Write, "upsert_document", "POST /documents/upsert",
            "Adds a document, and replaces the chunks of the document that has its key.",
            async (on, request, stop) => UpsertedDocumentAnswer.Of(await on.Engine.UpsertDocumentAsync(request.ToDocument(), request.Chunks, stop))),
        new Operation<DeleteDocumentRequest, DeletedDocumentAnswer>(OperationKind.Write, "delete_document", "POST /documents/delete",
            "Deletes a document with the records, nodes and edges of its chunks.",
            async (on, request, stop) => DeletedDocumentAnswer.Of(await DeleteAsync(on.Engine, request, stop))),
    ];

    /// <exception cref="RequestException">Both are there, or neither.</exception>
    private static Task<Receipt> DeleteAsync(ValoriEngine engine, DeleteDocumentRequest request, CancellationToken stop) => request switch
    {
        { Key: { } key, NodeId: null } => engine.DeleteDocumentAsync(key, stop),
        { Key: null, NodeId: { } node } => engine.DeleteDocumentAsync(new NodeId(node), stop),
        { Key: null } => throw new RequestException("neither key nor node_id is given: name the document by one of them"),
        _ => throw new RequestException("key and node_id are both given: name the document by one of them"),
    };
}
