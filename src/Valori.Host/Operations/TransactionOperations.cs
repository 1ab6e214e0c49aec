using System.Text.Json.Serialization;
using Valori.Actors;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Operations;

/// <param name="Commands">In the order in which they are carried out.</param>
internal sealed record TransactRequest(IReadOnlyList<PartRequest> Commands)
{
    public Transaction For(ValoriEngine engine)
    {
        Transaction transaction = engine.NewTransaction();
        foreach (PartRequest part in Commands) transaction.Add(JsonFields.At($"command {transaction.Count}", () => part.ToPart(engine.Schema)));
        return transaction;
    }
}

/// <summary>What one command of a transaction created.</summary>
/// <param name="Id">Of one that creates one thing.</param>
/// <param name="Ids">Of a batch.</param>
internal sealed record PartAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<ulong>? Ids)
{
    public static PartAnswer Of(Operation operation, IdRange created) =>
        operation.Answer.Type == typeof(CreatedBatchAnswer) ? new(null, CountedUp(created))
        : created.Count == 0 ? new(null, null)
        : new(created.First, null);

    private static IEnumerable<ulong> CountedUp(IdRange range)
    {
        for (int i = 0; i < range.Count; i++) yield return range.First + (ulong)i;
    }
}

/// <summary>All commands of a transaction were carried out.</summary>
/// <param name="Results">One a command, in order.</param>
internal sealed record TransactAnswer(IEnumerable<PartAnswer> Results, ReceiptAnswer Receipt);

/// <param name="Chunks">Each with its own vector, and what else its record has.</param>
/// <param name="Kind">Of the document's node.</param>
/// <param name="Fields">Of the document's node.</param>
/// <param name="Record">What the document's node stands for.</param>
/// <param name="NextKind">Of the edges from each chunk to the next; none if it is left out.</param>
internal sealed record AddDocumentRequest(IReadOnlyList<NewRecord> Chunks, byte Kind = 2, Fields? Fields = null, NewRecord? Record = null, byte? NextKind = null)
{
    public NewDocument ToDocument() => new()
    {
        Kind = new NodeKind(Kind),
        Fields = Fields ?? Fields.Empty,
        Record = Record,
        NextChunk = NextKind is { } next ? new EdgeKind(next) : null,
    };
}

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

/// <summary>Several commands as one.</summary>
internal static class TransactionOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<TransactRequest, TransactAnswer>(OperationKind.Write, "transact", "POST /transactions",
            "Carries out several commands as one event, or none of them.",
            async (on, request, stop) =>
            {
                TransactionReceipt done = await on.Engine.TransactAsync(request.For(on.Engine), stop);
                return new TransactAnswer(request.Commands.Zip(done.Created, (part, created) => PartAnswer.Of(part.Operation, created)), ReceiptAnswer.Of(done.Receipt));
            }),
        new Operation<AddDocumentRequest, AddedDocumentAnswer>(OperationKind.Write, "add_document", "POST /documents",
            "Adds a document with the records, nodes and edges of its chunks, or nothing.",
            async (on, request, stop) => AddedDocumentAnswer.Of(await on.Engine.AddDocumentAsync(request.ToDocument(), request.Chunks, stop))),
    ];
}
