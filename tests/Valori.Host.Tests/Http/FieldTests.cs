using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What a request has and its operation does not know is refused by name, in bodies and in queries, before anything is done.</summary>
public sealed class FieldTests(ValoriService service) : IClassFixture<ValoriService>
{
    public static TheoryData<string, string, string?, string> Requests => new()
    {
        { "POST", "/records", """{"vector":[1,2],"tagg":7}""", "unknown field 'tagg': did you mean 'tag'" },
        { "POST", "/records", """{"vector":[1,2],"Tag":7}""", "unknown field 'Tag': did you mean 'tag'" },
        { "POST", "/records", """{"vector":[1,2],"tag":7,"tag":8}""", "field 'tag' appears more than once" },
        { "POST", "/records", """{"vector":[1,2],"tag":7,"\u0074ag":7}""", "field 'tag' appears more than once" },
        { "POST", "/records", """{"vector":[1,2],"vector":[3,4]}""", "field 'vector' appears more than once" },
        { "POST", "/records", """{"vector":[1,2],"tag":null}""", "field 'tag' is null: leave out what has no value" },
        { "POST", "/records", """{"vector":null}""", "field 'vector' is null" },
        { "POST", "/records", """{"vector":[1,2],"vector":null}""", "field 'vector' appears more than once" },
        { "POST", "/records", """{"vector":[1,2],"vectors":[[1,2]]}""", "unknown field 'vectors': did you mean 'vector'; this request takes vector, tag" },
        { "POST", "/records", """{"vector":[1,2],"":1}""", "unknown field ''; this request takes vector, tag" },
        { "POST", "/records", """{"vector":[1,2],"request_id":"a"}""", "unknown field 'request_id': over HTTP it is the header Idempotency-Key" },
        { "POST", "/records", """{"op":"insert","vector":[1,2]}""", "unknown field 'op'" },
        { "POST", "/records/batch", """{"vectors":[[1,2]],"tag":7}""", "unknown field 'tag': did you mean 'tags'" },
        { "POST", "/records/batch", """{"vectors":[[1,2]],"tags":[7],"vectors":[[3,4]]}""", "field 'vectors' appears more than once" },
        { "POST", "/records/batch", """{"vectors":[[1,2]],"\u0076ectors":[[3,4]]}""", "field 'vectors' appears more than once" },
        { "POST", "/records/batch", """{"tags":[7],"vectors":[[1,2]],"tags":[7]}""", "field 'tags' appears more than once" },
        { "POST", "/records/batch", """{"vectors":[[1,2]],"tags":null}""", "field 'tags' is null" },
        { "POST", "/records/batch", """{"vectors":null}""", "field 'vectors' is null" },
        { "POST", "/records/batch", """{"vectors":[[1,2]],"metadata":["AA=="]}""", "unknown field 'metadata': what a record of a batch has is in 'records', one object a record" },
        { "PUT", "/records/0/metadata", """{"metadata":"AAAA","record_id":0}""", "unknown field 'record_id'; this request takes metadata" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"where":{"tag":7}}""", "unknown field 'where': conditions are in 'filter'; this request takes vector, k, filter, tag, depth, receipt, maximum_distance, minimum_similarity, with, offset, explain, mode, beam, recall, as_of" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"filterTag":7}""", "unknown field 'filterTag': did you mean 'tag'" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"tag":7,"filter_tag":7}""", "field 'filter_tag' is the older spelling of 'tag': use one of the two" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"tag":null}""", "field 'tag' is null" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"filter_tag":null}""", "field 'filter_tag' is null" },
        { "POST", "/search", """{"vector":[1,2],"n_results":1}""", "unknown field 'n_results': the number of hits is 'k'" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"score_threshold":1}""", "unknown field 'score_threshold': the least similarity is 'minimum_similarity' (cosine, dot), and the largest distance" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"min_similarity":1}""", "unknown field 'min_similarity': the least similarity is 'minimum_similarity'" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"with_payload":true}""", "unknown field 'with_payload': what a hit has is in 'with'" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"include":["metadatas"]}""", "unknown field 'include': what a hit has is in 'with'" },
        { "POST", "/search", """{"vector":[1,2],"top_k":1}""", "unknown field 'top_k': the number of hits is 'k'" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"asof":1}""", "unknown field 'asof': did you mean 'as_of'" },
        { "POST", "/search/batch", """{"vectors":[[1,2]],"k":1,"tags":[7]}""", "unknown field 'tags': a search takes one tag, as 'tag'" },
        { "POST", "/search/batch", """{"vectors":[[1,2]],"k":1,"depth":1}""", "unknown field 'depth'" },
        { "POST", "/nodes", """{"kind":1,"record_id":null}""", "field 'record_id' is null" },
        { "POST", "/nodes", """{"kind":1,"recordid":0}""", "unknown field 'recordid': did you mean 'record_id'" },
        { "POST", "/edges", """{"from_id":0,"to_id":0,"kind":1,"weight":0.5}""", "unknown field 'weight'; this request takes from_id, to_id, kind" },
        { "PUT", "", """{"dimensions":3}""", "unknown field 'dimensions': did you mean 'dimension'; this request takes dimension" },
        { "PUT", "", """{"dimension":null}""", "field 'dimension' is null" },
        { "POST", "/save", """{"path":"x"}""", "unknown field 'path'; this request takes none" },
        { "POST", "/save?force=1", null, "unknown parameter 'force'; this request takes none" },
        { "POST", "/compare/other?limt=5", null, "unknown parameter 'limt': did you mean 'limit'; this request takes limit" },
        { "POST", "/search?k=5", """{"vector":[1,2],"k":1}""", "unknown parameter 'k'; this request takes none" },
        { "POST", "/restore?x=1", "x", "unknown parameter 'x'; this request takes none" },
        { "GET", "?asof=1", null, "unknown parameter 'asof': did you mean 'as_of'; this request takes as_of" },
        { "GET", "?As_Of=1", null, "unknown parameter 'As_Of': did you mean 'as_of'" },
        { "GET", "?as_of=1&AS_OF=1", null, "unknown parameter 'AS_OF': did you mean 'as_of'" },
        { "GET", "?as_of", null, "parameter 'as_of' is empty" },
        { "GET", "?=1", null, "unknown parameter ''" },
        { "GET", "/records/0?fields=tag", null, "unknown parameter 'fields'; this request takes as_of" },
        { "GET", "/nodes/0/expand?depth=1&dept=2", null, "unknown parameter 'dept': did you mean 'depth'; this request takes depth, " },
        { "GET", "/history/proof?from=1&to=2&as_of=1", null, "unknown parameter 'as_of'; this request takes from, to" },
        { "GET", "/timeline?from=1&limit=5", null, "unknown parameter 'limit'; this request takes from, count" },
        { "DELETE", "/records/0?as_of=1", null, "unknown parameter 'as_of'; this request takes none" },
        { "DELETE", "/records/0", """{"record_id":1}""", "DELETE takes no body: the path says what to delete" },
        { "GET", "/count", """{"as_of":1}""", "GET takes no body: parameters belong in the query" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_an_operation_does_not_know_is_refused_by_name_and_leaves_no_trace(string method, string path, string? body, string detail)
    {
        string collection = await SmallCollectionAsync();
        string before = (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText();
        AssertRefused(await service.SendAsync(HttpMethod.Parse(method), collection + path, body), detail);
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText());
    }

    [Theory]
    [InlineData("/health/live?verbose=1", "unknown parameter 'verbose'; this request takes none")]
    [InlineData("/health/ready?verbose=1", "unknown parameter 'verbose'")]
    [InlineData("/v1/collections?prefix=a", "unknown parameter 'prefix'")]
    public async Task A_route_without_parameters_takes_none(string path, string detail) => AssertRefused(await service.GetAsync(path), detail);

    [Fact]
    public async Task A_misspelt_dimension_creates_nothing()
    {
        string name = $"c{Guid.NewGuid():N}";
        AssertRefused(await service.SendAsync(HttpMethod.Put, $"/v1/collections/{name}", """{"dimensions":3}"""), "unknown field 'dimensions'");
        AssertRefused(await service.SendAsync(HttpMethod.Put, $"/v1/collections/{name}?dimension=3", "{}"), "unknown parameter 'dimension'");
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/v1/collections/{name}")).Status);
    }

    [Fact]
    public async Task A_search_takes_tag_and_its_older_spelling_and_finds_the_same()
    {
        string collection = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{collection}/records/batch", """{"vectors":[[1,2],[1,2],[1,2]],"tags":[7,8,7]}""");
        foreach (string tag in new[] { "tag", "filter_tag" })
        {
            JsonElement one = await service.DoneAsync(HttpMethod.Post, $"{collection}/search", $$"""{"vector":[1,2],"k":9,"{{tag}}":7}""");
            Assert.Equal([0UL, 2UL], one.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("id").GetUInt64()));
            JsonElement batch = await service.DoneAsync(HttpMethod.Post, $"{collection}/search/batch", $$"""{"vectors":[[1,2]],"k":9,"{{tag}}":8}""");
            Assert.Equal(1UL, Assert.Single(batch.GetProperty("results")[0].GetProperty("hits").EnumerateArray()).GetProperty("id").GetUInt64());
        }
    }

    [Fact]
    public async Task A_request_that_needs_no_body_takes_an_empty_object_or_none_chunked_or_not()
    {
        string collection = await SmallCollectionAsync();
        foreach (string path in new[] { "/save", "/compare/other" })
        {
            await service.CreateCollectionAsync(name: "other");
            foreach (HttpContent? content in new[] { null, new StringContent("{}", new MediaTypeHeaderValue("application/json")) })
            {
                HttpAnswer answer = await service.SendAsync(HttpMethod.Post, collection + path, content);
                Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
            }
        }
        AssertRefused(await service.SendAsync(HttpMethod.Post, $"{collection}/compare/other?limit=5", """{"limit":5}"""), "unknown field 'limit'; this request takes none");
        // Announced in chunks, and empty: there is nothing that would be ignored.
        HttpAnswer get = await service.SendAsync(HttpMethod.Get, $"{collection}/count", new StreamContent(Stream.Null) { Headers = { ContentLength = null } });
        Assert.True(get.Status == HttpStatusCode.OK, get.ToString());
    }

    [Fact]
    public async Task A_key_that_is_there_twice_is_refused()
    {
        string collection = await SmallCollectionAsync();
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
        // HttpClient would put both into one line.
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"DELETE {collection}/records/0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n"));
        using StreamReader answer = new(new NetworkStream(socket));
        string text = await answer.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith("HTTP/1.1 400 ", text);
        Assert.Contains("the header Idempotency-Key appears 2 times; it must appear once", text);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync($"{collection}/records/0")).Status);
    }

    [Fact]
    public async Task A_name_of_a_megabyte_is_cut_in_the_answer()
    {
        string collection = await SmallCollectionAsync();
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{collection}/records", $$"""{"vector":[1,2],"{{new string('x', 1 << 20)}}":1}""");
        AssertRefused(answer, "(1048576 characters)");
        Assert.InRange(answer.Text.Length, 1, 1_000);
    }

    [Fact]
    public async Task A_misspelt_field_that_is_large_is_refused_by_name_and_not_for_its_size()
    {
        string collection = await SmallCollectionAsync();
        string body = $$"""{"vektors":[{{string.Join(',', Enumerable.Repeat("[1,2]", 500_000))}}]}""";
        AssertRefused(await service.SendAsync(HttpMethod.Post, $"{collection}/records/batch", body), "unknown field 'vektors': did you mean 'vectors'; this request takes vectors, tags");
    }

    private static void AssertRefused(HttpAnswer answer, string detail)
    {
        Assert.True(answer.Status == HttpStatusCode.BadRequest, answer.ToString());
        Assert.Equal("invalid_request", answer.Json.GetProperty("title").GetString());
        Assert.Contains(detail, answer.Detail);
    }

    private async Task<string> SmallCollectionAsync()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2],"tag":7}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":1,"record_id":0}""");
        return path;
    }
}
