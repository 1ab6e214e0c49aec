using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.VectorData;
using Valori.VectorData.Engines;

namespace Valori;

/// <summary>Registers Valori as a vector store. Stores and collections with the same directory share it, and the service provider closes it.</summary>
public static class ValoriServices
{
    private const string DynamicCode = "It makes the records of a .NET type by reflection.";

    /// <summary>
    /// Registers a <see cref="ValoriVectorStore"/>, also as <see cref="VectorStore"/>. Without a data directory it is on the engines of the ActorSystem that the services
    /// have. Its embedding generator is that of the services unless the options have one.
    /// </summary>
    public static IServiceCollection AddValoriVectorStore(
        this IServiceCollection services, Action<ValoriVectorStoreOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        services.AddKeyedValoriVectorStore(null, (_, options) => configure?.Invoke(options), lifetime);

    /// <inheritdoc cref="AddValoriVectorStore(IServiceCollection, Action{ValoriVectorStoreOptions}?, ServiceLifetime)"/>
    public static IServiceCollection AddValoriVectorStore(
        this IServiceCollection services, Action<IServiceProvider, ValoriVectorStoreOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        services.AddKeyedValoriVectorStore(null, configure, lifetime);

    /// <inheritdoc cref="AddValoriVectorStore(IServiceCollection, Action{ValoriVectorStoreOptions}?, ServiceLifetime)"/>
    public static IServiceCollection AddKeyedValoriVectorStore(
        this IServiceCollection services, object? serviceKey, Action<ValoriVectorStoreOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        services.AddKeyedValoriVectorStore(serviceKey, (_, options) => configure?.Invoke(options), lifetime);

    /// <inheritdoc cref="AddValoriVectorStore(IServiceCollection, Action{ValoriVectorStoreOptions}?, ServiceLifetime)"/>
    public static IServiceCollection AddKeyedValoriVectorStore(
        this IServiceCollection services, object? serviceKey, Action<IServiceProvider, ValoriVectorStoreOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton<StoreDirectories>();
        services.Add(new ServiceDescriptor(typeof(ValoriVectorStore), serviceKey, (provider, _) =>
        {
            ValoriVectorStoreOptions options = new();
            configure(provider, options);
            StoreEngines? own = Directory(provider, options.DataDirectory, options.Configuration, nameof(ValoriVectorStoreOptions));
            StoreEngines engines = own ?? StoreEngines.On(provider.GetRequiredService<ActorSystem>());
            return new ValoriVectorStore(engines, ownsEngines: false, options.EmbeddingGenerator ?? Generator(provider));
        }, lifetime));
        services.Add(new ServiceDescriptor(typeof(VectorStore), serviceKey, (provider, key) => provider.GetRequiredKeyedService<ValoriVectorStore>(key), lifetime));
        return services;
    }

    /// <summary>
    /// Registers a collection, also as <see cref="VectorStoreCollection{TKey, TRecord}"/> and <see cref="IVectorSearchable{TRecord}"/>. Without a data directory it is in the
    /// <see cref="ValoriVectorStore"/> that is registered, or on the engines of the ActorSystem that the services have. Its embedding generator is that of the store
    /// or the services unless the options, the definition or the property have one.
    /// </summary>
    [RequiresDynamicCode(DynamicCode)]
    [RequiresUnreferencedCode(DynamicCode)]
    public static IServiceCollection AddValoriCollection<TKey, TRecord>(
        this IServiceCollection services, string name, Action<ValoriCollectionOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class =>
        services.AddKeyedValoriCollection<TKey, TRecord>(null, name, (_, options) => configure?.Invoke(options), lifetime);

    /// <inheritdoc cref="AddValoriCollection{TKey, TRecord}(IServiceCollection, string, Action{ValoriCollectionOptions}?, ServiceLifetime)"/>
    [RequiresDynamicCode(DynamicCode)]
    [RequiresUnreferencedCode(DynamicCode)]
    public static IServiceCollection AddValoriCollection<TKey, TRecord>(
        this IServiceCollection services, string name, Action<IServiceProvider, ValoriCollectionOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class =>
        services.AddKeyedValoriCollection<TKey, TRecord>(null, name, configure, lifetime);

    /// <inheritdoc cref="AddValoriCollection{TKey, TRecord}(IServiceCollection, string, Action{ValoriCollectionOptions}?, ServiceLifetime)"/>
    [RequiresDynamicCode(DynamicCode)]
    [RequiresUnreferencedCode(DynamicCode)]
    public static IServiceCollection AddKeyedValoriCollection<TKey, TRecord>(
        this IServiceCollection services, object? serviceKey, string name, Action<ValoriCollectionOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class =>
        services.AddKeyedValoriCollection<TKey, TRecord>(serviceKey, name, (_, options) => configure?.Invoke(options), lifetime);

    /// <inheritdoc cref="AddValoriCollection{TKey, TRecord}(IServiceCollection, string, Action{ValoriCollectionOptions}?, ServiceLifetime)"/>
    [RequiresDynamicCode(DynamicCode)]
    [RequiresUnreferencedCode(DynamicCode)]
    public static IServiceCollection AddKeyedValoriCollection<TKey, TRecord>(
        this IServiceCollection services, object? serviceKey, string name, Action<IServiceProvider, ValoriCollectionOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        // Refuses a name that no collection can have.
        EngineNames.Of(name);
        services.TryAddSingleton<StoreDirectories>();
        services.Add(new ServiceDescriptor(typeof(ValoriCollection<TKey, TRecord>), serviceKey, (provider, key) =>
        {
            ValoriCollectionOptions options = new();
            configure(provider, options);
            StoreEngines? own = Directory(provider, options.DataDirectory, options.Configuration, nameof(ValoriCollectionOptions));
            ValoriVectorStore? store = own is null ? provider.GetKeyedService<ValoriVectorStore>(key) : null;
            StoreEngines engines = own ?? store?.Engines ?? StoreEngines.On(provider.GetRequiredService<ActorSystem>());
            return ValoriCollection<TKey, TRecord>.Of(engines, name, options.Definition, options.EmbeddingGenerator ?? store?.EmbeddingGenerator ?? Generator(provider));
        }, lifetime));
        foreach (Type abstraction in new[] { typeof(VectorStoreCollection<TKey, TRecord>), typeof(IVectorSearchable<TRecord>) })
            services.Add(new ServiceDescriptor(abstraction, serviceKey, (provider, key) => provider.GetRequiredKeyedService<ValoriCollection<TKey, TRecord>>(key), lifetime));
        return services;
    }

    private static IEmbeddingGenerator? Generator(IServiceProvider provider) =>
        provider.GetService<IEmbeddingGenerator>() ?? provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>();

    /// <summary>The engines of the directory that options name; null if they name none.</summary>
    private static StoreEngines? Directory(IServiceProvider provider, string? directory, Config? configuration, string options)
    {
        if (directory is not null) return provider.GetRequiredService<StoreDirectories>().Of(directory, configuration, options);
        return configuration is null ? null
            : throw new ArgumentException($"{options}.Configuration is set, and DataDirectory is not: it is for the system that a directory of its own starts. "
                + "Set DataDirectory, or configure the store or ActorSystem that is used");
    }
}
