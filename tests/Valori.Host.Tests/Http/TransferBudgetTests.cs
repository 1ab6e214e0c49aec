using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Valori.Host.Http;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What bodies and answers take of memory is bounded, however large they are and however slowly they are read.</summary>
[Trait("Category", "Slow")]
public sealed class TransferBudgetTests
{
    private const string Setting = "valori.http.max-bytes-in-flight";

    [Fact]
    public void It_is_taken_as_memory_is_and_given_back_to_the_last_byte()
    {
        TransferBudget budget = new(1_000_000);
        TransferHold first = budget.Hold("the body"), second = budget.Hold("the answer");
        first.Grow(TransferBudget.FreeBytes);
        Assert.Equal(0, budget.TakenBytes);
        first.Grow(600_000);
        Assert.Equal(600_000, budget.TakenBytes);
        EngineException full = Assert.Throws<EngineException>(() => second.Grow(TransferBudget.FreeBytes + 500_000));
        Assert.Contains("the answer needs 500000 more; the limit is 1000000 (valori.http.max-bytes-in-flight)", full.Message);
        Assert.Equal(600_000, budget.TakenBytes);
        first.Shrink(TransferBudget.FreeBytes);
        Assert.Equal(600_000 - TransferBudget.FreeBytes, budget.TakenBytes);
        first.Grow(10);
        first.Dispose();
        Assert.Equal(0, budget.TakenBytes);
        second.Grow(TransferBudget.FreeBytes + 1_000_000);
        Assert.Contains("takes more than 1000000 bytes", Assert.Throws<RefusedException>(() => second.Grow(1)).Message);
        second.Dispose();
        second.Dispose();
        Assert.Equal(0, budget.TakenBytes);
        // A query actor that still builds the answer of a client who has gone.
        Assert.Throws<OperationCanceledException>(() => second.Grow(1_000_000));
        second.Shrink(1_000_000);
        Assert.Equal(0, budget.TakenBytes);
    }

