using Microsoft.Extensions.AI;
using Valori.VectorData.Values;

namespace Valori;

public sealed partial class ValoriCollection<TKey, TRecord>
{
    /// <summary>
    /// Inserts a record, or replaces the one that has its key. A generated key is set on the record just before it is sent, and stays there if the write fails, so
    /// the call can be repeated.
    /// </summary>
    /// <exception cref="ArgumentException">A property has a value that cannot be stored; the message names it.</exception>
    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    /// <summary>
    /// Inserts or replaces all of the records as one event, or none of them. Of records with the same key the last one is taken.
    /// Generated keys are set on the records just before they are sent, and stay there if the write fails, so the call can be repeated. An object that occurs twice
    /// is one record.
    /// </summary>
    /// <exception cref="ArgumentException">A property has a value that cannot be stored; the message names it, with the place of the record.</exception>
    public override Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        return _failures.GuardAsync("Upsert", () => UpsertAllAsync([.. records], cancellationToken));
    }

    /// <summary>Deletes the record that has the key, if there is one.</summary>
    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _failures.GuardAsync("Delete", async () =>
        {
            ValoriEngine engine = await EngineAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await engine.DeleteAsync(_mapper.WriteKey(key), cancellationToken).ConfigureAwait(false);
            }
            catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
            {
                // What is to be gone is gone.
            }
        });
    }

    /// <summary>Deletes the records that have these keys. Those of up to 128 keys go as one event.</summary>
    public override Task DeleteAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return _failures.GuardAsync("Delete", async () =>
        {
            FieldValue[] all = [.. keys.Select(key => (FieldValue)_mapper.WriteKey(key ?? throw new ArgumentNullException(nameof(keys), "a key is null")).ToString())];
            ValoriEngine engine = await EngineAsync(cancellationToken).ConfigureAwait(false);
            // A filter has room for so many keys of any length.
            foreach (FieldValue[] some in all.Chunk(Limits.MaximumFilterBytes / (2 * RecordKey.MaximumBytes)))
                await engine.DeleteWhereAsync(Filter.In(Operand.Key.Name, some), cancellationToken: cancellationToken).ConfigureAwait(false);
        });
    }

    private async Task UpsertAllAsync(TRecord[] records, CancellationToken cancellationToken)
    {
        if (records.Length == 0) return;
        ValoriEngine engine = await EngineAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Embedding>? generated = await GenerateAsync(records, cancellationToken).ConfigureAwait(false);
        Dictionary<TRecord, object> newKeys = new(ReferenceEqualityComparer.Instance);
        List<NewRecord> written = new(records.Length);
        Dictionary<RecordKey, int> places = [];
        for (int i = 0; i < records.Length; i++)
        {
            NewRecord one = Write(records, i, generated?[i], newKeys);
            // The later one of two records with a key would replace the earlier one at once.
            if (places.TryAdd(one.Key!, written.Count)) written.Add(one);
            else written[places[one.Key!]] = one;
        }
        // Nothing was wrong with any of them, so from here on the caller's records have the keys that are sent.
        foreach ((TRecord record, object key) in newKeys) _mapper.SetKey(record, key);
        await engine.UpsertBatchAsync(written, cancellationToken).ConfigureAwait(false);
    }

    private NewRecord Write(TRecord[] records, int place, Embedding? generated, Dictionary<TRecord, object> newKeys)
    {
        try
        {
            TRecord record = records[place] ?? throw new ArgumentException("it is null");
            object? key = _mapper.KeyOf(record);
            // An object that occurs twice gets one key, so it is one record.
            if (key is null && !newKeys.TryGetValue(record, out key)) newKeys[record] = key = Guid.CreateVersion7();
            return _mapper.Write(record, key, generated);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException(records.Length == 1 ? e.Message : $"records[{place}]: {e.Message}", nameof(records), e);
        }
    }

    /// <summary>The vectors that the generator of the property makes of its values; null if the values are vectors.</summary>
    private async Task<IReadOnlyList<Embedding>?> GenerateAsync(TRecord[] records, CancellationToken cancellationToken)
    {
        if (!_shape.GeneratesVectors) return null;
        IReadOnlyList<Embedding> generated = await _shape.Vector!.GenerateEmbeddingsAsync(
            records.Select(record => record is null ? null : _shape.Vector.GetValueAsObject(record)), cancellationToken).ConfigureAwait(false);
        return generated.Count == records.Length ? generated
            : throw new InvalidOperationException($"The embedding generator of the property '{_shape.Vector.ModelName}' made {generated.Count} vectors of {records.Length} values.");
    }
}
