using System.Net;
using System.Net.Sockets;
using System.Text;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What is too large is refused with 413 and the limit.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_body_over_256_MiB_is_refused_before_it_is_sent()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        using TcpClient client = new(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
        using NetworkStream stream = client.GetStream();
        string head = $"POST {path}/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {(256L << 20) + 1}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        using StreamReader reader = new(stream);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        string answer = await reader.ReadToEndAsync(limit.Token);
        Assert.StartsWith("HTTP/1.1 413 ", answer);
        Assert.Contains("application/problem+json", answer);
        Assert.Contains("268435456 bytes", answer);
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Fact]
    public async Task Health_waits_for_no_body_of_a_client_without_a_key()
    {
        await using ValoriService service = await ValoriService.StartWithKeyAsync();
        using RawConnection connection = new(service.Client.BaseAddress!);
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        // After five seconds it would be a 408.
        Assert.StartsWith("HTTP/1.1 400 ", await connection.ReadToAsync("\r\n\r\n"));
    }

    [Fact]
    public async Task A_batch_over_the_configured_limit_is_refused_and_leaves_no_trace()
    {
        await using ValoriService service = await ValoriService.StartAsync("valori.max-batch-bytes = 1000");
        string path = await service.CreateCollectionAsync();
        string before = (await service.DoneAsync(HttpMethod.Get, path)).GetRawText();
        string vectors = string.Join(',', Enumerable.Repeat("[1,2]", 100));
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
        Assert.Equal((413, "limit_exceeded"), ((int)answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.Contains("the limit is 1000 (valori.max-batch-bytes)", answer.Detail);
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, path)).GetRawText());
    }

    [Theory]
    [InlineData("header", "HTTP/1.1 431 ")]
    [InlineData("request line", "HTTP/1.1 414 ")]
    public async Task A_head_over_the_limit_is_refused_and_the_service_goes_on(string what, string status)
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string filler = new('a', 40_000);
        string head = what == "header"
            ? $"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Filler: {filler}\r\nConnection: close\r\n\r\n"
            : $"GET /health/live?{filler} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        Assert.StartsWith(status, await ExchangeAsync(service, head));
        Assert.Equal("""{"status":"live"}""", (await service.GetAsync("/health/live")).Text);
    }

    /// <summary>One that sends a byte now and then would hold a connection, and what is read of its body, for ever.</summary>
    [Fact]
    public async Task A_client_that_stops_in_the_middle_of_a_body_is_given_up()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        string head = $"POST {path}/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{{\"vector\":[1";
        Assert.StartsWith("HTTP/1.1 408 ", await ExchangeAsync(service, head));
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Fact]
    public async Task A_body_nested_too_deep_is_refused()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        string body = $$"""{"vector":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";
        Assert.Equal((400, "invalid_request"), await RefusalAsync(service, $"{path}/records", body));
        Assert.Equal((400, "invalid_argument"), await RefusalAsync(service, $"{path}/search", """{"vector":[1,2],"k":0}"""));
        // As many hits as there are: a large k is no large answer.
        Assert.Equal("""{"hits":[]}""", (await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,2],"k":2147483647}""")).GetRawText());
    }

    [Fact]
    public async Task Past_the_queries_that_may_wait_one_is_answered_429_and_the_service_is_normal_behind_it()
    {
        await using ValoriService service = await ValoriService.StartAsync("valori { max-queries-waiting = 1, query-actors = 1 }");
        string path = await service.CreateCollectionAsync();
        string vectors = $"[{string.Join(',', Enumerable.Repeat("[1,2]", 2_000))}]";
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":{{vectors}}}""");
        string search = $$"""{"vectors":{{vectors}},"k":1}""";
        (HttpStatusCode Status, string Title, TimeSpan? RetryAfter)[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using StringContent content = new(search, Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await service.Client.PostAsync($"{path}/search/batch", content);
            HttpAnswer read = await HttpAnswer.OfAsync(answer);
            string title = answer.IsSuccessStatusCode ? "" : read.Json.GetProperty("title").GetString()!;
            return (read.Status, title, answer.Headers.RetryAfter?.Delta);
        }));
        Assert.Equal([(HttpStatusCode.OK, "", null), (HttpStatusCode.TooManyRequests, "overloaded", TimeSpan.FromSeconds(1))], answers.Distinct().Order());
        await service.DoneAsync(HttpMethod.Post, $"{path}/search/batch", search);
    }

    [Fact]
    public async Task Past_the_memory_of_all_collections_what_adds_is_refused_and_searches_go_on()
    {
        await using ValoriService service = await ValoriService.StartAsync("valori.max-memory-bytes = 1000000");
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        string vectors = string.Join(',', Enumerable.Repeat("[1,2]", 100_000));
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
        Assert.Equal((413, "limit_exceeded"), ((int)answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.Contains("valori.max-memory-bytes", answer.Detail);
        Assert.Equal("""{"hits":[{"id":0,"score":0,"distance":0}]}""", (await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,2],"k":9}""")).GetRawText());
    }

    private static async Task<(int, string?)> RefusalAsync(ValoriService service, string path, string body)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, path, body);
        return ((int)answer.Status, answer.Json.GetProperty("title").GetString());
    }

    /// <summary>Sends the bytes, and reads until the service closes the connection.</summary>
    private static async Task<string> ExchangeAsync(ValoriService service, string request)
    {
        using TcpClient client = new(service.Client.BaseAddress!.Host, service.Client.BaseAddress.Port);
        using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using StreamReader reader = new(stream);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        return await reader.ReadToEndAsync(limit.Token);
    }
}