    [Theory]
    [InlineData("""{"vectors":[""", "[1],", "[1]]}")]
    [InlineData("""{"vectors":[[1,2]],"tags":[""", "1,", "1]}")]
    [InlineData("""{"vectors":[""", "[],", "[]]}")]
    [InlineData("""{"records":[""", """{"vector":[1]},""", """{"vector":[1]}]}""")]
    [InlineData("""{"records":[{"fields":{"a":1},"vector":[""", "1,", "1]}]}")]
    [InlineData("""{"records":[{"vector":[1]""", ""","vector":[]""", "}]}")]
    public async Task A_body_over_the_budget_is_413_and_leaves_no_trace(string start, string item, string end)
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 1000000");
        string path = await service.CreateCollectionAsync();
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records/batch", start + Repeated(item, 300_000) + end);
        Assert.Equal((413, "limit_exceeded"), ((int)answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.Contains($"the body takes more than 1000000 bytes of memory", answer.Detail);
        Assert.Contains(Setting, answer.Detail);
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
        Assert.Equal(0, service.Part<TransferBudget>().TakenBytes);
    }

    [Theory]
    [InlineData("""{"vector":[1,2],"tag":" """, "x", "\"}")]
    [InlineData("""{"vector":[1,2],"tag":[""", "1,", "1]}")]
    [InlineData("""{"vector":[1,2],""", " ", "\"tag\":1}")]
    [InlineData("[", "1,", "1]")]
    public async Task Anything_large_beside_vectors_tags_and_records_is_413(string start, string item, string end)
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records", start + Repeated(item, 3 << 20) + end);
        Assert.Equal((413, "limit_exceeded"), ((int)answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.Contains("more than 1048576 bytes beside vector, vectors, tags and records", answer.Detail);
    }

    [Fact]
    public async Task A_vector_longer_than_any_dimension_is_refused_while_it_arrives()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[{{Repeated("1,", 65_536)}}1]}""");
        Assert.Equal((400, "vector has more than 65536 components, which is the largest dimension"), ((int)answer.Status, answer.Detail));
    }

    [Fact]
    public async Task Beside_a_body_that_is_still_arriving_another_large_one_is_429_and_a_small_one_is_answered()
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 1000000");
        string path = await service.CreateCollectionAsync();
        string large = $$"""{"vectors":[{{Repeated("[1,2],", 6_000)}}[1,2]]}""";
        TransferBudget budget = service.Part<TransferBudget>();
        using RawConnection slow = new(service.Client.BaseAddress!);
        await slow.SendAsync($"POST {path}/records/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {large.Length}\r\n\r\n{large[..^10]}");
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (budget.TakenBytes < 450_000) await Task.Delay(5, limit.Token);

        using StringContent content = new(large, Encoding.UTF8, "application/json");
        using HttpResponseMessage refused = await service.Client.PostAsync($"{path}/records/batch", content);
        Assert.Equal((429, TimeSpan.FromSeconds(1)), ((int)refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Contains(Setting, (await HttpAnswer.OfAsync(refused)).Detail);
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");

        await slow.SendAsync(large[^10..]);
        Assert.StartsWith("HTTP/1.1 200 ", await slow.ReadToEndAsync());
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", large);
        Assert.Equal("""{"count":12003}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Fact]
    public async Task Beside_an_answer_that_is_not_read_another_large_one_is_429_until_its_reader_goes()
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 60000000");
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{Repeated("[1,2],", 1_999)}}[1,2]]}""");
        string search = $$"""{"vectors":[{{Repeated("[1,2],", 499)}}[1,2]],"k":2000}""";
        TransferBudget budget = service.Part<TransferBudget>();
        using (RawConnection slow = new(service.Client.BaseAddress!))
        {
            await slow.SendAsync($"POST {path}/search/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {search.Length}\r\n\r\n{search}");
            Assert.StartsWith("HTTP/1.1 200 ", await slow.ReadToAsync("\r\n\r\n"));
            Assert.InRange(budget.TakenBytes, 31_000_000, 60_000_000);

            HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{path}/search/batch", search);
            Assert.Equal((429, "overloaded"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
            Assert.Contains("the answer needs", refused.Detail);
            await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,2],"k":5}""");
        }
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (budget.TakenBytes > 0) await Task.Delay(5, limit.Token);
        Assert.Equal(500, (await service.DoneAsync(HttpMethod.Post, $"{path}/search/batch", search)).GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task An_answer_over_the_budget_is_413_and_a_part_of_it_is_answered()
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 500000");
        string path = await service.CreateCollectionAsync(), other = await service.CreateCollectionAsync();
        string batch = $$"""{"vectors":[{{Repeated("[1,2],", 2_999)}}[1,2]]}""";
        for (int i = 0; i < 5; i++) await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", batch);
        string compare = $"{path}/compare/{other["/v1/collections/".Length..]}?limit=";
        HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{compare}100000", (string?)null);
        Assert.Equal((413, "limit_exceeded"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
        Assert.Contains("the answer takes more than 500000 bytes", refused.Detail);
        Assert.Equal(5_000, (await service.DoneAsync(HttpMethod.Post, $"{compare}5000")).GetProperty("differences").GetArrayLength());
        HttpAnswer search = await service.SendAsync(HttpMethod.Post, $"{path}/search/batch", """{"vectors":[[1,2],[1,2]],"k":15000}""");
        Assert.Equal((413, "limit_exceeded"), ((int)search.Status, search.Json.GetProperty("title").GetString()));
        Assert.Equal(0, service.Part<TransferBudget>().TakenBytes);
    }

    [Fact]
    public async Task A_page_without_room_for_it_is_413_before_it_is_built_and_a_smaller_one_is_answered()
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 400000");
        string path = await service.CreateCollectionAsync();
        string fields = $$"""{"a":"{{new string('x', 6_000)}}"}""";
        string node = $$"""{"op":"create_node","kind":1,"fields":{{fields}}}""", record = $$"""{"vector":[1,2],"fields":{{fields}}}""";
        for (int i = 0; i < 10; i++)
        {
            await service.DoneAsync(HttpMethod.Post, $"{path}/transactions", $$"""{"commands":[{{string.Join(',', Enumerable.Repeat(node, 10))}}]}""");
            await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"records":[{{string.Join(',', Enumerable.Repeat(record, 10))}}]}""");
        }
        string all = string.Join(',', Enumerable.Range(0, 100));
        (string Route, string Whole, string Part)[] requests =
        [
            ("nodes/list", "{}", """{"limit":10}"""), ("records/list", "{}", """{"limit":10}"""), ("records/get", $$"""{"ids":[{{all}}]}""", """{"ids":[1,2,3]}"""),
            ("subgraph", $$"""{"node_ids":[{{all}}]}""", """{"node_ids":[1,2,3]}"""),
            ("search", """{"vector":[1,2],"k":100,"with":["fields"]}""", """{"vector":[1,2],"k":10,"with":["fields"]}"""),
        ];
        TransferBudget budget = service.Part<TransferBudget>();
        foreach ((string route, string whole, string part) in requests)
        {
            HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{path}/{route}", whole);
            Assert.Equal((route, 413, "limit_exceeded"), (route, (int)refused.Status, refused.Json.GetProperty("title").GetString()));
            Assert.Contains("the answer takes more than 400000 bytes", refused.Detail);
            await service.DoneAsync(HttpMethod.Post, $"{path}/{route}", part);
        }
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (budget.TakenBytes > 0) await Task.Delay(5, limit.Token);
    }

    [Fact]
    public async Task Beside_a_page_that_is_not_read_another_large_one_is_429_and_a_search_is_answered()
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 42000000");
        string path = await service.CreateCollectionAsync();
        // As many bytes in canonical form as in text.
        string node = $$"""{"op":"create_node","kind":1,"fields":{"a":[{{string.Join(',', Enumerable.Range(1_000_000, 7_500))}}]} }""";
        string nodes = $$"""{"commands":[{{string.Join(',', Enumerable.Repeat(node, 20))}}]}""";
        for (int i = 0; i < 15; i++) await service.DoneAsync(HttpMethod.Post, $"{path}/transactions", nodes);
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        const string list = """{"limit":300}""";
        TransferBudget budget = service.Part<TransferBudget>();
        using RawConnection slow = new(service.Client.BaseAddress!);
        await slow.SendAsync($"POST {path}/nodes/list HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {list.Length}\r\n\r\n{list}");
        Assert.StartsWith("HTTP/1.1 200 ", await slow.ReadToAsync("\r\n\r\n"));
        // The text, less what the system's buffers took. What the text was made of is not kept.
        Assert.InRange(budget.TakenBytes, 7_000_000, 19_000_000);
        HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{path}/nodes/list", list);
        Assert.Equal((429, "overloaded"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
        await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,2],"k":1,"with":["vector"]}""");
    }

    [Fact]
    public async Task A_compressed_body_is_read_and_one_that_decompresses_without_end_is_413()
    {
        await using ValoriService service = await ValoriService.StartAsync($"{Setting} = 10000000");
        string path = await service.CreateCollectionAsync();
        HttpAnswer inserted = await SendAsync("gzip", Compressed("""{"vector":[1,2],"tag":7}"""));
        Assert.Equal((200, """{"id":0}"""), ((int)inserted.Status, Receipts.WithoutReceipt(inserted.Text)));

        byte[] bomb = Compressed($$"""{"vector":[1,2],"tag":[{{Repeated("1,", 20 << 20)}}1]}""");
        Assert.InRange(bomb.Length, 1, 200_000);
        Assert.Equal(413, (int)(await SendAsync("gzip", bomb)).Status);
        byte[] vectors = Compressed($$"""{"vectors":[{{Repeated("[1,2],", 4 << 20)}}[1,2]]}""");
        Assert.Equal(413, (int)(await SendAsync("gzip", vectors, "/records/batch")).Status);

        HttpAnswer damaged = await SendAsync("gzip", Encoding.UTF8.GetBytes("""{"vector":[1,2]}"""));
        Assert.Equal((400, "invalid_request"), ((int)damaged.Status, damaged.Json.GetProperty("title").GetString()));
        Assert.Contains("the body is not complete gzip data", damaged.Detail);
        HttpAnswer other = await SendAsync("br", [1, 2, 3]);
        Assert.Equal((415, "the body's Content-Encoding is 'br'; it must be gzip or none"), ((int)other.Status, other.Detail));
        Assert.Equal("""{"count":1}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());

        Task<HttpAnswer> SendAsync(string encoding, byte[] bytes, string route = "/records") => service.SendAsync(HttpMethod.Post, path + route, new ByteArrayContent(bytes)
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json"), ContentEncoding = { encoding } },
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task A_body_is_read_the_same_however_it_arrives(int bytesAtATime)
    {
        string numbers = string.Join(',', Enumerable.Range(0, 20_000).Select(i => (i / 8f - 1_000).ToString(CultureInfo.InvariantCulture)));
        byte[] body = Encoding.UTF8.GetBytes(
            $$""" { "a" : "ä\"[" , "vectors" : [ [1, 2.5] , [] ,[{{numbers}}] ], "tags":[0,18446744073709551615],"b":{"vector":[[1]],"tags":null},"vector":[-1e-3] , "k":3, "records" : [ {"vector":[1,2], "key":"ä\"]" } ,{ "fields" : {"vector":"x", "a":{"b":[1,2]} } , "v\u0065ctor" : [ {{numbers}} ],"tag":18446744073709551615 }, {"vector":[],"metadata":"AAE="}]} """);
        (System.Text.Json.JsonDocument document, Json.BodyArrays arrays) =
            await new Json.BodyReader(Json.FieldNames.OfRequest(["a", "vectors", "tags", "b", "vector", "k", "records"]), _ => { }).ReadAsync(new TricklingStream(body, bytesAtATime), CancellationToken.None);
        using (document)
        {
            Assert.Equal("""{"a":"ä\"[","vectors":[],"tags":[],"b":{"vector":[[1]],"tags":null},"vector":[],"k":3,"records":[]}""",
                string.Concat(document.RootElement.GetRawText().Where(character => character != ' ')));
        }
        Assert.Equal([-0.001f], arrays.Vector!);
        Assert.Equal([0UL, ulong.MaxValue], arrays.Tags!);
        Assert.Equal(["ä\"]", null, null], arrays.Records!.Select(record => record.Key?.ToString()));
        Assert.Equal([0UL, ulong.MaxValue, 0UL], arrays.Records!.Select(record => record.Tag));
        Assert.Equal(["{}", """{"a":{"b":[1,2]},"vector":"x"}""", "{}"], arrays.Records!.Select(record => record.Fields.ToJson()));
        Assert.Equal([1f, 2f], arrays.Records![0].Vector.ToArray());
        Assert.Equal(arrays.Vectors![2].ToArray(), arrays.Records[1].Vector.ToArray());
        Assert.Equal(0, arrays.Records[2].Vector.Length);
        Assert.Equal([0, 1], arrays.Records[2].Metadata!.Value.ToArray());
        Assert.Equal([2, 0, 20_000], arrays.Vectors!.Select(vector => vector.Length));
        Assert.Equal([1f, 2.5f], arrays.Vectors![0].ToArray());
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => i / 8f - 1_000), arrays.Vectors[2].ToArray());
    }

    private static string Repeated(string item, int count) => new StringBuilder(item.Length * count).Insert(0, item, count).ToString();

    private static byte[] Compressed(string text)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private sealed class TricklingStream(byte[] bytes, int bytesAtATime) : MemoryStream(bytes, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, bytesAtATime)], cancellationToken);
    }
}
