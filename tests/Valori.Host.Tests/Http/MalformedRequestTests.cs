using System.Net;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What HTTP itself allows and forbids: methods, framing, encodings, connections that break.</summary>
public sealed class MalformedRequestTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/v1/collections")]
    [InlineData("{collection}")]
    [InlineData("{collection}/count")]
    [InlineData("{collection}/records/0")]
    [InlineData("{collection}/timeline")]
    [InlineData("{collection}/history/proof?from=1&to=2")]
    public async Task HEAD_is_answered_like_GET_without_a_body(string path)
    {
        string collection = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{collection}/records", """{"vector":[1,2]}""");
        await service.ReadinessAsync();
        path = path.Replace("{collection}", collection, StringComparison.Ordinal);
        HttpAnswer got = await service.GetAsync(path);
        using HttpRequestMessage request = new(HttpMethod.Head, path);
        using HttpResponseMessage head = await service.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, got.ContentType, ""), (head.StatusCode, head.Content.Headers.ContentType!.MediaType, await head.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("/count?asof=1", HttpStatusCode.BadRequest)]
    [InlineData("/records/x", HttpStatusCode.BadRequest)]
    [InlineData("/records/9", HttpStatusCode.NotFound)]
    public async Task HEAD_is_refused_where_GET_is(string path, HttpStatusCode status)
    {
        string collection = await service.CreateCollectionAsync();
        using HttpRequestMessage request = new(HttpMethod.Head, collection + path);
        using HttpResponseMessage head = await service.Client.SendAsync(request);
        Assert.Equal((status, (await service.GetAsync(collection + path)).Status), (head.StatusCode, status));
    }

    [Theory]
    [InlineData("HEAD", "/records", "POST")]
    [InlineData("GET", "/search", "POST")]
    [InlineData("POST", "/count", "GET, HEAD")]
    [InlineData("PATCH", "/records/0", "DELETE, GET, HEAD")]
    [InlineData("OPTIONS", "/restore", "POST")]
    public async Task A_method_that_a_path_does_not_have_is_405_and_says_which_it_has(string method, string path, string allowed)
    {
        string collection = await service.CreateCollectionAsync();
        using HttpRequestMessage request = new(HttpMethod.Parse(method), collection + path);
        using HttpResponseMessage response = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
        if (method != "HEAD") Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("a chunk's size that is not a number", "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("a chunk longer than it says", "Transfer-Encoding: chunked\r\n", "2\r\n{}{}{}\r\n0\r\n\r\n")]
    [InlineData("a chunk's size over 64 bits", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("a length that is not a number", "Content-Length: x\r\n", "{}")]
    [InlineData("a negative length", "Content-Length: -1\r\n", "{}")]
    [InlineData("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}")]
    public async Task A_body_that_is_framed_wrongly_is_400_and_leaves_no_trace(string what, string framing, string body)
    {
        string collection = await service.CreateCollectionAsync();
        using RawConnection connection = new(service.Client.BaseAddress!);
        await connection.SendAsync($"POST {collection}/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n{framing}\r\n{body}");
        string answer = await connection.ReadToEndAsync();
        Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{collection}/count")).GetRawText());
    }

    [Fact]
    public async Task A_body_that_is_waited_for_is_asked_for_only_when_it_would_be_read()
    {
        string collection = await service.CreateCollectionAsync();
        const string body = """{"vector":[1,2]}""";
        string head = $"Host: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {body.Length}\r\n";
        using (RawConnection read = new(service.Client.BaseAddress!))
        {
            await read.SendAsync($"POST {collection}/records HTTP/1.1\r\n{head}Content-Type: application/json\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 100 ", await read.ReadToAsync("\r\n\r\n"));
            await read.SendAsync(body);
            Assert.StartsWith("HTTP/1.1 200 ", await read.ReadToEndAsync());
        }
        using RawConnection refused = new(service.Client.BaseAddress!);
        await refused.SendAsync($"POST {collection}/records HTTP/1.1\r\n{head}Content-Type: text/plain\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 415 ", await refused.ReadToAsync("\r\n\r\n"));
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/v1")]
    [InlineData("/v1/collections/notes/nothing")]
    [InlineData("/v2/collections")]
    public async Task A_path_that_does_not_exist_is_a_problem_that_names_it(string path)
    {
        HttpAnswer answer = await service.GetAsync(path);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json", $"there is no {path}"), (answer.Status, answer.ContentType, answer.Detail));
    }

    [Fact]
    public async Task A_client_that_goes_away_amid_a_body_is_no_error_of_the_service()
    {
        using TemporaryDirectory directory = new();
        await using RunningService running = await RunningService.StartAsync(directory.Path);
        await running.DoneAsync(HttpMethod.Put, "/v1/collections/notes", """{"dimension":2}""");
        foreach (string sent in new[] { "{\"vec", "2\r\n{}" })
        {
            string framing = sent[0] == '{' ? "Content-Length: 100" : "Transfer-Encoding: chunked";
            using RawConnection connection = new(running.Client.BaseAddress!);
            await connection.SendAsync($"POST /v1/collections/notes/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n{framing}\r\n\r\n");
            await connection.ReadToAsync("100 Continue\r\n\r\n");
            await connection.SendAsync(sent);
        }
        await running.DoneAsync(HttpMethod.Post, "/v1/collections/notes/records", """{"vector":[1,2]}""");
        running.Process.Terminate();
        Finished finished = await running.Process.EndAsync();
        Assert.Equal(0, finished.ExitCode);
        Assert.DoesNotContain("fail:", finished.Output);
    }
}
