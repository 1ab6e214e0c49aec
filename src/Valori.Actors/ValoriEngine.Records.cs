using Valori.Actors.Writes;
using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    /// <summary>Inserts a vector as a new record.</summary>
    /// <param name="vector">
    /// <see cref="Dimension"/> finite float32 components, each at least -32768 and less than 32768 divided by the scale; all zero, or not all
    /// rounding to zero. With the metric cosine of any length, and not all zero.
    /// </param>
    /// <param name="tag">For filtered searches.</param>
    /// <returns>The record's id, with the receipt.</returns>
    public async Task<Created<RecordId>> InsertAsync(ReadOnlyMemory<float> vector, ulong tag = 0, CancellationToken cancellationToken = default)
    {
        VectorBlock block = Accept(VectorBlock.FromVector(Schema, vector.Span));
        Receipt receipt = await SendAsync(new InsertRecords(block, new[] { tag }), cancellationToken).ConfigureAwait(false);
        return new Created<RecordId>(new RecordId(receipt.FirstId), receipt);
    }

    /// <summary>Inserts all of the vectors, or none of them.</summary>
    /// <param name="tags">One a vector; all 0 if null.</param>
    /// <returns>The ids, in the order of the vectors, with the receipt.</returns>
    public async Task<CreatedRecords> InsertBatchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> vectors, IReadOnlyList<ulong>? tags = null, CancellationToken cancellationToken = default) =>
        new(await SendAsync(RecordCommands.Insert(Schema, vectors, tags), cancellationToken).ConfigureAwait(false));

    /// <summary>Inserts vectors that lie one after another, or none of them: the form without a copy for bulk loads.</summary>
    /// <param name="components">As many vectors as fit, <see cref="Dimension"/> components each.</param>
    /// <param name="tags">One a vector.</param>
    /// <returns>The ids, in the order of the vectors, with the receipt.</returns>
    public async Task<CreatedRecords> InsertBatchAsync(
        ReadOnlyMemory<float> components, ReadOnlyMemory<ulong> tags, CancellationToken cancellationToken = default) =>
        await InsertAsync(Accept(VectorBlock.FromComponents(Schema, components.Span)), tags, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes a record: a tombstone stays in its place.</summary>
    public Task<Receipt> SoftDeleteAsync(RecordId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteRecord(id), cancellationToken);

    /// <summary>Sets the metadata of a record, 0 to 65,536 bytes. Replaces what it had.</summary>
    public Task<Receipt> SetMetadataAsync(RecordId id, ReadOnlyMemory<byte> metadata, CancellationToken cancellationToken = default) =>
        SendAsync(new SetMetadata(id, metadata.ToArray()), cancellationToken);

    /// <summary>The metadata of a record, or null if it never got any.</summary>
    public async Task<byte[]?> GetMetadataAsync(RecordId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await AskAsync<RecordMetadata>(new GetMetadata(id) { AsOf = asOf }, cancellationToken).ConfigureAwait(false)).Bytes?.ToArray();

    /// <summary>A record with its tag, vector and metadata.</summary>
    public Task<RecordContent> GetRecordAsync(RecordId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<RecordContent>(new GetRecord(id) { AsOf = asOf }, cancellationToken);

    /// <summary>Records by their ids and keys, in the order of the question; null for one that does not exist.</summary>
    /// <param name="records">At most 1,000.</param>
    /// <param name="with">What the answer has of each record.</param>
    public async Task<IReadOnlyList<RecordContent?>> GetManyAsync(
        IReadOnlyList<RecordRef> records, RecordParts with = RecordParts.AllButVector, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await AskAsync<RecordList>(new GetMany(records) { With = with, AsOf = asOf }, cancellationToken).ConfigureAwait(false)).Records;

    /// <summary>The live records that match a filter, a page at a time.</summary>
    /// <param name="filter"><see cref="Filter.All"/> for all.</param>
    /// <param name="limit">Records of the page, 1 to 1,000.</param>
    /// <param name="cursor">
    /// Of the page before, with the same filter, <paramref name="order"/> and <paramref name="asOf"/>; null for the first one. Without
    /// <paramref name="asOf"/>, each page is of the latest state.
    /// </param>
    /// <param name="asOf">Which past state to list; the latest if null.</param>
    /// <param name="with">What the page has of each record.</param>
    /// <param name="order">By id if null.</param>
    public Task<RecordPage> ListRecordsAsync(
        Filter filter, int limit = 100, string? cursor = null, AsOf? asOf = null, RecordParts with = RecordParts.AllButVector, RecordOrder? order = null,
        CancellationToken cancellationToken = default) =>
        AskAsync<RecordPage>(new ListRecords(filter, limit, cursor) { With = with, Order = order ?? RecordOrder.ById, AsOf = asOf }, cancellationToken);

    /// <summary>The values that a field has in the live records that match a filter, the most frequent ones first, and how many records have each.</summary>
    /// <param name="field">As a filter names it. Each element of an array counts as a value.</param>
    /// <param name="limit">Values of the answer, 1 to 1,000.</param>
    /// <param name="asOf">Which past state to look at; the latest if null.</param>
    /// <exception cref="RefusedException">The field has more than 1,048,576 values.</exception>
    public Task<DistinctValues> DistinctAsync(string field, Filter filter, int limit = 100, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<DistinctValues>(new Distinct(field, filter, limit) { AsOf = asOf }, cancellationToken);

    /// <summary>How many live records match a filter.</summary>
    /// <param name="asOf">Which past state to count; the latest if null.</param>
    public async Task<ulong> CountRecordsAsync(Filter filter, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await AskAsync<RecordTotal>(new CountRecords(filter) { AsOf = asOf }, cancellationToken).ConfigureAwait(false)).Count;

    /// <summary>Live records.</summary>
    public async Task<ulong> RecordCountAsync(AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await StatusAsync(asOf, cancellationToken).ConfigureAwait(false)).RecordCount;

    /// <summary>The state hash: a function of content alone, the same on every machine.</summary>
    public async Task<Digest> GetStateHashAsync(AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await StatusAsync(asOf, cancellationToken).ConfigureAwait(false)).StateHash;

    /// <summary>Counts, state hash and place in the history, all of one version.</summary>
    public Task<EngineStatus> StatusAsync(AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<EngineStatus>(new GetStatus { AsOf = asOf }, cancellationToken);

    private async Task<CreatedRecords> InsertAsync(VectorBlock block, ReadOnlyMemory<ulong> tags, CancellationToken cancellationToken) =>
        new(await SendAsync(new InsertRecords(block, tags), cancellationToken).ConfigureAwait(false));

    private static T Accept<T>(Outcome<T> outcome) where T : class =>
        outcome.TryGet(out T? value, out Refusal? refusal) ? value : throw new RefusedException(refusal);
}
