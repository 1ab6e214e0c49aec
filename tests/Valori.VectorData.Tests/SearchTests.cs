using System.Linq.Expressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests;

/// <summary>Searches by a vector, or by what a generator makes one of.</summary>
public sealed class SearchTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    private static readonly float[] Same = [1, 0, 0, 0], Opposite = [-1, 0, 0, 0], Orthogonal = [0, -1, -1, 0];

    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity, 1, 0, -1)]
    [InlineData(DistanceFunction.CosineDistance, 0, 1, 2)]
    [InlineData(DistanceFunction.DotProductSimilarity, 1, 0, -1)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity, -1, 0, 1)]
    [InlineData(DistanceFunction.EuclideanDistance, 0, 1.7320508075688772, 2)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance, 0, 3, 4)]
    public async Task Scores_and_thresholds_are_those_of_the_distance_function(string function, double same, double orthogonal, double opposite)
    {
        var collection = await NewAsync($"distance-{function}", function);
        await collection.UpsertAsync([Record("same", Same), Record("opposite", Opposite), Record("orthogonal", Orthogonal)]);
        var hits = await collection.SearchAsync(Same, 3).ToListAsync();
        Assert.Equal(["same", "orthogonal", "opposite"], hits.Select(hit => hit.Record["Key"]));
        foreach ((double expected, double? score) in new[] { same, orthogonal, opposite }.Zip(hits.Select(hit => hit.Score))) Assert.Equal(expected, score!.Value, 1e-4);

        // A threshold is within: the score that is shown is enough, and the next number on the better side is not.
        bool isSimilarity = function.EndsWith("Similarity", StringComparison.Ordinal) && !function.StartsWith("Negative", StringComparison.Ordinal);
        for (int i = 0; i < hits.Count; i++)
        {
            double score = hits[i].Score!.Value, better = isSimilarity ? Math.BitIncrement(score) : Math.BitDecrement(score);
            Assert.Equal(i + 1, await collection.SearchAsync(Same, 3, new() { ScoreThreshold = score }).CountAsync());
            Assert.Equal(i, await collection.SearchAsync(Same, 3, new() { ScoreThreshold = better }).CountAsync());
        }
        double infinity = isSimilarity ? double.PositiveInfinity : double.NegativeInfinity;
        Assert.Empty(await collection.SearchAsync(Same, 3, new() { ScoreThreshold = infinity }).ToListAsync());
        Assert.Equal(3, await collection.SearchAsync(Same, 3, new() { ScoreThreshold = -infinity }).CountAsync());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await collection.SearchAsync(Same, 3, new() { ScoreThreshold = double.NaN }).ToListAsync());
    }

    [Fact]
    public async Task Without_a_distance_function_a_new_collection_has_the_cosine_and_an_existing_one_its_own()
    {
        var collection = await NewAsync("unnamed", function: null);
        Assert.Equal(Metric.Cosine, (await collection.GetEngineAsync()).Schema.Metric);
        await NewAsync("unnamed-l2", DistanceFunction.EuclideanSquaredDistance);
        collection = await NewAsync("unnamed-l2", function: null);
        await collection.UpsertAsync(Record("a", Opposite));
        Assert.Equal(2, (await collection.SearchAsync(Same, 1).SingleAsync()).Score);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(IndexKind.Flat)]
    [InlineData(IndexKind.Hnsw)]
    [InlineData(IndexKind.Dynamic)]
    public async Task Hits_are_skipped_filtered_and_have_vectors_if_asked(string? kind)
    {
        var collection = await NewAsync($"options-{kind}", DistanceFunction.EuclideanDistance, kind);
        await collection.UpsertAsync(Enumerable.Range(0, 20).Select(i => Record($"{i:00}", [i, 0, 0, 0], i % 2)));
        Assert.Equal(["00", "01", "02"], await KeysAsync(3));
        Assert.Equal(["02", "03"], await KeysAsync(2, new() { Skip = 2 }));
        Assert.Equal(["19"], await KeysAsync(5, new() { Skip = 19 }));
        Assert.Equal([], await KeysAsync(5, new() { Skip = 20 }));
        Assert.Equal(["03", "05"], await KeysAsync(2, new() { Skip = 1, Filter = r => (int)r["Number"]! == 1 }));
        Assert.Equal([], await KeysAsync(2, new() { Filter = r => false }));
        Assert.Equal(["00", "01", "02"], await KeysAsync(20, new() { ScoreThreshold = 2.5 }));
        Assert.Equal(20, (await KeysAsync(int.MaxValue)).Length);
        Assert.Equal(["19"], await KeysAsync(int.MaxValue, new() { Skip = 19 }));
        Assert.Equal((float[])[7, 0, 0, 0], (float[])(await collection.SearchAsync(new float[] { 7, 0, 0, 0 }, 1, new() { IncludeVectors = true }).SingleAsync()).Record["Vector"]!);
        Assert.False((await collection.SearchAsync(Same, 1).SingleAsync()).Record.ContainsKey("Vector"));
        Assert.Equal(["00"], await KeysAsync(1, new() { VectorProperty = r => r["Vector"] }));

        async Task<object?[]> KeysAsync(int top, VectorSearchOptions<Dictionary<string, object?>>? options = null) =>
            [.. await collection.SearchAsync(new float[] { 0, 0, 0, 0 }, top, options).Select(hit => hit.Record["Key"]).ToListAsync()];
    }

    [Fact]
    public async Task What_cannot_be_searched_for_is_refused()
    {
        var collection = await NewAsync("refused", DistanceFunction.EuclideanDistance);
        Assert.Equal("top", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await collection.SearchAsync(Same, 0).ToListAsync())).ParamName);
        Assert.Equal("searchValue", (await Assert.ThrowsAsync<ArgumentNullException>(async () => await collection.SearchAsync((float[])null!, 1).ToListAsync())).ParamName);
        Assert.Contains("'string'", (await Assert.ThrowsAsync<NotSupportedException>(async () => await collection.SearchAsync("text", 1).ToListAsync())).Message);
        VectorStoreException e = await Assert.ThrowsAsync<VectorStoreException>(async () => await collection.SearchAsync(new float[] { 1 }, 1).ToListAsync());
        Assert.Equal(("expected 4 components, got 1", "valori", "refused", "Search"), (e.Message, e.VectorStoreSystemName, e.CollectionName, e.OperationName));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await collection.SearchAsync(Same, 1, new() { VectorProperty = r => r["Number"] }).ToListAsync());
    }

    [Fact]
    public async Task Vectors_of_each_type_are_written_read_and_searched()
    {
        await CheckAsync<ReadOnlyMemory<float>>("memory", new float[] { 1, 2, 3 }, value => value.ToArray());
        await CheckAsync<ReadOnlyMemory<float>?>("nullable", new ReadOnlyMemory<float>([1, 2, 3]), value => value!.Value.ToArray());
        await CheckAsync("array", new float[] { 1, 2, 3 }, value => value);
        await CheckAsync("embedding", new Embedding<float>(new float[] { 1, 2, 3 }), value => value.Vector.ToArray());

        async Task CheckAsync<T>(string name, T vector, Func<T, float[]> components)
        {
            var collection = await fixture.NewDynamicAsync($"vectors-{name}", new()
            {
                Properties = [new VectorStoreKeyProperty("Key", typeof(string)), new VectorStoreVectorProperty("Vector", typeof(T), 3) { DistanceFunction = DistanceFunction.EuclideanDistance }],
            });
            await collection.UpsertAsync(new Dictionary<string, object?> { ["Key"] = "a", ["Vector"] = vector });
            object found = (await collection.SearchAsync((object)vector!, 1, new() { IncludeVectors = true }).SingleAsync()).Record["Vector"]!;
            Assert.Equal([1, 2, 3], components((T)found));
        }
    }

    [Theory]
    [InlineData(null, null, 3, 3)]
    [InlineData(null, 2, 3, 2)]
    [InlineData(1, 2, 3, 1)]
    public async Task The_nearest_generator_makes_the_vectors(int? property, int? collectionOwn, int store, int expected)
    {
        await using ValoriVectorStore own = new(fixture.Store.Engines, ownsEngines: false, new FakeGenerator(store));
        ValoriCollection<int, Texts> collection = own.GetCollection<int, Texts>($"generators-{property}-{collectionOwn}", new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("Key", typeof(int)),
                new VectorStoreVectorProperty("Vector", typeof(string), 3) { DistanceFunction = DistanceFunction.EuclideanDistance, EmbeddingGenerator = property is { } last ? new FakeGenerator(last) : null },
            ],
            EmbeddingGenerator = collectionOwn is { } other ? new FakeGenerator(other) : null,
        });
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([new Texts { Key = 1, Vector = "1 1 9" }, new Texts { Key = 2, Vector = "5 5 9" }]);
        VectorSearchResult<Texts> hit = await collection.SearchAsync("1 1 0", 1).SingleAsync();
        Assert.Equal((1, 0.0, null), (hit.Record.Key, hit.Score, hit.Record.Vector));
        ValoriEngine engine = await collection.GetEngineAsync();
        RecordContent stored = await engine.GetRecordAsync((RecordKey)"0000000002"!);
        Assert.Equal([5, 5, expected], stored.Vector.ToArray().Select(engine.Schema.ToSingle));
        Assert.Equal(Math.Abs(7.0 - expected), (await collection.SearchAsync(new float[] { 1, 1, 7 }, 1).SingleAsync()).Score);
    }

    [Fact]
    public async Task A_batch_is_generated_in_one_call_and_a_vector_of_text_is_not_read()
    {
        FakeGenerator generator = new();
        await using ValoriVectorStore own = new(fixture.Store.Engines, ownsEngines: false, generator);
        VectorStoreCollection<int, Texts> collection = own.GetCollection<int, Texts>("one-call");
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(Enumerable.Range(1, 10).Select(i => new Texts { Key = i, Vector = $"{i} 0 1" }));
        Assert.Equal(1, generator.Calls);
        const string Message = "When an embedding generator is configured, `Include Vectors` cannot be enabled.";
        Assert.Equal(Message, (await Assert.ThrowsAsync<NotSupportedException>(() => collection.GetAsync(1, new() { IncludeVectors = true }))).Message);
        Assert.Equal(Message, (await Assert.ThrowsAsync<NotSupportedException>(async () => await collection.GetAsync([1], new() { IncludeVectors = true }).ToListAsync())).Message);
        Assert.Equal(Message, (await Assert.ThrowsAsync<NotSupportedException>(async () => await collection.GetAsync(r => true, 1, new() { IncludeVectors = true }).ToListAsync())).Message);
        Assert.Equal(Message, (await Assert.ThrowsAsync<NotSupportedException>(async () => await collection.SearchAsync("1 0 1", 1, new() { IncludeVectors = true }).ToListAsync())).Message);
        Assert.Contains("'int'", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await collection.SearchAsync(8, 1).ToListAsync())).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => collection.UpsertAsync(new Texts { Key = 1 }));
    }

    /// <summary>The vectors are the records' own, and only searches are by text.</summary>
    [Fact]
    public async Task A_generator_serves_searches_of_a_collection_of_vectors()
    {
        await using ValoriVectorStore own = new(fixture.Store.Engines, ownsEngines: false, new FakeGenerator());
        VectorStoreCollection<string, Note<string>> notes = own.GetCollection<string, Note<string>>("search-only");
        await notes.EnsureCollectionExistsAsync();
        await notes.UpsertAsync([Note<string>.Of("a", 1), Note<string>.Of("b", 2)]);
        VectorSearchResult<Note<string>> hit = await notes.SearchAsync("2 0 0", 1, new() { IncludeVectors = true }).SingleAsync();
        Assert.Equal(("b", 0.0), (hit.Record.Key, hit.Score));
        Assert.Equal([2, 0, 0], hit.Record.Vector.ToArray());
    }

    /// <summary>The collection and the filters of a memory of an agent, as Agent Framework has them: parts that are joined by their trees.</summary>
    [Fact]
    public async Task A_memory_of_an_agent_finds_what_is_of_its_scope()
    {
        await using ValoriVectorStore own = new(fixture.Store.Engines, ownsEngines: false, new FakeGenerator());
        string[] texts = ["Role", "MessageId", "AuthorName", "ApplicationId", "AgentId", "UserId", "SessionId", "Content", "CreatedAt"];
        var memory = own.GetDynamicCollection("chat_History", new()
        {
            Properties = [new VectorStoreKeyProperty("Key", typeof(Guid)), .. texts.Select(text => new VectorStoreDataProperty(text, typeof(string)) { IsIndexed = true }), new VectorStoreVectorProperty("ContentEmbedding", typeof(string), 2)],
        });
        await memory.EnsureCollectionExistsAsync();
        await memory.UpsertAsync(from user in new[] { "ada", "eve" }
                                 from session in new[] { "1", "2" }
                                 select new Dictionary<string, object?>
                                 {
                                     ["Key"] = Guid.NewGuid(),
                                     ["UserId"] = user,
                                     ["SessionId"] = session,
                                     ["Content"] = $"{user} {session}",
                                     ["ContentEmbedding"] = session + " 1",
                                 });
        string userId = "ada", sessionId = "2";
        ParameterExpression record = Expression.Parameter(typeof(Dictionary<string, object?>), "x");
        Expression body = Expression.AndAlso(Rebound(x => (string?)x["UserId"] == userId), Rebound(x => (string?)x["SessionId"] == sessionId));
        var filter = Expression.Lambda<Func<Dictionary<string, object?>, bool>>(body, record);
        Assert.Equal("ada 2", (await memory.SearchAsync("1 1", 5, new() { Filter = filter }).SingleAsync()).Record["Content"]);

        Expression Rebound(Expression<Func<Dictionary<string, object?>, bool>> part) => new Rebinding(part.Parameters[0], record).Visit(part.Body);
    }

    private sealed class Rebinding(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }

    private Task<ValoriCollection<object, Dictionary<string, object?>>> NewAsync(string name, string? function, string? kind = null) => fixture.NewDynamicAsync(name, new()
    {
        Properties = [new VectorStoreKeyProperty("Key", typeof(string)), new VectorStoreDataProperty("Number", typeof(int)), new VectorStoreVectorProperty("Vector", typeof(float[]), 4) { DistanceFunction = function, IndexKind = kind }],
    });

    private static Dictionary<string, object?> Record(string key, float[] vector, int number = 0) => new() { ["Key"] = key, ["Vector"] = vector, ["Number"] = number };

    private sealed class Texts
    {
        [VectorStoreKey] public int Key { get; set; }
        [VectorStoreVector(3)] public string? Vector { get; set; }
    }
}
