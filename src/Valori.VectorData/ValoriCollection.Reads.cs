using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData;
using Valori.VectorData.Filters;
using Valori.VectorData.Records;
using Valori.VectorData.Values;

namespace Valori;

public sealed partial class ValoriCollection<TKey, TRecord>
{
    /// <summary>The record that has the key; null if there is none.</summary>
    public override Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        bool includeVectors = options?.IncludeVectors ?? false;
        return _failures.GuardAsync("Get", async () => (await GetManyAsync([key], includeVectors, cancellationToken).ConfigureAwait(false)).FirstOrDefault());
    }

    /// <summary>The records that have these keys, in the order of the keys. Keys of no record are left out.</summary>
    public override async IAsyncEnumerable<TRecord> GetAsync(
        IEnumerable<TKey> keys, RecordRetrievalOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        bool includeVectors = options?.IncludeVectors ?? false;
        foreach (TKey[] some in keys.Chunk(ChunkOf(includeVectors)))
        {
            foreach (TRecord record in await _failures.GuardAsync("Get", () => GetManyAsync(some, includeVectors, cancellationToken)).ConfigureAwait(false)) yield return record;
        }
    }

    /// <summary>
    /// The records that match a filter, in the order in which they were last written unless the options say otherwise. Strings are ordered by their bytes of UTF-8, and
    /// records that have null come last in both directions.
    /// </summary>
    /// <remarks>
    /// The collection orders by the first property. Records that are equal there are sorted by the others here: those of the largest such group are in memory together.
    /// More than 1,000 records come in pages, and what is written between two pages may be in the later one.
    /// </remarks>
    /// <param name="top">At most so many, at least 1.</param>
    /// <exception cref="NotSupportedException">A part of the filter has no translation; the message names it. Or a property has no order.</exception>
    public override async IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        RecordParts with = PartsOf(options.IncludeVectors);
        List<PropertyOrder> orders = OrdersOf(options);
        ValoriEngine engine = await OpenAsync("Get", cancellationToken).ConfigureAwait(false);
        if (FilterTranslator.Translate(filter, _shape) is not { } condition) yield break;
        await foreach (RecordContent content in ListAsync(engine, condition, orders, options.Skip, top, with, cancellationToken).ConfigureAwait(false))
            yield return Read("Get", content, engine.Schema, options.IncludeVectors);
    }

    private async Task<IReadOnlyList<TRecord>> GetManyAsync(IReadOnlyList<TKey> keys, bool includeVectors, CancellationToken cancellationToken)
    {
        RecordParts with = PartsOf(includeVectors);
        ValoriEngine engine = await EngineAsync(cancellationToken).ConfigureAwait(false);
        RecordRef[] asked = [.. keys.Select(key => (RecordRef)_mapper.WriteKey(key ?? throw new ArgumentNullException(nameof(keys), "a key is null")))];
        IReadOnlyList<RecordContent?> found = await engine.GetManyAsync(asked, with, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. found.OfType<RecordContent>().Select(content => _mapper.Read(content, engine.Schema, includeVectors))];
    }

    /// <summary>Some records of a list, after those that are skipped.</summary>
    private async IAsyncEnumerable<RecordContent> ListAsync(
        ValoriEngine engine, Filter filter, List<PropertyOrder> orders, int skip, int top, RecordParts with,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RecordOrder order = orders.Count == 0 ? RecordOrder.ById : RecordOrder.By(orders[0].Operand.Name) with { IsDescending = !orders[0].IsAscending };
        RecordSort sort = new(orders);
        List<RecordContent> together = [];
        string? cursor = null;
        long end = (long)skip + top, place = 0;
        do
        {
            // Records that are skipped need no parts, unless the others are sorted by them. A group may go on after the end, and its end shows that it does not.
            bool isSkipped = !sort.IsNeeded && place < skip;
            int limit = (int)Math.Min(Limits.MaximumListed, sort.IsNeeded ? Limits.MaximumListed : (isSkipped ? skip : end) - place);
            RecordPage page = await _failures.GuardAsync("Get", () => engine.ListRecordsAsync(
                filter, limit, cursor, with: isSkipped ? RecordParts.None : with, order: order, cancellationToken: cancellationToken)).ConfigureAwait(false);
            foreach (RecordContent record in page.Records)
            {
                if (!sort.IsNeeded)
                {
                    if (place++ >= skip) yield return record;
                    continue;
                }
                if (together.Count > 0 && !sort.AreTogether(together[0], record))
                {
                    foreach (RecordContent sorted in sort.Sorted(together))
                    {
                        if (place++ >= skip) yield return sorted;
                        if (place == end) yield break;
                    }
                    together.Clear();
                }
                together.Add(record);
            }
            cursor = page.Cursor;
        }
        while (cursor is not null && place < end);
        foreach (RecordContent sorted in sort.Sorted(together))
        {
            if (place == end) yield break;
            if (place++ >= skip) yield return sorted;
        }
    }

    private List<PropertyOrder> OrdersOf(FilteredRecordRetrievalOptions<TRecord> options)
    {
        List<PropertyOrder> orders = [];
        foreach (FilteredRecordRetrievalOptions<TRecord>.OrderByDefinition.SortInfo sort in options.OrderBy?.Invoke(new()).Values ?? [])
        {
            PropertyModel property = _shape.Model.GetDataOrKeyProperty(sort.PropertySelector);
            bool hasOrder = property is KeyPropertyModel || (property is DataPropertyModel && _shape.ByName[property.StorageName].Codec is not (ArrayCodec or BytesCodec));
            if (!hasOrder) throw new NotSupportedException($"OrderBy names the property '{property.ModelName}', which is a {property.Type.Name}: records are ordered by the key and by single values.");
            orders.Add(property is KeyPropertyModel
                ? new PropertyOrder(Operand.Key, property.StorageName, _shape.Key, sort.Ascending)
                : new PropertyOrder(Operand.Field(property.StorageName), property.StorageName, _shape.ByName[property.StorageName].Codec, sort.Ascending));
        }
        return orders;
    }

    /// <summary>How many records fit an answer, however large their fields are.</summary>
    private int ChunkOf(bool includeVectors)
    {
        int vectorBytes = includeVectors ? sizeof(int) * (_shape.Vector?.Dimensions ?? 1) : 0;
        return (int)Math.Min(Limits.MaximumListed, Limits.MaximumAnswerBytes / (Limits.MaximumFieldsBytes + RecordKey.MaximumBytes + 64 + vectorBytes));
    }

    private RecordParts PartsOf(bool includeVectors)
    {
        if (includeVectors && _shape.GeneratesVectors) throw new NotSupportedException(VectorDataStrings.IncludeVectorsNotSupportedWithEmbeddingGeneration);
        return includeVectors ? RecordParts.Key | RecordParts.Fields | RecordParts.Vector : RecordParts.Key | RecordParts.Fields;
    }

    private async ValueTask<ValoriEngine> OpenAsync(string operation, CancellationToken cancellationToken)
    {
        try
        {
            return await EngineAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFailures.IsOfEngine(e))
        {
            throw _failures.Of(operation, e);
        }
    }

    private TRecord Read(string operation, RecordContent content, EngineSchema schema, bool includeVectors)
    {
        try
        {
            return _mapper.Read(content, schema, includeVectors);
        }
        catch (FormatException e)
        {
            throw _failures.Of(operation, e);
        }
    }
}
