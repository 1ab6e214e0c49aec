using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Every endpoint, over real HTTP.</summary>
public sealed class CollectionEndpointTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task A_collection_is_created_once_listed_and_described()
    {
        JsonElement created = await service.DoneAsync(HttpMethod.Put, "/v1/collections/described", """{"dimension":3}""");
        JsonElement again = await service.DoneAsync(HttpMethod.Put, "/v1/collections/described", """{"dimension":3}""");
        JsonElement got = await service.DoneAsync(HttpMethod.Get, "/v1/collections/described");
        Assert.Equal(created.GetRawText(), again.GetRawText());
        Assert.Equal(created.GetRawText(), got.GetRawText());
        Assert.Equal(("described", 3, 1), (Text(got, "name"), Number(got, "dimension"), Number(got, "sequence_nr")));
        Assert.Matches("^[0-9a-f]{64}$", Text(got, "chain"));
        Assert.Equal(Text(got, "state_hash"), Text(await service.DoneAsync(HttpMethod.Get, "/v1/collections/described/state-hash"), "state_hash"));
        JsonElement list = await service.DoneAsync(HttpMethod.Get, "/v1/collections");
        Assert.Contains("described", list.GetProperty("collections").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_collection_has_the_metric_and_the_scale_that_it_is_created_with()
    {
        JsonElement plain = await service.DoneAsync(HttpMethod.Put, "/v1/collections/plain", """{"dimension":2}""");
        Assert.Equal(("l2", 1.0), (Text(plain, "metric"), plain.GetProperty("scale").GetDouble()));
        const string path = "/v1/collections/cosine";
        JsonElement created = await service.DoneAsync(HttpMethod.Put, path, """{"dimension":2,"metric":"cosine","scale":0.5}""");
        Assert.Equal(("cosine", 0.5), (Text(created, "metric"), created.GetProperty("scale").GetDouble()));
        Assert.Equal(created.GetRawText(), (await service.DoneAsync(HttpMethod.Put, path, """{"scale":0.5}""")).GetRawText());
        Assert.Equal((409, "collection 'cosine' has metric cosine, not dot"), await RefusedAsync("""{"metric":"dot"}"""));
        Assert.Equal((409, "collection 'cosine' has scale 0.5, not 2"), await RefusedAsync("""{"scale":2}"""));
        Assert.Equal((400, "scale is 0.3; it must be a power of two from 2^-16 to 2^16: the nearest are 0.25 and 0.5"), await RefusedAsync("""{"scale":0.3}"""));
        Assert.Equal((400, "field 'metric' is 'euclid'; it must be l2, cosine or dot"), await RefusedAsync("""{"metric":"euclid"}"""));
        Assert.Equal((400, "field 'scale' must be a number that a float64 can hold, got \"2\""), await RefusedAsync("""{"scale":"2"}"""));

        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[3,4],[30,40],[0,2],[-3,-4]]}""");
        Assert.StartsWith("""{"id":0,"tag":0,"vector":[0.6000061,""", (await service.DoneAsync(HttpMethod.Get, $"{path}/records/0")).GetRawText());
        JsonElement[] hits = [.. (await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[3,4],"k":9}""")).GetProperty("hits").EnumerateArray()];
        Assert.Equal([0, 1, 2, 3], hits.Select(hit => Number(hit, "id")));
        Assert.Equal([1, 1, 0.8, -1], hits.Select(hit => Math.Round(hit.GetProperty("similarity").GetDouble(), 4)));
        Assert.Equal(2, hits[3].GetProperty("distance").GetDouble(), 0.001);
        JsonElement near = await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[3,4],"k":9,"minimum_similarity":0.9}""");
        Assert.Equal(2, near.GetProperty("hits").GetArrayLength());
        HttpAnswer distance = await service.SendAsync(HttpMethod.Post, $"{path}/search", """{"vector":[3,4],"k":9,"maximum_distance":0.9}""");
        Assert.Equal((400, "a maximum distance is given, but the metric of the collection is cosine: give a minimum similarity instead"), ((int)distance.Status, distance.Detail));
        HttpAnswer zero = await service.SendAsync(HttpMethod.Post, $"{path}/search", """{"vector":[0,0],"k":9}""");
        Assert.Equal((400, "all components are zero: such a vector has no direction, and the metric of the collection is cosine"), ((int)zero.Status, zero.Detail));
        // Too small for a float32: no direction, alone or beside another component.
        HttpAnswer vanished = await service.SendAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1e-46,0],"k":9}""");
        Assert.Equal(400, (int)vanished.Status);
        Assert.StartsWith("the vector is not zero, but all of its components round to zero", vanished.Detail);
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1e-46,1e-45]}""");
        Assert.StartsWith("""{"id":4,"tag":0,"vector":[0,1],""", (await service.DoneAsync(HttpMethod.Get, $"{path}/records/4")).GetRawText());

        await service.DoneAsync(HttpMethod.Put, "/v1/collections/dot", """{"dimension":2,"metric":"dot"}""");
        await service.DoneAsync(HttpMethod.Post, "/v1/collections/dot/records/batch", """{"vectors":[[3,4],[30,40],[0,2],[-3,-4]]}""");
        Assert.Equal(
            """{"results":[{"hits":[{"id":1,"score":1073741824000,"similarity":250},{"id":0,"score":107374182400,"similarity":25},{"id":2,"score":34359738368,"similarity":8}]}]}""",
            (await service.DoneAsync(HttpMethod.Post, "/v1/collections/dot/search/batch", """{"vectors":[[3,4]],"k":9,"minimum_similarity":8}""")).GetRawText());

        async Task<(int, string)> RefusedAsync(string body)
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Put, path, body);
            return ((int)answer.Status, answer.Detail);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    public async Task A_collection_without_a_dimension_gets_the_default(string? body)
    {
        JsonElement created = await service.DoneAsync(HttpMethod.Put, $"/v1/collections/default-{body?.Length ?? 9}", body);
        Assert.Equal(384, Number(created, "dimension"));
    }

    [Fact]
    public async Task A_record_is_inserted_read_and_deleted()
    {
        string path = await service.CreateCollectionAsync();
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[0.5,-1],"tag":18446744073709551615}""")).GetRawText()));
        Assert.Equal("""{"ids":[1,2]}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[1,2],[3,4]],"tags":[7,8]}""")).GetRawText()));
        Assert.Equal(
            """{"id":0,"tag":18446744073709551615,"vector":[0.5,-1],"metadata":null}""",
            (await service.DoneAsync(HttpMethod.Get, $"{path}/records/0")).GetRawText());
        Assert.Equal("""{"count":3}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());

        Assert.Equal("{}", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Delete, $"{path}/records/0")).GetRawText()));
        HttpAnswer gone = await service.GetAsync($"{path}/records/0");
        Assert.Equal((404, "record 0 was deleted"), ((int)gone.Status, gone.Detail));
        Assert.Equal("""{"count":2}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Fact]
    public async Task Metadata_absent_and_empty_differ_and_the_largest_comes_back()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[0,0]}""");
        Assert.Equal("""{"metadata":null}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/records/0/metadata")).GetRawText());
        Assert.Equal("{}", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Put, $"{path}/records/0/metadata", """{"metadata":""}""")).GetRawText()));
        Assert.Equal("""{"metadata":""}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/records/0/metadata")).GetRawText());

        byte[] largest = new byte[65_536];
        new Random(1).NextBytes(largest);
        await service.DoneAsync(HttpMethod.Put, $"{path}/records/0/metadata", $$"""{"metadata":"{{Convert.ToBase64String(largest)}}"}""");
        JsonElement got = await service.DoneAsync(HttpMethod.Get, $"{path}/records/0/metadata");
        Assert.Equal(largest, got.GetProperty("metadata").GetBytesFromBase64());
    }

    [Fact]
    public async Task Search_returns_ties_in_id_order_with_exact_scores()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[0,2],[1,0],[0,1],[-1,0]],"tags":[1,1,2,2]}""");
        JsonElement hits = await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[0,0],"k":3}""");
        Assert.Equal(
            """{"hits":[{"id":1,"score":4294967296,"distance":1},{"id":2,"score":4294967296,"distance":1},{"id":3,"score":4294967296,"distance":1}]}""",
            hits.GetRawText());
        Assert.Equal([2, 3], Ids(await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[0,0],"k":9,"filter_tag":2}""")));
        Assert.Equal([], Ids(await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[0,0],"k":9,"filter_tag":3}""")));
        Assert.Equal([[1, 2], [0, 2]], (await service.DoneAsync(HttpMethod.Post, $"{path}/search/batch", """{"vectors":[[0,0],[3,4]],"k":2}"""))
            .GetProperty("results").EnumerateArray().Select(Ids));
        JsonElement explained = await service.DoneAsync(HttpMethod.Post, $"{path}/search/batch", """{"vectors":[[0,0],[3,4]],"k":2,"tag":2,"explain":true}""");
        Assert.Equal([[2, 3], [2, 3]], explained.GetProperty("results").EnumerateArray().Select(Ids));
        JsonElement plan = explained.GetProperty("plan");
        // Two records for two vectors.
        Assert.Equal((JsonValueKind.Null, 4), (plan.GetProperty("index").ValueKind, plan.GetProperty("rows_scored").GetInt32()));
        Assert.Equal([1, 2, 3, 0], Ids(await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[0,0],"k":2147483647}""")));
    }

    [Fact]
    public async Task Nodes_and_edges_are_created_walked_and_deleted()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,1]}""");
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":2}""")).GetRawText()));
        Assert.Equal("""{"id":1}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":3,"record_id":0}""")).GetRawText()));
        Assert.Equal("""{"id":0}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{path}/edges", """{"from_id":1,"to_id":0,"kind":1}""")).GetRawText()));

        Assert.Equal("""{"id":0,"kind":2,"record_id":null}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/0")).GetRawText());
        Assert.Equal("""{"id":1,"kind":3,"record_id":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/1")).GetRawText());
        string edge = """{"id":0,"from_id":1,"to_id":0,"kind":1}""";
        Assert.Equal(edge, (await service.DoneAsync(HttpMethod.Get, $"{path}/edges/0")).GetRawText());
        Assert.Equal($$"""{"outgoing":[{{edge}}],"incoming":[]}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/1/edges")).GetRawText());
        Assert.Equal($$"""{"outgoing":[],"incoming":[{{edge}}]}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/0/edges")).GetRawText());
        Assert.Equal("""{"nodes":[1]}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/1/expand?depth=0")).GetRawText());
        Assert.Equal("""{"nodes":[1,0]}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/1/expand?depth=1")).GetRawText());
        Assert.Equal(
            """{"hits":[{"id":0,"score":0,"distance":0,"nodes":[1,0]}]}""",
            (await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,1],"k":1,"depth":1}""")).GetRawText());

        Assert.Equal("{}", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Delete, $"{path}/edges/0")).GetRawText()));
        Assert.Equal("edge 0 was deleted", (await service.GetAsync($"{path}/edges/0")).Detail);
        Assert.Equal("{}", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Delete, $"{path}/nodes/1")).GetRawText()));
        Assert.Equal("node 1 was deleted", (await service.GetAsync($"{path}/nodes/1")).Detail);
    }

    [Fact]
    public async Task A_saved_snapshot_restored_into_another_collection_gives_the_same_state_hash_and_answers()
    {
        string source = await service.CreateCollectionAsync(), target = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{source}/records/batch", """{"vectors":[[1,0],[0,1],[1,1]],"tags":[7,7,8]}""");
        await service.DoneAsync(HttpMethod.Delete, $"{source}/records/1");
        await service.DoneAsync(HttpMethod.Post, $"{target}/records", """{"vector":[5,5]}""");
        JsonElement saved = await service.DoneAsync(HttpMethod.Post, $"{source}/save");
        byte[] snapshot = await File.ReadAllBytesAsync(Text(saved, "path"));

        HttpAnswer restored = await service.SendAsync(HttpMethod.Post, $"{target}/restore", ValoriService.Bytes(snapshot));
        Assert.Equal((200, "{}"), ((int)restored.Status, Receipts.WithoutReceipt(restored.Text)));
        JsonElement expected = await service.DoneAsync(HttpMethod.Get, source), status = await service.DoneAsync(HttpMethod.Get, target);
        Assert.Equal(Text(expected, "state_hash"), Text(status, "state_hash"));
        Assert.Equal(Number(expected, "record_count"), Number(status, "record_count"));
        Assert.Equal([0, 2], Ids(await service.DoneAsync(HttpMethod.Post, $"{target}/search", """{"vector":[1,0],"k":5}""")));
        Assert.Equal("""{"id":3}""", Receipts.WithoutReceipt((await service.DoneAsync(HttpMethod.Post, $"{target}/records", """{"vector":[2,2]}""")).GetRawText()));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static IEnumerable<int> Ids(JsonElement answer) => answer.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("id").GetInt32());
}
