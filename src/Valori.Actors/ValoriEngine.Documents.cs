using Valori.Actors.Writes;
using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    /// <summary>
    /// Adds a document with its chunks as one event: a node for the document; the records of the chunks; a node for each chunk, which stands
    /// for its record; an edge <see cref="EdgeKind.ParentOf"/> from the document to each chunk; and, if the document says so, an edge from
    /// each chunk to the next.
    /// </summary>
    /// <param name="chunks">At most 16,384 of a document with a key. Without one, the document is a transaction: at most 8,191, or 5,461 with edges from each chunk to the next.</param>
    /// <returns>All ids, with the receipt.</returns>
    /// <exception cref="RefusedException">
    /// A live record has the key of a chunk already, a document has the key, or something is not allowed; nothing was done. The message begins with
    /// its place: <c>chunks[1]</c>, <c>record</c> or <c>document</c>.
    /// </exception>
    public Task<AddedDocument> AddDocumentAsync(NewDocument document, IReadOnlyList<NewRecord> chunks, CancellationToken cancellationToken = default) => document.Key is null
        ? AddWithoutKeyAsync(document, chunks, cancellationToken)
        : PutDocumentAsync(document, chunks, replace: false, cancellationToken);

    /// <summary>
    /// Adds a document as <see cref="AddDocumentAsync"/> does, or replaces the one that has its key, as one event. The node of that one stays, with the edges
    /// that others have to it, and gets the new fields. Its old chunks go with their records, nodes and edges. Nodes of your own that stood for
    /// the record of an old chunk stand for that of the new chunk with the same key.
    /// </summary>
    /// <param name="document">With a key.</param>
    /// <param name="chunks">At most 16,384.</param>
    /// <exception cref="RefusedException">A live record that is not of this document has the key of a chunk, or something is not allowed; nothing was done.</exception>
    public Task<AddedDocument> UpsertDocumentAsync(NewDocument document, IReadOnlyList<NewRecord> chunks, CancellationToken cancellationToken = default) => document.Key is null
        ? Task.FromException<AddedDocument>(new RefusedException(new Refusal(RefusalKind.InvalidArgument, "document: it has no key, and so cannot replace one: give it a key, or add it")))
        : PutDocumentAsync(document, chunks, replace: true, cancellationToken);

    /// <summary>
    /// Deletes a document as one event: its node, the nodes of its chunks and their records, the record that its node stands for if it stands for one,
    /// and all edges of these nodes. Its chunks are the nodes <see cref="NodeKind.Chunk"/> that it is the parent of.
    /// </summary>
    /// <returns>The receipt, which says how many records went (<see cref="Receipt.Replaced"/>).</returns>
    /// <exception cref="RefusedException">No document has the key.</exception>
    public Task<Receipt> DeleteDocumentAsync(RecordKey key, CancellationToken cancellationToken = default) => SendAsync(new DeleteDocument(key), cancellationToken);

    /// <summary>As <see cref="DeleteDocumentAsync(RecordKey, CancellationToken)"/>, of a document that may have no key.</summary>
    /// <param name="node">Of the document.</param>
    public Task<Receipt> DeleteDocumentAsync(NodeId node, CancellationToken cancellationToken = default) => SendAsync(new DeleteDocument(node), cancellationToken);

    private async Task<AddedDocument> PutDocumentAsync(NewDocument document, IReadOnlyList<NewRecord> chunks, bool replace, CancellationToken cancellationToken)
    {
        if (document.Record is not null)
            throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, "record: a document with a key stands for no record of its own: make it one of the chunks, or leave out the key"));
        VectorBlock vectors = DocumentRefusal.Of(() => RecordCommands.VectorsOf(Schema, chunks), new DocumentRefusal(hasRecord: false, chunks.Count).OfChunks);
        PutDocument command = new(
            document.Key!, document.Kind, document.Fields, vectors, chunks.Select(chunk => chunk.Tag).ToArray(), [.. chunks.Select(chunk => chunk.ToAttributes())], document.NextChunk, replace);
        Receipt receipt = await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return AddedDocument.Of(receipt, chunks.Count);
    }

    private async Task<AddedDocument> AddWithoutKeyAsync(NewDocument document, IReadOnlyList<NewRecord> chunks, CancellationToken cancellationToken)
    {
        int most = (Limits.MaximumCommands - (document.Record is null ? 2 : 3) + (document.NextChunk is null ? 0 : 1)) / (document.NextChunk is null ? 2 : 3);
        if (chunks.Count > most)
        {
            throw new RefusedException(new Refusal(RefusalKind.LimitExceeded,
                $"document: {chunks.Count} chunks; without a key of the document, the limit is {most}"
                    + $"{(document.NextChunk is null ? "" : " with edges between them")}: give it a key, with which the limit is {Limits.MaximumChunks}, or add the rest in transactions"));
        }
        Transaction transaction = NewTransaction();
        for (int i = 0; i < chunks.Count; i++)
        {
            if (document.Record?.Key is { } key && key.Equals(chunks[i].Key))
                throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"chunks[{i}]: the key {RecordKey.Show(key.Utf8)} is that of record too: a key names one record"));
        }
        DocumentRefusal refusal = new(hasRecord: document.Record is not null, chunks.Count);
        TransactionRef<RecordId>? record = document.Record is { } own ? DocumentRefusal.Of(() => transaction.Insert(own), DocumentRefusal.OfRecord) : null;
        TransactionRef<NodeId> node = transaction.CreateNode(document.Kind, record, document.Fields);
        IReadOnlyList<TransactionRef<RecordId>> records = DocumentRefusal.Of(() => transaction.InsertBatch(chunks), refusal.OfChunks);
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
