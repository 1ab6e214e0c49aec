using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Tests.Support;

/// <summary>A store on a directory of its own, shared by the tests of a class: each takes collections with names of its own.</summary>
public sealed class StoreFixture : IAsyncDisposable, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public StoreFixture() => Store = new ValoriVectorStore(_directory.Path);

    public ValoriVectorStore Store { get; }

    public string Directory => _directory.Path;

    /// <summary>A new collection of records of a type.</summary>
    public async Task<ValoriCollection<TKey, TRecord>> NewAsync<TKey, TRecord>(string name, VectorStoreCollectionDefinition? definition = null)
        where TKey : notnull
        where TRecord : class
    {
        ValoriCollection<TKey, TRecord> collection = Store.GetCollection<TKey, TRecord>(name, definition);
        Assert.False(await collection.CollectionExistsAsync());
        await collection.EnsureCollectionExistsAsync();
        return collection;
    }

    /// <summary>A new collection of dictionaries.</summary>
    public async Task<ValoriCollection<object, Dictionary<string, object?>>> NewDynamicAsync(string name, VectorStoreCollectionDefinition definition)
    {
        ValoriCollection<object, Dictionary<string, object?>> collection = Store.GetDynamicCollection(name, definition);
        await collection.EnsureCollectionExistsAsync();
        return collection;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _directory.Dispose();
    }

    // xunit calls it alone if there is no async one.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
