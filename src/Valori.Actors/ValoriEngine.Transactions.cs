using Valori.Actors.Writes;
using Valori.Kernel;

namespace Valori.Actors;

public sealed partial class ValoriEngine
{
    /// <summary>An empty transaction for this engine.</summary>
    public Transaction NewTransaction() => new(Schema);

    /// <summary>Carries out all commands of a transaction, in order, as one event, or none of them.</summary>
    /// <returns>The ids of what they created, with the receipt.</returns>
    /// <exception cref="RefusedException">A command was refused; the message begins with its place, counted from 0. Nothing was done.</exception>
    public async Task<TransactionReceipt> TransactAsync(Transaction transaction, CancellationToken cancellationToken = default)
    {
        Transact command = transaction.ToCommand();
        return new TransactionReceipt(transaction, command, await SendAsync(command, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Adds a document with its chunks as one event: a node for the document; the records of the chunks; a node for each chunk, which stands
    /// for its record; an edge <see cref="EdgeKind.ParentOf"/> from the document to each chunk; and, if the document says so, an edge from
    /// each chunk to the next.
    /// </summary>
    /// <returns>All ids, with the receipt.</returns>
    /// <exception cref="RefusedException">
    /// A live record has the key of a chunk already, or something is not allowed; nothing was done. The message begins with its place:
    /// <c>chunks[1]</c>, <c>record</c> or <c>document</c>.
    /// </exception>
    public async Task<AddedDocument> AddDocumentAsync(NewDocument document, IReadOnlyList<NewRecord> chunks, CancellationToken cancellationToken = default)
    {
        Transaction transaction = NewTransaction();
        for (int i = 0; i < chunks.Count; i++)
        {
            if (document.Record?.Key is { } key && key.Equals(chunks[i].Key))
                throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"chunks[{i}]: the key {RecordKey.Show(key.Utf8)} is that of record too: a key names one record"));
        }
        DocumentRefusal refusal = new(hasRecord: document.Record is not null, chunks.Count);
        TransactionRef<RecordId>? record = document.Record is { } own ? DocumentRefusal.Of(() => transaction.Insert(own), DocumentRefusal.OfRecord) : null;
        TransactionRef<NodeId> node = transaction.CreateNode(document.Kind, record, document.Fields);
        TransactionRefs records = DocumentRefusal.Of(() => transaction.InsertBatch(chunks), refusal.OfChunks);
        TransactionRef<NodeId>[] nodes = [.. records.Select(chunk => transaction.CreateNode(NodeKind.Chunk, chunk))];
        foreach (TransactionRef<NodeId> chunk in nodes) transaction.CreateEdge(node, chunk, EdgeKind.ParentOf);
        if (document.NextChunk is { } next)
        {
            for (int i = 1; i < nodes.Length; i++) transaction.CreateEdge(nodes[i - 1], nodes[i], next);
        }
        TransactionReceipt done;
        try
        {
            done = await TransactAsync(transaction, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            throw new RefusedException(refusal.OfTransaction(e.Refusal));
        }
        return new AddedDocument(done[node], record is { } of ? done[of] : null, [.. records.Select(chunk => done[chunk])], [.. nodes.Select(chunk => done[chunk])], done.Receipt);
    }
}
