using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Valori.VectorData;
using Valori.VectorData.Engines;
using Valori.VectorData.Model;
using Valori.VectorData.Records;

namespace Valori;

/// <summary>
/// A collection of a <see cref="ValoriVectorStore"/>: one engine, whose records have the key and the data properties as key and fields. Thread-safe.
/// </summary>
/// <remarks>
/// What an engine refuses or cannot do is a <see cref="VectorStoreException"/>, whose inner exception is the engine's own. A value that cannot be stored is an
/// <see cref="ArgumentException"/>, and what Valori has not is a <see cref="NotSupportedException"/>. In all of these cases nothing was changed in the
/// collection, except that an <see cref="EngineException"/> says by its kind whether anything may have been.
/// </remarks>
public sealed partial class ValoriCollection<TKey, TRecord> : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private readonly StoreEngines _engines;
    private readonly CollectionShape _shape;
    private readonly RecordMapper<TRecord> _mapper;
    private readonly StoreFailures _failures;
    private readonly VectorStoreCollectionMetadata _metadata;
    private volatile OpenCollection? _open;

    internal ValoriCollection(StoreEngines engines, string name, CollectionShape shape)
    {
        // Refuses a name that no collection can have, before anything is done with it.
        EngineNames.Of(name);
        (_engines, _shape, Name) = (engines, shape, name);
        _mapper = new RecordMapper<TRecord>(shape);
        _failures = new StoreFailures(engines.Name, name);
        _metadata = new VectorStoreCollectionMetadata { VectorStoreSystemName = StoreFailures.SystemName, VectorStoreName = engines.Name, CollectionName = name };
    }

    /// <inheritdoc/>
    public override string Name { get; }

    [RequiresDynamicCode("It makes the records of a .NET type by reflection.")]
    [RequiresUnreferencedCode("It makes the records of a .NET type by reflection.")]
    internal static ValoriCollection<TKey, TRecord> Of(StoreEngines engines, string name, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? generator) =>
        new(engines, name, new CollectionShape(new ValoriModelBuilder().Build(typeof(TRecord), typeof(TKey), definition, generator)));

    /// <summary>
    /// The engine of the collection, for what Valori has beyond VectorData: the graph, expiry, the past, receipts and proofs. It belongs to the store, and is not to be
    /// disposed.
    /// </summary>
    /// <exception cref="VectorStoreException">The collection does not exist, or is not what the definition describes.</exception>
    public Task<ValoriEngine> GetEngineAsync(CancellationToken cancellationToken = default) =>
        _failures.GuardAsync("GetEngine", async () => await EngineAsync(cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        _failures.GuardAsync("CollectionExists", () => _engines.ExistsAsync(Name, cancellationToken));

    /// <summary>Creates the collection if it does not exist.</summary>
    /// <exception cref="VectorStoreException">It exists with another number of dimensions, metric or type of key.</exception>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) =>
        _failures.GuardAsync("EnsureCollectionExists", () => _engines.OpenAsync(Name, _shape, create: true, cancellationToken).AsTask());

    /// <summary>Deletes the collection with all of its records if it exists.</summary>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        _failures.GuardAsync("EnsureCollectionDeleted", () => _engines.DropAsync(Name, cancellationToken));

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(VectorStoreCollectionMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>The engine of the collection. Every call begins with it, so it is looked for once.</summary>
    private ValueTask<ValoriEngine> EngineAsync(CancellationToken cancellationToken)
    {
        return _open is { } open && _engines.IsOpen(open) ? new(open.Engine) : OpenAsync();

        async ValueTask<ValoriEngine> OpenAsync() => (_open = await _engines.OpenAsync(Name, _shape, create: false, cancellationToken).ConfigureAwait(false)).Engine;
    }
}
