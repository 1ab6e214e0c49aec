using System.Net.Http.Headers;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What the service refuses is a problem (RFC 9457) that names the value, and leaves no trace.</summary>
public sealed class RefusalTests(ValoriService service) : IClassFixture<ValoriService>
{
    public static TheoryData<string, string, string?, int, string, string> Requests => new()
    {
        { "POST", "/records", """{"vector":[1]}""", 400, "invalid_argument", "expected 2 components, got 1" },
        { "POST", "/records", """{"vector":[1,2,3]}""", 400, "invalid_argument", "expected 2 components, got 3" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"filter":{"user":null}}""", 400, "invalid_argument", "the filter, 'user' is null" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"filter":"user"}""", 400, "invalid_argument", "the filter, column 5: unexpected end of input" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"filter":7}""", 400, "invalid_request", "field 'filter' must be a JSON object or a text" },
        { "POST", "/search", $$"""{"vector":[1,2],"k":1,"filter":"id in ({{string.Join(',', Enumerable.Range(0, 1_024))}})","tag":7}""", 400, "invalid_argument", "the filter has 1025 conditions and values; the maximum is 1024" },
        { "POST", "/records", """{"vector":[1,NaN]}""", 400, "invalid_request", "'N' is an invalid start of a value" },
        { "POST", "/records", """{"vector":[1,"NaN"]}""", 400, "invalid_request", "vector[1] must be a number, got \"NaN\"" },
        { "POST", "/records", """{"vector":[1e39,0]}""", 400, "invalid_argument", "vector[0] is 1e39, out of the range of float32; a component must be at most 3.4028235E+38 in magnitude" },
        { "POST", "/records", """{"vector":[0,-1e-6]}""", 400, "invalid_argument", "the vector is not zero, but all of its components round to zero: the largest, component 1, is -1E-06" },
        { "POST", "/records", """{"vector":[0,1e-50]}""", 400, "invalid_argument", "the vector is not zero" },
        { "POST", "/records/batch", """{"vectors":[[1,2],[0,1e-6]]}""", 400, "invalid_argument", "vector 1: the vector is not zero" },
        { "POST", "/records/batch", """{"vectors":[[1,2],[0,-1e400]]}""", 400, "invalid_argument", "vectors[1][1] is -1e400, out of the range of float32" },
        { "POST", "/search", """{"vector":[0,1e-6],"k":1}""", 400, "invalid_argument", "the vector is not zero" },
        { "POST", "/search", """{"vector":[0,1e-6],"k":1,"depth":1}""", 400, "invalid_argument", "the vector is not zero" },
        { "POST", "/search", """{"vector":[0,1e-6],"k":1,"receipt":true}""", 400, "invalid_argument", "the vector is not zero" },
        { "POST", "/search/batch", """{"vectors":[[0,0],[1,2],[0,1e-6]],"k":1}""", 400, "invalid_argument", "vector 2: the vector is not zero" },
        { "POST", "/records", """{"vector":[0,40000]}""", 400, "invalid_argument", "component 1 is 40000, outside Q16.16" },
        { "POST", "/records", """{"vector":[20000,20000]}""", 400, "invalid_argument", "norm is too large" },
        { "POST", "/records", """{"vector":"1,2"}""", 400, "invalid_request", "vector must be an array of numbers, got \"1,2\"" },
        { "POST", "/records", """{"vector":[1,2],"tag":-1}""", 400, "invalid_request", "field 'tag' must be a whole number from 0 to 18446744073709551615, got -1" },
        { "POST", "/records", """{"vector":[1,2],"tag":1.5}""", 400, "invalid_request", "got 1.5" },
        { "POST", "/records", "{}", 400, "invalid_request", "field 'vector' is missing" },
        { "POST", "/records", "[1,2]", 400, "invalid_request", "expected a JSON object, got an array" },
        { "POST", "/records", """{"vector":[1,2],}""", 400, "invalid_request", "the body is not a JSON object: The JSON object contains a trailing comma at the end (line 1, byte 17)" },
        { "POST", "/records", """{"vector":[1,2""", 400, "invalid_request", "the body is not a JSON object" },
        { "POST", "/records", "", 400, "invalid_request", "the body is empty; it must be a JSON object" },
        { "POST", "/records", """{"\ud800":1,"vector":[1,2]}""", 400, "invalid_request", "half of a surrogate pair" },
        { "POST", "/records/batch", """{"vectors":[[1,2],[1]]}""", 400, "invalid_argument", "vector 1: expected 2 components, got 1" },
        { "POST", "/records/batch", """{"vectors":[[1,2],[1,40000]]}""", 400, "invalid_argument", "vector 1: component 1 is 40000" },
        { "POST", "/records/batch", """{"vectors":[[1,2],3]}""", 400, "invalid_request", "vectors[1] must be an array of numbers, got 3" },
        { "POST", "/records/batch", """{"vectors":[[1,2],[1,2]],"tags":[1]}""", 400, "invalid_argument", "2 vectors, 1 tags" },
        { "POST", "/records/batch", """{"vectors":[[1,2]],"tags":["x"]}""", 400, "invalid_request", "tags[0] must be a whole number" },
        { "GET", "/records/9", null, 404, "not_found", "record 9 does not exist" },
        { "GET", "/records/1", null, 404, "not_found", "record 1 was deleted" },
        { "GET", "/records/x", null, 400, "invalid_request", "'x' is not an id; it must be a whole number from 0 to 18446744073709551615" },
        { "GET", "/records/-1", null, 400, "invalid_request", "'-1' is not an id" },
        { "GET", "/records/+1", null, 400, "invalid_request", "'+1' is not an id" },
        { "GET", "/records/00", null, 400, "invalid_request", "'00' is not an id; it must be a whole number from 0 to 18446744073709551615" },
        { "GET", "/records/-0", null, 400, "invalid_request", "'-0' is not an id" },
        { "GET", "/nodes/0/expand?depth=%2B1", null, 400, "invalid_request", "parameter 'depth' must be a whole number of 32 bits, got '+1'" },
        { "GET", "/nodes/0/expand?depth=01", null, 400, "invalid_request", "parameter 'depth' must be a whole number of 32 bits, got '01'" },
        { "GET", "/nodes/0/expand?depth=1&node_kinds=01", null, 400, "invalid_request", "parameter 'node_kinds' must be kinds" },
        { "GET", "/records/%201", null, 400, "invalid_request", "' 1' is not an id" },
        { "DELETE", "/records/x", null, 400, "invalid_request", "'x' is not an id" },
        { "PUT", "/records/x/metadata", """{"metadata":"AAAA"}""", 400, "invalid_request", "'x' is not an id" },
        { "GET", "/nodes/x", null, 400, "invalid_request", "'x' is not an id" },
        { "GET", "/edges/1e3", null, 400, "invalid_request", "'1e3' is not an id" },
        { "POST", "/compare/nobody?limit=x", null, 400, "invalid_request", "parameter 'limit' must be a whole number of 32 bits, got 'x'" },
        // .NET's TryParse takes NULs after a number for nothing.
        { "GET", "/count?as_of=2026-11-25T13:00:00+01:00", null, 400, "invalid_argument", "Write the '+' of an offset as %2B in a query" },
        { "GET", "/count?as_of=4%00", null, 400, "invalid_argument", "as_of is '4\0'; it must be a sequence number" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"as_of":"20\u0000\u0000"}""", 400, "invalid_argument", "as_of is '20\0\0'; it must be a sequence number" },
        { "GET", "/timeline?from=1%00", null, 400, "invalid_request", "parameter 'from' must be a whole number of 64 bits, got '1" },
        { "GET", "/timeline?count=1%00", null, 400, "invalid_request", "parameter 'count' must be a whole number of 32 bits, got '1" },
        { "GET", "/history/proof?from=1%00&to=1", null, 400, "invalid_request", "parameter 'from' must be a whole number of 64 bits, got '1" },
        { "POST", "/compare/nobody?limit=1%00", null, 400, "invalid_request", "parameter 'limit' must be a whole number of 32 bits, got '1" },
        { "GET", "/nodes/0/expand?depth=1%00", null, 400, "invalid_request", "parameter 'depth' must be a whole number of 32 bits, got '1" },
        { "GET", "/timeline?from=x", null, 400, "invalid_request", "parameter 'from' must be a whole number of 64 bits, got 'x'" },
        { "GET", "/timeline?from=1&from=2", null, 400, "invalid_request", "parameter 'from' appears 2 times; it must appear once" },
        { "GET", "/timeline?count=1.5", null, 400, "invalid_request", "parameter 'count' must be a whole number of 32 bits, got '1.5'" },
        { "GET", "/timeline?count=", null, 400, "invalid_request", "parameter 'count' is empty: leave out what has no value" },
        { "GET", "/records/18446744073709551616", null, 400, "invalid_request", "'18446744073709551616' is not an id" },
        { "GET", "/records/9/metadata", null, 404, "not_found", "record 9 does not exist" },
        { "DELETE", "/records/9", null, 404, "not_found", "record 9 does not exist" },
        { "DELETE", "/records/1", null, 404, "not_found", "record 1 was deleted" },
        { "PUT", "/records/1/metadata", """{"metadata":"AAAA"}""", 404, "not_found", "record 1 was deleted" },
        { "PUT", "/records/0/metadata", """{"metadata":"no base64!"}""", 400, "invalid_request", "field 'metadata' must be base64 text, got \"no base64!\"" },
        { "PUT", "/records/0/metadata", """{"metadata":null}""", 400, "invalid_request", "field 'metadata' is null: leave out what has no value" },
        { "POST", "/search", """{"vector":[1,2],"k":0}""", 400, "invalid_argument", "k is 0; it must be at least 1" },
        { "POST", "/search", """{"vector":[1,2],"k":2147483648}""", 400, "invalid_request", "field 'k' must be a whole number of 32 bits, got 2147483648" },
        { "POST", "/search", """{"vector":[1,2]}""", 400, "invalid_request", "field 'k' is missing" },
        { "POST", "/search", """{"vector":[1],"k":1}""", 400, "invalid_argument", "expected 2 components, got 1" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"depth":-1}""", 400, "invalid_argument", "depth is -1" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"depth":1,"receipt":true}""", 400, "invalid_request", "a search with 'depth' has no receipt" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"receipt":1}""", 400, "invalid_request", "field 'receipt' must be true or false, got 1" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"as_of":5}""", 404, "not_found", "event 5 does not exist yet: the last event is 4" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"as_of":1.5}""", 400, "invalid_request", "field 'as_of' must be a sequence number, a state hash of 64 hex digits, or a time such as 2026-11-25T13:00:00Z or 2026-11-25T14:00:00+01:00, got 1.5" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"as_of":"soon"}""", 400, "invalid_argument", "as_of is 'soon'; it must be a sequence number, a state hash of 64 hex digits, or a time" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"depth":1,"as_of":5}""", 404, "not_found", "event 5 does not exist yet" },
        { "POST", "/search/batch", """{"vectors":[[1,2]],"k":1,"as_of":5}""", 404, "not_found", "event 5 does not exist yet" },
        { "GET", "?as_of=5", null, 404, "not_found", "event 5 does not exist yet: the last event is 4" },
        { "GET", "?as_of=", null, 400, "invalid_request", "parameter 'as_of' is empty" },
        { "GET", "?as_of=-1", null, 400, "invalid_argument", "as_of is '-1'" },
        { "GET", "?as_of=1&as_of=2", null, 400, "invalid_request", "parameter 'as_of' appears 2 times; it must appear once" },
        { "GET", "?as_of=9223372036854775808", null, 400, "invalid_argument", "as_of is '9223372036854775808'" },
        { "GET", "?as_of=12-25", null, 400, "invalid_argument", "as_of is '12-25'" },
        { "GET", "?as_of=2026-13-01", null, 400, "invalid_argument", "as_of is '2026-13-01'" },
        { "GET", "?as_of=9998-01-01", null, 400, "invalid_argument", "9998-01-01T00:00:00.000000Z is in the future: the clock of the collection says 2" },
        { "GET", "?as_of=0", null, 400, "invalid_argument", "as_of is 0; a sequence number is at least 1, the event that created the collection" },
        { "POST", "/search", """{"vector":[1,2],"k":1,"as_of":-1}""", 400, "invalid_argument", "as_of is -1; a sequence number is at least 1" },
        { "POST", "/records", """{"vector":[0,1e-400]}""", 400, "invalid_argument", "the vector is not zero, but all of its components round to zero" },
        { "POST", "/records/batch", """{"vectors":[[0,0],[-0.0,-1e-400]]}""", 400, "invalid_argument", "vectors[1]: the vector is not zero" },
        { "POST", "/search", """{"vector":[1e-400,0],"k":1}""", 400, "invalid_argument", "the vector is not zero" },
        { "GET", "?as_of=0001-01-01", null, 410, "out_of_reach", "the collection did not exist yet at 0001-01-01T00:00:00.000000Z: event 1 of 2" },
        { "GET", "?as_of=2020-01-01T10:30Z", null, 410, "out_of_reach", "did not exist yet at 2020-01-01T10:30:00.000000Z" },
        { "GET", "?as_of=2020-01-01T10:30:15%2B02:00", null, 410, "out_of_reach", "did not exist yet at 2020-01-01T08:30:15.000000Z" },
        { "GET", "?as_of=2020-01-01T10:30:15+02:00", null, 400, "invalid_argument", "as_of is '2020-01-01T10:30:15 02:00'" },
        { "GET", $"?as_of={new string('0', 64)}", null, 410, "out_of_reach", $"a state with the state hash {new string('0', 64)} is out of reach" },
        { "GET", "/records/0/proof?as_of=1", null, 404, "not_found", "record 0 does not exist" },
        { "GET", "/records/9/proof", null, 404, "not_found", "record 9 does not exist" },
        { "GET", "/nodes/1/proof", null, 404, "not_found", "node 1 does not exist" },
        { "GET", "/edges/0/proof", null, 404, "not_found", "edge 0 does not exist" },
        { "GET", "/history/proof?to=4", null, 400, "invalid_request", "parameter 'from' is missing" },
        { "GET", "/history/proof?from=1&to=x", null, 400, "invalid_request", "parameter 'to' must be a whole number of 64 bits, got 'x'" },
        { "GET", "/history/proof?from=0&to=4", null, 400, "invalid_argument", "from is 0; it must be in 1..4" },
        { "GET", "/history/proof?from=3&to=2", null, 400, "invalid_argument", "to is 2; it must be in 3..4" },
        { "GET", "/history/proof?from=1&to=5", null, 400, "invalid_argument", "to is 5; it must be in 1..4" },
        { "GET", "/timeline?count=0", null, 400, "invalid_argument", "count is 0; it must be in 1..1000" },
        { "GET", "/timeline?count=1001", null, 400, "invalid_argument", "count is 1001; it must be in 1..1000" },
        { "GET", "/timeline?from=0", null, 400, "invalid_argument", "from is 0; it must be in 1..4" },
        { "GET", "/timeline?from=5", null, 400, "invalid_argument", "from is 5; it must be in 1..4" },
        { "GET", "/timeline?from=9223372036854775807&count=1000", null, 400, "invalid_argument", "it must be in 1..4" },
        { "POST", "/compare/nobody", null, 404, "not_found", "'nobody' does not exist" },
        { "POST", "/compare/Bad%20Name", null, 400, "invalid_argument", "'Bad Name' is not a valid collection name" },
        { "POST", "/nodes", """{"kind":256}""", 400, "invalid_request", "field 'kind' must be a whole number from 0 to 255, got 256" },
        { "POST", "/nodes", """{"kind":1,"record_id":9}""", 404, "not_found", "record 9 does not exist" },
        { "POST", "/nodes", """{"kind":1,"record_id":1}""", 404, "not_found", "record 1 was deleted" },
        { "GET", "/nodes/9", null, 404, "not_found", "node 9 does not exist" },
        { "DELETE", "/nodes/9", null, 404, "not_found", "node 9 does not exist" },
        { "GET", "/nodes/9/edges", null, 404, "not_found", "node 9 does not exist" },
        { "GET", "/nodes/9/expand?depth=1", null, 404, "not_found", "node 9 does not exist" },
        { "GET", "/nodes/0/expand", null, 400, "invalid_request", "parameter 'depth' is missing" },
        { "GET", "/nodes/0/expand?depth=x", null, 400, "invalid_request", "parameter 'depth' must be a whole number of 32 bits, got 'x'" },
        { "POST", "/edges", """{"from_id":0,"to_id":9,"kind":1}""", 404, "not_found", "node 9 does not exist" },
        { "POST", "/edges", """{"from_id":0,"kind":1}""", 400, "invalid_request", "field 'to_id' is missing" },
        { "GET", "/edges/9", null, 404, "not_found", "edge 9 does not exist" },
        { "DELETE", "/edges/9", null, 404, "not_found", "edge 9 does not exist" },
        { "PUT", "", """{"dimension":3}""", 409, "conflict", "has dimension 2, not 3" },
        { "PUT", "", """{"dimension":0}""", 400, "invalid_argument", "dimension is 0" },
        { "PUT", "", "nonsense", 400, "invalid_request", "the body is not a JSON object" },
        { "POST", "/restore", "{}", 415, "invalid_request", "it must be application/octet-stream" },
        { "GET", "/nothing", null, 404, "not_found", "/nothing" },
        { "PATCH", "", null, 405, "invalid_request", "does not support PATCH, but " },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_refused_request_names_the_value_and_leaves_no_trace(string method, string path, string? body, int status, string kind, string detail)
    {
        string collection = await SmallCollectionAsync();
        string before = (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText();
        HttpAnswer answer = await service.SendAsync(HttpMethod.Parse(method), collection + path, body);
        AssertProblem(answer, status, kind, detail);
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText());
    }

    [Theory]
    [InlineData("GET", "/records/x", null)]
    [InlineData("DELETE", "/nodes/x", null)]
    [InlineData("PUT", "/records/x/metadata", """{"metadata":"AAAA"}""")]
    public async Task A_wrong_id_is_refused_before_its_collection_is_looked_for(string method, string path, string? body)
    {
        AssertProblem(await service.SendAsync(HttpMethod.Parse(method), "/v1/collections/nobody" + path, body), 400, "invalid_request", "'x' is not an id");
        AssertProblem(await service.SendAsync(HttpMethod.Parse(method), "/v1/collections/nobody" + path.Replace('x', '0'), body), 404, "not_found", "'nobody' does not exist");
    }

    [Fact]
    public async Task Text_that_is_no_UTF8_is_refused_with_the_field_named()
    {
        string collection = await SmallCollectionAsync();
        using ByteArrayContent body = new([.. "{\"metadata\":\""u8, 0xA2, .. "\"}"u8]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        AssertProblem(
            await service.SendAsync(HttpMethod.Put, $"{collection}/records/0/metadata", body), 400, "invalid_request", "'metadata' must be base64 text, got a string that is not UTF-8");
    }

    [Fact]
    public async Task Metadata_over_64_KiB_is_refused_with_its_size()
    {
        string collection = await SmallCollectionAsync();
        string before = (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText();
        string body = $$"""{"metadata":"{{Convert.ToBase64String(new byte[65_537])}}"}""";
        AssertProblem(await service.SendAsync(HttpMethod.Put, $"{collection}/records/0/metadata", body), 413, "limit_exceeded", "65537");
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText());
    }

    [Theory]
    [InlineData("GET", "/v1/collections/nobody", 404, "'nobody' does not exist")]
    [InlineData("POST", "/v1/collections/nobody/records", 404, "'nobody' does not exist")]
    [InlineData("POST", "/v1/collections/nobody/save", 404, "'nobody' does not exist")]
    [InlineData("PUT", "/v1/collections/Bad%20Name", 400, "'Bad Name' is not a valid collection name")]
    [InlineData("GET", "/v1/collections/-x", 400, "'-x' is not a valid collection name")]
    public async Task A_collection_that_is_none_is_refused_by_name_and_not_created(string method, string path, int status, string detail)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Parse(method), path, method switch { "GET" => null, "PUT" => "{}", _ => """{"vector":[1,2]}""" });
        AssertProblem(answer, status, status == 404 ? "not_found" : "invalid_argument", detail);
        Assert.DoesNotContain("nobody", (await service.GetAsync("/v1/collections")).Text);
    }

    [Fact]
    public async Task A_damaged_truncated_or_other_snapshot_is_refused_and_leaves_no_trace()
    {
        string collection = await SmallCollectionAsync();
        string saved = (await service.DoneAsync(HttpMethod.Post, $"{collection}/save")).GetProperty("path").GetString()!;
        byte[] snapshot = await File.ReadAllBytesAsync(saved);
        string before = (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText();

        AssertProblem(await RestoreAsync(collection, [.. Enumerable.Repeat((byte)'x', 200)]), 422, "invalid_snapshot", "VALORISN");
        AssertProblem(await RestoreAsync(collection, []), 422, "invalid_snapshot", "truncated");
        foreach (int length in new[] { 1, 127, 128, snapshot.Length / 2, snapshot.Length - 1 })
            AssertProblem(await RestoreAsync(collection, snapshot[..length]), 422, "invalid_snapshot", "nothing was changed");
        foreach (int position in new[] { 0, 9, 20, 64, snapshot.Length / 2, snapshot.Length - 1 })
        {
            byte[] flipped = [.. snapshot];
            flipped[position] ^= 1;
            AssertProblem(await RestoreAsync(collection, flipped), 422, "invalid_snapshot", "nothing was changed");
        }
        AssertProblem(await RestoreAsync(collection, [.. snapshot, 0]), 422, "invalid_snapshot", "nothing was changed");
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText());

        string other = await service.CreateCollectionAsync(dimension: 3);
        AssertProblem(await RestoreAsync(other, snapshot), 409, "conflict", "the snapshot has dimension 2, this collection has 3");
        Assert.Empty(Directory.GetFiles(service.DirectoryPath, "restore-*"));
    }

    private Task<HttpAnswer> RestoreAsync(string collection, byte[] bytes) =>
        service.SendAsync(HttpMethod.Post, $"{collection}/restore", new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } });

    private static void AssertProblem(HttpAnswer answer, int status, string kind, string detail)
    {
        Assert.True((int)answer.Status == status, $"expected {status}, got {answer}");
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal(kind, answer.Json.GetProperty("title").GetString());
        Assert.Equal(status, answer.Json.GetProperty("status").GetInt32());
        Assert.Contains(detail, answer.Detail);
    }

    /// <summary>Record 0, a deleted record 1 and node 0.</summary>
    private async Task<string> SmallCollectionAsync()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[1,2],[3,4]]}""");
        await service.DoneAsync(HttpMethod.Delete, $"{path}/records/1");
        await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":1,"record_id":0}""");
        return path;
    }
}
