using Valori.Actors.Writes;
using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    /// <summary>Inserts a record with its key, fields, metadata and expiry, in one command.</summary>
    /// <returns>The record's id, with the receipt.</returns>
    /// <exception cref="RefusedException">A live record has the key already (<see cref="RefusalKind.Conflict"/>), or something is not allowed.</exception>
    public async Task<Created<RecordId>> InsertAsync(NewRecord record, CancellationToken cancellationToken = default) =>
        OneOf(await PutAsync([record], replace: false, cancellationToken).ConfigureAwait(false));

    /// <summary>Inserts all of the records, or none of them.</summary>
    /// <returns>The ids, in the order of the records, with the receipt.</returns>
    /// <exception cref="RefusedException">As for one record; a key that appears twice is named.</exception>
    public async Task<CreatedRecords> InsertBatchAsync(IReadOnlyList<NewRecord> records, CancellationToken cancellationToken = default) =>
        new(await PutAsync(records, replace: false, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Inserts a record, and replaces the one that has its key: that one becomes a tombstone, the new one gets a new id, and the nodes that
    /// stood for the old one stand for the new one. All of it is one event.
    /// </summary>
    /// <param name="record">With a key.</param>
    /// <returns>The new record's id and that of the one that it replaced, with the receipt.</returns>
    public async Task<Upserted> UpsertAsync(NewRecord record, CancellationToken cancellationToken = default)
    {
        Receipt receipt = await PutAsync([record], replace: true, cancellationToken).ConfigureAwait(false);
        return new Upserted(new RecordId(receipt.FirstId), receipt.Replaced > 0 ? new RecordId(receipt.FirstReplaced) : null, receipt);
    }

    /// <summary>Inserts or replaces all of the records, or none of them.</summary>
    /// <param name="records">Each with a key, and each key once.</param>
    /// <returns>The new ids, in the order of the records, with the receipt, which says how many records were replaced.</returns>
    public async Task<CreatedRecords> UpsertBatchAsync(IReadOnlyList<NewRecord> records, CancellationToken cancellationToken = default) =>
        new(await PutAsync(records, replace: true, cancellationToken).ConfigureAwait(false));

    /// <summary>The record with this key, with its id, tag, vector, metadata, fields and expiry.</summary>
    /// <exception cref="RefusedException">No live record has the key.</exception>
    public Task<RecordContent> GetRecordAsync(RecordKey key, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<RecordContent>(new GetRecord(key) { AsOf = asOf }, cancellationToken);

    /// <summary>The id of the live record with this id or key; null if there is none.</summary>
    public async Task<RecordId?> FindRecordAsync(RecordRef record, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await AskAsync<RecordPresence>(new FindRecord(record) { AsOf = asOf }, cancellationToken).ConfigureAwait(false)).Id;

    /// <summary>Whether there is a live record with this id or key.</summary>
    public async Task<bool> ExistsAsync(RecordRef record, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        await FindRecordAsync(record, asOf, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Deletes the record with this key: a tombstone stays in its place, and the key is free again.</summary>
    /// <exception cref="RefusedException">No live record has the key.</exception>
    public Task<Receipt> DeleteAsync(RecordKey key, CancellationToken cancellationToken = default) => SendAsync(new DeleteKey(key), cancellationToken);

    /// <summary>Changes the fields of a record; vector, tag, metadata, key and expiry stay.</summary>
    /// <param name="record">Its id, or its key.</param>
    /// <param name="mode"><see cref="FieldsMode.Merge"/> leaves the other fields, <see cref="FieldsMode.Replace"/> removes them.</param>
    public Task<Receipt> SetFieldsAsync(RecordRef record, Fields fields, FieldsMode mode = FieldsMode.Merge, CancellationToken cancellationToken = default) =>
        SendAsync(new SetFields(record, mode, fields, []), cancellationToken);

    /// <summary>Removes the fields with these names, and those below them.</summary>
    /// <param name="record">Its id, or its key.</param>
    public Task<Receipt> RemoveFieldsAsync(RecordRef record, IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        SendAsync(SetFields.Remove(record, names), cancellationToken);

    /// <summary>
    /// Sets when a record expires. It is deleted then, at most a second late. A session that is used again gets another hour in this way; its
    /// vector, tag, metadata, key and fields stay.
    /// </summary>
    /// <remarks>
    /// It is later if more than some hundred thousand records end together (a million take some seconds), and up to a minute later if the clock
    /// was set forward, the machine slept, or a write failed. While the journal cannot be written, nothing is deleted.
    /// </remarks>
    /// <param name="record">Its id, or its key.</param>
    /// <param name="expiresAt">What is finer than a microsecond is cut off. A time that has passed deletes the record at once.</param>
    public Task<Receipt> SetExpiryAsync(RecordRef record, DateTimeOffset expiresAt, CancellationToken cancellationToken = default) =>
        SendAsync(new SetExpiry(record, ((FieldValue)expiresAt).AsUnixMicroseconds()), cancellationToken);

    /// <summary>Lets a record stay until it is deleted.</summary>
    /// <param name="record">Its id, or its key.</param>
    public Task<Receipt> RemoveExpiryAsync(RecordRef record, CancellationToken cancellationToken = default) =>
        SendAsync(new SetExpiry(record, null), cancellationToken);

    private Task<Receipt> PutAsync(IReadOnlyList<NewRecord> records, bool replace, CancellationToken cancellationToken) =>
        SendAsync(RecordCommands.Put(Schema, records, replace), cancellationToken);

    private static Created<RecordId> OneOf(Receipt receipt) => new(new RecordId(receipt.FirstId), receipt);
}
