using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData.Filters;
using Valori.VectorData.Model;
using Valori.VectorData.Records;

namespace Valori;

public sealed partial class ValoriCollection<TKey, TRecord>
{
    /// <summary>
    /// The best records, best first. They are exact unless the vector property has the index kind Hnsw or Dynamic. Records of the same score come in the order in which
    /// they were last written.
    /// </summary>
    /// <param name="searchValue">A vector, or what the embedding generator takes.</param>
    /// <param name="top">At most so many, at least 1.</param>
    /// <exception cref="NotSupportedException">A part of the filter has no translation; the message names it. Or the value is not a vector, and there is no generator.</exception>
    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        // It throws if there is none.
        VectorPropertyModel property = _shape.Model.GetVectorPropertyOrSingle(options);
        RecordParts with = PartsOf(options.IncludeVectors);
        ReadOnlyMemory<float> vector = await VectorOfAsync(property, searchValue, cancellationToken).ConfigureAwait(false);
        ValoriEngine engine = await OpenAsync("Search", cancellationToken).ConfigureAwait(false);
        Distance distance = _shape.DistanceIn(engine.Schema.Metric);
        Filter? filter = options.Filter is null ? Filter.All : FilterTranslator.Translate(options.Filter, _shape);
        long? limit = options.ScoreThreshold is { } threshold ? distance.LimitOf(engine.Schema.ScoreUnit, threshold) : null;
        if (filter is null || (limit is null && options.ScoreThreshold is not null)) yield break;
        IReadOnlyList<SearchHit> hits = await _failures.GuardAsync("Search", () =>
        {
            // More hits than a search may have are asked for to get all of them.
            int k = (int)Math.Max(1, Math.Min(top, (long)Limits.MaximumHits - options.Skip));
            SearchQuery query = engine.QueryOf(vector, k) with { Filter = filter, Offset = options.Skip, ScoreLimit = limit, With = with, Mode = _shape.Mode };
            return engine.SearchAsync(query, cancellationToken: cancellationToken);
        }).ConfigureAwait(false);
        foreach (SearchHit hit in hits)
            yield return new VectorSearchResult<TRecord>(Read("Search", hit.Record!, engine.Schema, options.IncludeVectors), distance.Shown(hit.Unit, hit.Score));
    }

    private static async ValueTask<ReadOnlyMemory<float>> VectorOfAsync(VectorPropertyModel property, object value, CancellationToken cancellationToken)
    {
        if (RecordMapper<TRecord>.ComponentsOf(value) is { } components) return components;
        if (property.EmbeddingGenerationDispatcher is not null)
        {
            Embedding generated = await property.GenerateEmbeddingAsync(value, cancellationToken).ConfigureAwait(false);
            return RecordMapper<TRecord>.ComponentsOf(generated)
                ?? throw new NotSupportedException($"The embedding generator of the property '{property.ModelName}' made a {generated.GetType().Name}.");
        }
        throw property.EmbeddingGenerator is null
            ? new NotSupportedException(VectorDataStrings.InvalidSearchInputAndNoEmbeddingGeneratorWasConfigured(value.GetType(), ValoriModelBuilder.VectorTypes))
            : new InvalidOperationException(VectorDataStrings.IncompatibleEmbeddingGeneratorWasConfiguredForInputType(value.GetType(), property.EmbeddingGenerator.GetType()));
    }
}
