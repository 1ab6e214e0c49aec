using System.Net.Http.Headers;
using Valori.Host.Http;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>A web page of somebody else, in the browser of someone who can reach the service, neither writes nor reads.</summary>
public sealed class OriginTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const string Insert = """{"vector":[1,2]}""";

    [Theory]
    [InlineData("text/plain", "the body's Content-Type is 'text/plain'; it must be application/json")]
    [InlineData("application/x-www-form-urlencoded", "the body's Content-Type is 'application/x-www-form-urlencoded'; it must be application/json")]
    [InlineData("application/octet-stream", "it must be application/json")]
    [InlineData("multipart/form-data", "it must be application/json")]
    [InlineData(null, "the body has no Content-Type; it must be application/json (curl --json, or -H 'content-type: application/json')")]
    [InlineData("application/json; charset=utf-16", "the body's charset is utf-16; it must be utf-8")]
    public async Task A_body_that_is_not_said_to_be_JSON_is_refused_and_leaves_no_trace(string? type, string detail)
    {
        string path = await service.CreateCollectionAsync();
        foreach ((HttpMethod method, string route, string body) in new[]
        {
            (HttpMethod.Post, "/records", Insert), (HttpMethod.Post, "/search", """{"vector":[1,2],"k":1}"""), (HttpMethod.Put, "", """{"dimension":2}"""),
        })
        {
            using ByteArrayContent content = new(System.Text.Encoding.UTF8.GetBytes(body));
            if (type is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            AssertProblem(await service.SendAsync(method, path + route, content), 415, "invalid_request", detail);
        }
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json;charset=\"UTF-8\"")]
    public async Task JSON_is_taken_however_its_type_is_written(string type)
    {
        string path = await service.CreateCollectionAsync();
        using StringContent content = new(Insert) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
        Assert.Equal(200, (int)(await service.SendAsync(HttpMethod.Post, $"{path}/records", content)).Status);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://evil.example:7480")]
    [InlineData("http://localhost")]
    [InlineData("http://localhost:1")]
    [InlineData("null")]
    [InlineData("file://")]
    public async Task A_request_of_a_page_of_another_origin_is_403_and_leaves_no_trace(string origin)
    {
        string path = await service.CreateCollectionAsync();
        foreach ((HttpMethod method, string route, string? body) in new[] { (HttpMethod.Post, "/records", Insert), (HttpMethod.Post, "/save", null), (HttpMethod.Get, "/count", (string?)null) })
            AssertProblem(await SendAsync(method, path + route, body, "localhost:7480", origin), 403, "forbidden", $"a web page of '{origin}'");
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Theory]
    [InlineData("localhost:7480", "http://localhost:7480")]
    [InlineData("127.0.0.1:7480", "http://127.0.0.1:7480")]
    [InlineData("[::1]:7480", "http://[::1]:7480")]
    [InlineData("10.1.2.3", "https://10.1.2.3")]
    public async Task A_request_of_a_page_of_its_own_origin_is_answered(string host, string origin)
    {
        string path = await service.CreateCollectionAsync();
        HttpAnswer answer = await SendAsync(HttpMethod.Post, $"{path}/records", Insert, host, origin);
        Assert.True((int)answer.Status == 200, answer.ToString());
    }

    [Theory]
    [InlineData("evil.example:7480")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task A_request_for_a_name_that_is_not_the_services_is_421_and_leaves_no_trace(string host)
    {
        string path = await service.CreateCollectionAsync();
        foreach (string? origin in new[] { null, $"http://{host}" })
            AssertProblem(await SendAsync(HttpMethod.Post, $"{path}/records", Insert, host, origin), 421, "invalid_request", $"for the host '{host}'");
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, $"{path}/count")).GetRawText());
    }

    [Fact]
    public async Task A_name_in_the_configuration_is_answered()
    {
        ValoriService named = await ValoriService.StartAsync("valori.http.hosts = [\"db.internal\"]");
        try
        {
            string path = await named.CreateCollectionAsync();
            foreach ((string host, int status) in new[] { ("DB.internal", 200), ("db.internal:80", 200), ("db.external", 421) })
            {
                using HttpRequestMessage request = new(HttpMethod.Get, $"{path}/count") { Headers = { Host = host } };
                using HttpResponseMessage response = await named.Client.SendAsync(request);
                Assert.Equal(status, (int)response.StatusCode);
            }
        }
        finally
        {
            await named.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:7480", "", "localhost", true)]
    [InlineData("http://127.0.0.1:7480", "", "valori", false)]
    [InlineData("http://valori:7480", "", "valori:8080", true)]
    [InlineData("http://a:1;http://b:2", "", "b", true)]
    [InlineData("http://0.0.0.0:7480", "", "10.0.0.7:7480", true)]
    [InlineData("http://*:7480", "", "valori", false)]
    [InlineData("http://+:7480", "", "+", false)]
    [InlineData("http://*:7480", "valori", "valori", true)]
    [InlineData("http://*:7480", "*", "whatever.example", true)]
    [InlineData("http://[::]:7480", "", "[fe80::1]:7480", true)]
    public void The_names_of_a_service_are_those_it_listens_on_and_those_configured(string urls, string hosts, string host, bool isAnswered)
    {
        HostCheck check = new(urls.Split(';'), hosts.Split(';', StringSplitOptions.RemoveEmptyEntries));
        Microsoft.AspNetCore.Http.DefaultHttpContext context = new();
        context.Request.Host = new Microsoft.AspNetCore.Http.HostString(host);
        Assert.Equal(isAnswered, check.RefusalOf(context.Request) is null);
    }

    private async Task<HttpAnswer> SendAsync(HttpMethod method, string path, string? body, string host, string? origin)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Host = host;
        if (origin is not null) Assert.True(request.Headers.TryAddWithoutValidation("Origin", origin));
        using HttpResponseMessage response = await service.Client.SendAsync(request);
        return await HttpAnswer.OfAsync(response);
    }

    private static void AssertProblem(HttpAnswer answer, int status, string title, string detail)
    {
        Assert.True((int)answer.Status == status, $"expected {status}, got {answer}");
        Assert.Equal(("application/problem+json", title), (answer.ContentType, answer.Json.GetProperty("title").GetString()));
        Assert.Contains(detail, answer.Detail);
    }
}
