using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData;
using Valori.VectorData.Engines;
using Valori.VectorData.Model;

namespace Valori;

/// <summary>
/// The collections of one data directory as a vector store of Microsoft.Extensions.VectorData. Thread-safe. docs/vectordata.md in Valori's repository
/// says how records are stored, and what is refused.
/// </summary>
public sealed class ValoriVectorStore : VectorStore, IAsyncDisposable
{
    private readonly StoreEngines _engines;
    private readonly bool _ownsEngines;
    private readonly IEmbeddingGenerator? _generator;
    private readonly VectorStoreMetadata _metadata;

    /// <summary>A store on a directory, with an ActorSystem of its own. The directory is opened by the first call that needs it, and closed by the end of the store.</summary>
    /// <param name="dataDirectory">Created if it does not exist. One process at a time.</param>
    /// <exception cref="ArgumentException">The options name a directory too.</exception>
    public ValoriVectorStore(string dataDirectory, ValoriVectorStoreOptions? options = null)
        : this(StoreEngines.In(dataDirectory, options?.Configuration), ownsEngines: true, options?.EmbeddingGenerator)
    {
        if (options?.DataDirectory is { } other)
            throw new ArgumentException($"ValoriVectorStoreOptions.DataDirectory is '{other}', and the constructor names '{dataDirectory}': leave one out", nameof(options));
    }

    /// <summary>A store on the engines of an ActorSystem (<c>valori.data-directory</c>), which goes on after the end of the store.</summary>
    /// <exception cref="ArgumentException">The options have a directory or a configuration, which are the ActorSystem's.</exception>
    public ValoriVectorStore(ActorSystem system, ValoriVectorStoreOptions? options = null)
        : this(StoreEngines.On(system), ownsEngines: true, options?.EmbeddingGenerator)
    {
        if (options?.DataDirectory is { } directory)
            throw new ArgumentException($"ValoriVectorStoreOptions.DataDirectory is '{directory}', and the store is on the ActorSystem '{system.Name}', "
                + "which has its own (valori.data-directory): leave one out", nameof(options));
        if (options?.Configuration is not null)
            throw new ArgumentException($"ValoriVectorStoreOptions.Configuration is set, and the store is on the ActorSystem '{system.Name}', "
                + "which is configured already: configure that system instead", nameof(options));
    }

    internal ValoriVectorStore(StoreEngines engines, bool ownsEngines, IEmbeddingGenerator? generator)
    {
        (_engines, _ownsEngines, _generator) = (engines, ownsEngines, generator);
        _metadata = new VectorStoreMetadata { VectorStoreSystemName = StoreFailures.SystemName, VectorStoreName = engines.Name };
    }

    internal StoreEngines Engines => _engines;

    internal IEmbeddingGenerator? EmbeddingGenerator => _generator;

    /// <inheritdoc/>
    [RequiresDynamicCode("It makes the records of a .NET type by reflection. Use GetDynamicCollection.")]
    [RequiresUnreferencedCode("It makes the records of a .NET type by reflection. Use GetDynamicCollection.")]
    public override ValoriCollection<TKey, TRecord> GetCollection<TKey, TRecord>(string name, VectorStoreCollectionDefinition? definition = null) =>
        typeof(TRecord) == typeof(Dictionary<string, object?>)
            ? throw new ArgumentException(VectorDataStrings.GetCollectionWithDictionaryNotSupported)
            : ValoriCollection<TKey, TRecord>.Of(_engines, name, definition, _generator);

    /// <inheritdoc/>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A dynamic record has no properties to find.")]
    public override ValoriCollection<object, Dictionary<string, object?>> GetDynamicCollection(string name, VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new ValoriCollection<object, Dictionary<string, object?>>(_engines, name, new CollectionShape(new ValoriModelBuilder().BuildDynamic(definition, _generator)));
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListCollectionNamesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (string name in await FailuresOf(null).GuardAsync("ListCollectionNames", () => _engines.ListAsync(cancellationToken)).ConfigureAwait(false)) yield return name;
    }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return FailuresOf(name).GuardAsync("CollectionExists", () => _engines.ExistsAsync(name, cancellationToken));
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return FailuresOf(name).GuardAsync("EnsureCollectionDeleted", () => _engines.DropAsync(name, cancellationToken));
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(VectorStoreMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Closes the directory if the store opened it: what was acknowledged is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ownsEngines) await _engines.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _ownsEngines) _engines.Dispose();
        base.Dispose(disposing);
    }

    private StoreFailures FailuresOf(string? collection) => new(_engines.Name, collection);
}
