using System.Net;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>A request that began while it was allowed, and whose body comes when it is not any more, changes nothing.</summary>
public sealed class KeyEndTests
{
    private const string NewKey = """{"name":"new","role":"admin"}""", NewRecord = """{"vector":[1,2]}""";

    [Theory]
    [InlineData("/v1/keys", NewKey)]
    [InlineData("/v1/collections/mine/records", NewRecord)]
    public async Task A_key_that_is_revoked_while_its_request_is_sent_changes_nothing_and_makes_no_other_key(string path, string body)
    {
        await using ValoriService service = await ValoriService.StartWithKeyAsync();
        await service.CreateCollectionAsync(name: "mine");
        using RawConnection slow = await BeginAsync(service, path, body, $"api-key: {service.AddKey("stolen", KeyRole.Admin)}\r\n");
        await service.DoneAsync(HttpMethod.Delete, "/v1/keys/stolen");
        Assert.DoesNotContain("HTTP/1.1 200", await EndAsync(slow, body));
        Assert.Equal(["ops"], service.Part<KeyRing>().Keys.Select(key => key.Name));
        Assert.Equal("""{"count":0}""", (await service.DoneAsync(HttpMethod.Get, "/v1/collections/mine/count")).GetRawText());
    }

    [Theory]
    [InlineData("/v1/keys", NewKey)]
    [InlineData("/v1/collections/mine/records", NewRecord)]
    public async Task A_request_without_a_key_changes_nothing_when_the_service_has_got_its_first_key_meanwhile(string path, string body)
    {
        await using ValoriService service = await ValoriService.StartAsync();
        await service.CreateCollectionAsync(name: "mine");
        using RawConnection slow = await BeginAsync(service, path, body, "");
        string key = (await service.DoneAsync(HttpMethod.Post, "/v1/keys", """{"name":"ops","role":"admin"}""")).GetProperty("key").GetString()!;
        string answer = await EndAsync(slow, body);
        Assert.DoesNotContain("HTTP/1.1 200", answer);
        if (path == "/v1/keys") Assert.StartsWith("HTTP/1.1 401 ", answer);
        Assert.Equal(["ops"], service.Part<KeyRing>().Keys.Select(one => one.Name));
        using HttpResponseMessage counted = await service.AskAsync(HttpMethod.Get, "/v1/collections/mine/count", key);
        Assert.Equal("{\"count\":0}\n", await counted.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_are_no_bug_of_the_service()
    {
        await using ValoriService service = await ValoriService.StartWithKeyAsync();
        string file = service.Part<KeyStore>().FilePath;
        byte[] whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..^5]);
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, "/v1/keys", NewKey);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "keys_failed"), (answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.DoesNotContain(service.DirectoryPath, answer.Text);
        // The service looks at its keys by itself some times a second.
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        HttpAnswer health = await service.ReadinessAsync();
        while (!health.Json.TryGetProperty("reason", out _))
        {
            limit.Token.ThrowIfCancellationRequested();
            health = await service.ReadinessAsync();
        }
        Assert.StartsWith("the API keys in keys.jsonl cannot be used: ", health.Json.GetProperty("reason").GetString());
        Assert.DoesNotContain(service.DirectoryPath, health.Text);
        Assert.Equal(whole[..^5], await File.ReadAllBytesAsync(file));
    }

    /// <summary>Sends a request without its body, and waits until the service begins to read that.</summary>
    private static async Task<RawConnection> BeginAsync(ValoriService service, string path, string body, string header)
    {
        RawConnection connection = new(service.Client.BaseAddress!);
        await connection.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}Content-Type: application/json\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await connection.ReadToAsync("\r\n\r\n"));
        return connection;
    }

    /// <summary>Sends the body; returns what is answered, which is nothing if the connection was cut off.</summary>
    private static async Task<string> EndAsync(RawConnection connection, string body)
    {
        try
        {
            await connection.SendAsync(body);
            return await connection.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
