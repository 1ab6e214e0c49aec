using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.VectorData;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests;

/// <summary>Collections are created, listed, opened again and deleted.</summary>
public sealed class CollectionTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Theory]
    [InlineData("managed")]
    [InlineData("My Managed.Collection")]
    public async Task A_collection_exists_from_its_creation_to_its_deletion(string name)
    {
        VectorStoreCollection<string, Note<string>> notes = fixture.Store.GetCollection<string, Note<string>>(name);
        Assert.Equal(name, notes.Name);
        Assert.False(await notes.CollectionExistsAsync());
        Assert.False(await fixture.Store.CollectionExistsAsync(name));
        await notes.EnsureCollectionExistsAsync();
        await notes.EnsureCollectionExistsAsync();
        Assert.True(await notes.CollectionExistsAsync());
        Assert.True(await fixture.Store.CollectionExistsAsync(name));
        Assert.Contains(name, await fixture.Store.ListCollectionNamesAsync().ToListAsync());
        await notes.UpsertAsync(Note<string>.Of("a", 1));

        await notes.EnsureCollectionDeletedAsync();
        await notes.EnsureCollectionDeletedAsync();
        await fixture.Store.EnsureCollectionDeletedAsync(name);
        Assert.False(await notes.CollectionExistsAsync());
        Assert.DoesNotContain(name, await fixture.Store.ListCollectionNamesAsync().ToListAsync());

        await notes.EnsureCollectionExistsAsync();
        Assert.Null(await notes.GetAsync("a"));
    }

    [Fact]
    public async Task A_collection_that_does_not_exist_is_named_with_the_operation()
    {
        VectorStoreCollection<string, Note<string>> notes = fixture.Store.GetCollection<string, Note<string>>("Missing");
        await AssertAsync("Get", () => notes.GetAsync("a"));
        await AssertAsync("Get", async () => await notes.GetAsync(["a"]).ToListAsync());
        await AssertAsync("Get", async () => await notes.GetAsync(r => true, 1).ToListAsync());
        await AssertAsync("Upsert", () => notes.UpsertAsync(Note<string>.Of("a")));
        await AssertAsync("Delete", () => notes.DeleteAsync("a"));
        await AssertAsync("Delete", () => notes.DeleteAsync(["a"]));
        await AssertAsync("Search", async () => await notes.SearchAsync(new float[] { 1, 2, 3 }, 1).ToListAsync());
        Assert.False(await notes.CollectionExistsAsync());

        async Task AssertAsync(string operation, Func<Task> call)
        {
            VectorStoreException e = await Assert.ThrowsAsync<VectorStoreException>(call);
            Assert.Equal(("valori", fixture.Directory, "Missing", operation), (e.VectorStoreSystemName, e.VectorStoreName, e.CollectionName, e.OperationName));
            Assert.Contains("collection 'Missing' does not exist", e.Message);
            Assert.IsType<RefusedException>(e.InnerException);
        }
    }

    [Fact]
    public async Task A_definition_of_another_collection_is_refused_with_what_differs()
    {
        await fixture.NewAsync<string, Note<string>>("Same");
        await AssertAsync("collection 'Same' has dimension 3, not 4", new VectorStoreVectorProperty("Vector", typeof(float[]), 4) { DistanceFunction = DistanceFunction.EuclideanDistance });
        await AssertAsync("collection 'Same' has metric l2, not cosine", new VectorStoreVectorProperty("Vector", typeof(float[]), 3) { DistanceFunction = DistanceFunction.CosineDistance });
        await AssertAsync("collection 'Same' has vectors, and the definition has no vector property");
        await RefusedAsync(fixture.Store.GetDynamicCollection("Same", Definitions.Of(typeof(Guid))), "collection 'Same' has keys of the type String, not Guid");
        // Another distance of the same metric, and other properties, are the same collection.
        var other = fixture.Store.GetDynamicCollection("Same", new()
        {
            Properties = [new VectorStoreKeyProperty("Id", typeof(string)), new VectorStoreVectorProperty("V", typeof(float[]), 3) { DistanceFunction = DistanceFunction.EuclideanSquaredDistance }, new VectorStoreDataProperty("New", typeof(int?))],
        });
        await other.EnsureCollectionExistsAsync();
        Assert.Empty(await other.GetAsync(r => r["New"] == null, 1).ToListAsync());

        await fixture.NewDynamicAsync("Bare", new() { Properties = [new VectorStoreKeyProperty("Key", typeof(string))] });
        await RefusedAsync(fixture.Store.GetDynamicCollection("Bare", Definitions.Of(typeof(string))), "collection 'Bare' has no vectors, and the definition has the vector property 'Vector'");

        Task AssertAsync(string message, params VectorStoreProperty[] vector) =>
            RefusedAsync(fixture.Store.GetDynamicCollection("Same", new() { Properties = [new VectorStoreKeyProperty("Key", typeof(string)), .. vector] }), message);
    }

    [Fact]
    public async Task Records_and_what_the_collection_is_are_there_after_a_restart()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriVectorStore store = new(directory.Path))
        {
            VectorStoreCollection<Guid, Generated> records = store.GetCollection<Guid, Generated>("kept");
            await records.EnsureCollectionExistsAsync();
            await records.UpsertAsync(new Generated { Key = Guid.AllBitsSet, Text = "tea", Vector = [1, 2] });
            await Assert.ThrowsAsync<VectorStoreException>(async () =>
            {
                await using ValoriVectorStore second = new(directory.Path);
                await second.CollectionExistsAsync("kept");
            });
        }
        using (ValoriVectorStore store = new(directory.Path))
        {
            await RefusedAsync(store.GetDynamicCollection("kept", new() { Properties = [new VectorStoreKeyProperty("Key", typeof(string)), new VectorStoreVectorProperty("Vector", typeof(float[]), 2)] }),
                "collection 'kept' has keys of the type Guid, not String");
            Assert.Equal("tea", (await store.GetCollection<Guid, Generated>("kept").GetAsync(Guid.AllBitsSet))!.Text);
        }
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Name = "kept", Create = false });
        Assert.Equal("tea", (await engine.GetRecordAsync((RecordKey)"ffffffff-ffff-ffff-ffff-ffffffffffff"!)).Fields["Text"].AsString());
    }

    /// <summary>A collection of the facade, of HTTP or of an import is one of VectorData too, and stays as it is.</summary>
    [Fact]
    public async Task A_collection_that_something_else_filled_can_be_used()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Name = "others", Dimension = 3, Metric = Metric.Dot }))
        {
            await engine.InsertAsync(new NewRecord(new float[] { 1, 2, 3 }) { Key = "a", Fields = new FieldsBuilder { ["Text"] = "tea", ["number"] = 7, ["more"] = true }.Build() });
            await engine.InsertAsync(new NewRecord(new float[] { 1, 2, 3 }) { Key = "b", Fields = new FieldsBuilder { ["number"] = "seven" }.Build() });
            await engine.InsertAsync(new float[] { 9, 9, 9 });
        }
        await using ValoriVectorStore store = new(directory.Path);
        VectorStoreCollection<string, AnyNote> notes = store.GetCollection<string, AnyNote>("others");
        Assert.Contains("others", await store.ListCollectionNamesAsync().ToListAsync());
        await notes.EnsureCollectionExistsAsync();
        AnyNote note = (await notes.GetAsync("a"))!;
        Assert.Equal(("tea", 7), (note.Text, note.Number));
        Assert.Equal(14, (await notes.SearchAsync(new float[] { 1, 2, 3 }, 1, new() { Filter = r => r.Number == 7 }).SingleAsync()).Score);
        Assert.Contains("property 'Number' of the record with the key 'b': \"seven\" is stored", (await Assert.ThrowsAsync<VectorStoreException>(() => notes.GetAsync("b"))).Message);
        Assert.Contains("record 2 has no key", (await Assert.ThrowsAsync<VectorStoreException>(async () => await notes.SearchAsync(new float[] { 1, 2, 3 }, 1).ToListAsync())).Message);
        Assert.Contains("'b'", (await Assert.ThrowsAsync<VectorStoreException>(async () => await notes.GetAsync(r => r.Text == null, 1).ToListAsync())).Message);
    }

    [Fact]
    public async Task An_engine_is_opened_once_and_shared_whoever_calls_first()
    {
        var collections = Enumerable.Range(0, 8).Select(_ => fixture.Store.GetCollection<string, Note<string>>("shared")).ToArray();
        await Task.WhenAll(collections.Select(async (collection, i) =>
        {
            await collection.EnsureCollectionExistsAsync();
            await collection.UpsertAsync(Note<string>.Of($"{i}", i));
        }));
        Assert.Equal(8, await collections[0].GetAsync(r => true, 100).CountAsync());
        Assert.Same(await collections[0].GetEngineAsync(), await collections[1].GetEngineAsync());
    }

    /// <summary>A collection that was deleted by other means than the store is gone for the store too.</summary>
    [Fact]
    public async Task A_collection_that_was_dropped_elsewhere_can_be_created_again()
    {
        ValoriCollection<string, Note<string>> notes = await fixture.NewAsync<string, Note<string>>("dropped");
        await notes.UpsertAsync(Note<string>.Of("a"));
        await (await notes.GetEngineAsync()).DropAsync();
        await notes.EnsureCollectionExistsAsync();
        Assert.Null(await notes.GetAsync("a"));
    }

    [Fact]
    public async Task A_store_on_an_application_s_system_leaves_it_running()
    {
        using TemporaryDirectory directory = new();
        ActorSystem system = ActorSystem.Create("application", ConfigurationFactory.ParseString($"valori.data-directory = \"{directory.Path}\"\nakka.loglevel = WARNING"));
        try
        {
            ValoriVectorStore store = new(system);
            VectorStoreCollection<string, Note<string>> notes = store.GetCollection<string, Note<string>>("notes");
            await notes.EnsureCollectionExistsAsync();
            await notes.UpsertAsync(Note<string>.Of("a", 7));
            store.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => notes.GetAsync("a"));
            ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync("notes");
            Assert.Equal(7, (await engine.GetRecordAsync((RecordKey)"a"!)).Fields["number"].AsInt64());
        }
        finally
        {
            await system.Terminate();
        }
    }

    [Fact]
    public async Task Options_that_the_constructor_answers_already_are_refused()
    {
        Assert.StartsWith("ValoriVectorStoreOptions.DataDirectory is 'b', and the constructor names 'a': leave one out",
            Assert.Throws<ArgumentException>(() => new ValoriVectorStore("a", new() { DataDirectory = "b" })).Message);
        using ActorSystem system = ActorSystem.Create("configured", ConfigurationFactory.ParseString("akka.loglevel = WARNING"));
        Assert.StartsWith("ValoriVectorStoreOptions.DataDirectory is 'b', and the store is on the ActorSystem 'configured'",
            Assert.Throws<ArgumentException>(() => new ValoriVectorStore(system, new() { DataDirectory = "b" })).Message);
        Assert.StartsWith("ValoriVectorStoreOptions.Configuration is set, and the store is on the ActorSystem 'configured'",
            Assert.Throws<ArgumentException>(() => new ValoriVectorStore(system, new() { Configuration = ConfigurationFactory.Empty })).Message);
        await system.Terminate();
    }

    [Fact]
    public async Task Stores_and_collections_say_what_they_are()
    {
        VectorStoreCollection<string, Note<string>> notes = fixture.Store.GetCollection<string, Note<string>>("Described");
        var metadata = (VectorStoreCollectionMetadata)notes.GetService(typeof(VectorStoreCollectionMetadata))!;
        Assert.Equal(("valori", fixture.Directory, "Described"), (metadata.VectorStoreSystemName, metadata.VectorStoreName, metadata.CollectionName));
        var store = (VectorStoreMetadata)fixture.Store.GetService(typeof(VectorStoreMetadata))!;
        Assert.Equal(("valori", fixture.Directory), (store.VectorStoreSystemName, store.VectorStoreName));
        Assert.Same(notes, notes.GetService(typeof(IVectorSearchable<Note<string>>)));
        Assert.Same(fixture.Store, fixture.Store.GetService(typeof(VectorStore)));
        Assert.Null(notes.GetService(typeof(VectorStoreCollectionMetadata), "key"));
        Assert.Null(fixture.Store.GetService(typeof(string)));
        Assert.False(await notes.CollectionExistsAsync());
    }

    [Fact]
    public async Task A_call_that_was_cancelled_does_nothing()
    {
        ValoriCollection<string, Note<string>> notes = await fixture.NewAsync<string, Note<string>>("cancelled");
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => notes.UpsertAsync(Note<string>.Of("a"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await notes.SearchAsync(new float[] { 1, 2, 3 }, 1, cancellationToken: cancelled).ToListAsync());
        Assert.Null(await notes.GetAsync("a"));
    }

    private static async Task RefusedAsync(VectorStoreCollection<object, Dictionary<string, object?>> collection, string message)
    {
        Assert.Equal(message, (await Assert.ThrowsAsync<VectorStoreException>(() => collection.EnsureCollectionExistsAsync())).Message);
        Assert.Equal(message, (await Assert.ThrowsAsync<VectorStoreException>(async () => await collection.GetAsync(r => true, 1).ToListAsync())).Message);
    }

    private sealed class Generated
    {
        [VectorStoreKey] public Guid Key { get; set; }
        [VectorStoreData] public string? Text { get; set; }
        [VectorStoreVector(2)] public float[]? Vector { get; set; }
    }

    private sealed class AnyNote
    {
        [VectorStoreKey] public string Key { get; set; } = "";
        [VectorStoreData] public string? Text { get; set; }
        [VectorStoreData(StorageName = "number")] public int Number { get; set; }
        [VectorStoreVector(3)] public float[]? Vector { get; set; }
    }
}
