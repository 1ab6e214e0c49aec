using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>How a request shows its key, what happens without, and keys that come and go.</summary>
public sealed class ApiKeyTests : IAsyncLifetime
{
    private ValoriService _service = null!;

    public async Task InitializeAsync() => _service = await ValoriService.StartWithKeyAsync();

    public Task DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("Authorization", "Bearer KEY", 200)]
    [InlineData("authorization", "bearer KEY", 200)]
    [InlineData("AUTHORIZATION", "BEARER   KEY", 200)]
    [InlineData("api-key", "KEY", 200)]
    [InlineData("API-Key", "KEY", 200)]
    [InlineData("Authorization", "KEY", 401)]
    [InlineData("Authorization", "Basic KEY", 401)]
    [InlineData("Authorization", "Bearer", 401)]
    [InlineData("Authorization", "Bearer KEY, Bearer KEY", 401)]
    [InlineData("Authorization", "Bearer KEYKEY", 401)]
    [InlineData("api-key", "Bearer KEY", 401)]
    [InlineData("api_key", "KEY", 401)]
    [InlineData("x-api-key", "KEY", 401)]
    [InlineData("Proxy-Authorization", "Bearer KEY", 401)]
    [InlineData("Cookie", "api-key=KEY", 401)]
    public async Task A_key_is_shown_in_one_of_two_headers(string header, string value, int status)
    {
        string key = _service.AddKey("ada", KeyRole.Read);
        using HttpResponseMessage response = await _service.AskAsync(HttpMethod.Get, "/v1/collections", value.Replace("KEY", key, StringComparison.Ordinal), header: header);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, text);
        Assert.DoesNotContain(key, text);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        if (status == 401) Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
    }

    [Theory]
    [InlineData("Host: foreign.example", 421)]
    [InlineData("Host: localhost\r\nOrigin: http://foreign.example", 403)]
    [InlineData("Host: localhost", 401)]
    public async Task What_is_refused_is_not_stored_either(string headers, int status)
    {
        string answer = await RawAsync($"GET /v1/collections HTTP/1.1\r\nConnection: close\r\n{headers}\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("\r\nCache-Control: no-store\r\n", answer);
    }

    [Fact]
    public async Task Two_keys_in_one_request_are_refused_even_if_they_are_the_same()
    {
        string key = _service.AddKey("ada", KeyRole.Read);
        foreach (string[] lines in new[]
        {
            new[] { $"api-key: {key}", $"api-key: {key}" }, [$"api-key: {key}", $"Authorization: Bearer {key}"], [$"Authorization: Bearer {key}", $"Authorization: Bearer {key}"],
            [$"api-key: {key}", "api-key:"],
        })
        {
            string answer = await RawAsync($"GET /v1/collections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{string.Join("\r\n", lines)}\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 400 ", answer);
            Assert.Contains("the request has 2 headers Authorization and api-key; it must have one of them, once", answer);
            Assert.DoesNotContain(key, answer);
        }
    }

    [Theory]
    [InlineData("api-key")]
    [InlineData("API_KEY")]
    [InlineData("apikey")]
    [InlineData("access_token")]
    [InlineData("token")]
    [InlineData("%61pi-key")]
    public async Task A_key_in_the_address_is_refused_whoever_sends_it(string parameter)
    {
        string key = _service.AddKey("ada", KeyRole.Read);
        foreach (string? header in new[] { null, key })
        {
            using HttpResponseMessage response = await _service.AskAsync(HttpMethod.Get, $"/v1/collections?{parameter}={key}", header);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, text);
            Assert.Contains("an API key belongs in the header Authorization or api-key", text);
            Assert.DoesNotContain(key, text);
        }
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("POST", "/v1/collections", 405)]
    [InlineData("OPTIONS", "/v1/collections", 405)]
    [InlineData("TRACE", "/v1/collections", 405)]
    [InlineData("PATCH", "/health/ready", 405)]
    [InlineData("GET", "//v1/collections", 404)]
    [InlineData("GET", "/v1//collections", 404)]
    [InlineData("GET", "/V1/COLLECTIONS", 200)]
    [InlineData("GET", "/v1/collections/", 200)]
    [InlineData("GET", "/v1/./collections", 200)]
    [InlineData("GET", "/health/live/../../v1/collections", 200)]
    [InlineData("GET", "/health/live/%2e%2e/%2e%2e/v1/collections", 200)]
    [InlineData("GET", "/health/live%2f..%2f..%2fv1/collections", 404)]
    [InlineData("HEAD", "/v1/collections", 200)]
    public async Task Whatever_the_path_and_the_method_nothing_is_answered_without_a_key(string method, string path, int status)
    {
        string key = _service.AddKey("ada", KeyRole.Read);
        string head = $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        Assert.StartsWith("HTTP/1.1 401 ", await RawAsync($"{head}\r\n"));
        Assert.StartsWith($"HTTP/1.1 {status} ", await RawAsync($"{head}api-key: {key}\r\n\r\n"));
    }

    [Theory]
    [InlineData("/v1/collections/mine/../other/count")]
    [InlineData("/v1/collections/mine/%2e%2e/other/count")]
    [InlineData("/v1/collections/other%2fcount")]
    [InlineData("/v1/collections/other;mine/count")]
    [InlineData("/v1/collections/OTHER/count")]
    [InlineData("/v1/collections/%6fther/count")]
    [InlineData("/v1/collections/mine%00/count")]
    [InlineData("/v1/collections/mine%2f..%2fother/count")]
    [InlineData("/v1/collections/m%C4%B1ne/count")]
    public async Task No_spelling_of_a_path_leads_a_limited_key_to_another_collection(string path)
    {
        await _service.CreateCollectionAsync(name: "mine");
        await _service.CreateCollectionAsync(name: "other");
        string key = _service.AddKey("ada", KeyRole.Admin, "mine");
        string answer = await RawAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\napi-key: {key}\r\n\r\n");
        Assert.Matches("^HTTP/1.1 40[03] ", answer);
        Assert.DoesNotContain("\"count\"", answer);
    }

    [Fact]
    public async Task Health_needs_no_key_and_tells_details_to_a_key_for_everything_only()
    {
        await _service.ReadinessAsync();
        string limited = _service.AddKey("ada", KeyRole.Admin, "mine"), whole = _service.AddKey("probe", KeyRole.Read);
        foreach ((string? key, bool hasDetails) in new[] { (null, false), ("valori_wrong", false), (limited, false), (whole, true) })
        {
            using HttpResponseMessage live = await _service.AskAsync(HttpMethod.Get, "/health/live", key), ready = await _service.AskAsync(HttpMethod.Get, "/health/ready", key);
            Assert.Equal((200, 200), ((int)live.StatusCode, (int)ready.StatusCode));
            Assert.Equal(hasDetails, (await ready.Content.ReadAsStringAsync()).Contains("scrub", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Keys_are_added_listed_and_revoked_over_HTTP()
    {
        HttpAnswer added = await _service.SendAsync(HttpMethod.Post, "/v1/keys", """{"name":"ada","role":"write","collections":["notes"],"expires_at":"2100-01-01"}""");
        Assert.Equal(HttpStatusCode.OK, added.Status);
        string key = added.Json.GetProperty("key").GetString()!;
        using (HttpResponseMessage answered = await _service.AskAsync(HttpMethod.Get, "/v1/collections", key)) Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        HttpAnswer listed = await _service.GetAsync("/v1/keys");
        Assert.Equal(["ada", "ops"], listed.Json.GetProperty("keys").EnumerateArray().Select(one => one.GetProperty("name").GetString()!));
        Assert.DoesNotContain(key[^64..], listed.Text);
        Assert.DoesNotContain("hash", listed.Text);
        Assert.Equal(["collections", "created_at", "expires_at", "id", "name", "role"], FieldsOf("ada"));
        Assert.Equal(["created_at", "id", "name", "role"], FieldsOf("ops"));
        IEnumerable<string> FieldsOf(string name) => listed.Json.GetProperty("keys").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name).EnumerateObject().Select(field => field.Name).Order();
        foreach ((string body, int status, string detail) in new[]
        {
            ("""{"name":"ada","role":"read"}""", 409, "a key with the name 'ada' already"),
            ("""{"name":"bob","role":"Read"}""", 400, "field 'role' is 'Read'; it must be read, write or admin"),
            ("""{"name":"bob","role":"read","collections":[]}""", 400, "1 to 1000 collections, not 0"),
            ("""{"name":"b b","role":"read"}""", 400, "'b b' is not a valid name of a key"),
            ("""{"name":"bob","role":"read","expires_at":"2000-01-01"}""", 400, "would have expired"),
            ("""{"name":"bob"}""", 400, "field 'role' is missing"),
        })
        {
            HttpAnswer refused = await _service.SendAsync(HttpMethod.Post, "/v1/keys", body);
            Assert.True((int)refused.Status == status && refused.Detail.Contains(detail, StringComparison.Ordinal), refused.ToString());
        }
        Assert.Equal("""{"revoked":"ada"}""", (await _service.SendAsync(HttpMethod.Delete, "/v1/keys/ada", (string?)null)).Text);
        Assert.Equal(404, (int)(await _service.SendAsync(HttpMethod.Delete, "/v1/keys/ada", (string?)null)).Status);
        using HttpResponseMessage gone = await _service.AskAsync(HttpMethod.Get, "/v1/collections", key);
        Assert.Equal("Bearer realm=\"valori\", error=\"invalid_token\"", gone.Headers.WwwAuthenticate.ToString());
        // Also the one that asks.
        Assert.Equal("""{"revoked":"ops"}""", (await _service.SendAsync(HttpMethod.Delete, "/v1/keys/ops", (string?)null)).Text);
        Assert.Equal(401, (int)(await _service.GetAsync("/v1/keys")).Status);
    }

    [Fact]
    public async Task The_history_names_the_key_that_wrote_and_a_client_cannot_name_another()
    {
        string path = await _service.CreateCollectionAsync(name: "notes");
        string ada = _service.AddKey("ada", KeyRole.Write, "notes");
        using (HttpResponseMessage inserted = await _service.AskAsync(HttpMethod.Post, $"{path}/records", ada, """{"vector":[1,2]}""")) Assert.Equal(HttpStatusCode.OK, inserted.StatusCode);
        await _service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[3,4]}""");
        using (HttpResponseMessage claimed = await _service.AskAsync(HttpMethod.Post, $"{path}/records", ada, """{"vector":[1,2],"author":"ops"}""")) Assert.Equal(HttpStatusCode.BadRequest, claimed.StatusCode);
        HttpAnswer timeline = await _service.GetAsync($"{path}/timeline");
        Assert.Equal(["", "ada", "ops"], timeline.Json.GetProperty("events").EnumerateArray()
            .Select(happened => happened.GetProperty("changes")[0].TryGetProperty("author", out JsonElement author) ? author.GetString()! : ""));
    }

    [Fact]
    public async Task A_service_without_keys_asks_for_one_as_soon_as_there_is_one()
    {
        ValoriService open = await ValoriService.StartAsync();
        try
        {
            Assert.Equal(200, (int)(await open.GetAsync("/v1/keys")).Status);
            HttpAnswer added = await open.SendAsync(HttpMethod.Post, "/v1/keys", """{"name":"ops","role":"admin"}""");
            Assert.Equal(401, (int)(await open.GetAsync("/v1/keys")).Status);
            using HttpResponseMessage answer = await open.AskAsync(HttpMethod.Get, "/v1/keys", added.Json.GetProperty("key").GetString());
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        finally
        {
            await open.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_verb_adds_and_revokes_keys_of_a_running_service_and_ends_a_request_under_way()
    {
        Finished added = await ValoriVerb.RunAsync("keys", "add", "--data", _service.DirectoryPath, "--name", "ada", "--role", "admin");
        Assert.Equal(0, added.ExitCode);
        string key = added.Lines.Single();
        await UntilAsync(key, HttpStatusCode.OK);
        await _service.CreateCollectionAsync(name: "mine");
        using TcpClient client = new();
        await client.ConnectAsync(_service.Client.BaseAddress!.Host, _service.Client.BaseAddress.Port);
        await using NetworkStream stream = client.GetStream();
        // The beginning of an upload.
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/collections/mine/restore HTTP/1.1\r\nHost: localhost\r\napi-key: {key}\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\nVALORI"));
        Task<string> answer = Task.Run(() => ReadToEndAsync(stream));
        Assert.Equal("revoked ada", (await ValoriVerb.RunAsync("keys", "revoke", "--data", _service.DirectoryPath, "--name", "ada")).Lines.Single());
        Assert.DoesNotContain("200", await answer.WaitAsync(TimeSpan.FromSeconds(30)));
        await UntilAsync(key, HttpStatusCode.Unauthorized);
    }

    private async Task UntilAsync(string key, HttpStatusCode status)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            using HttpResponseMessage response = await _service.AskAsync(HttpMethod.Get, "/v1/collections", key);
            if (response.StatusCode == status) return;
            await Task.Delay(20, limit.Token);
        }
    }

    private async Task<string> RawAsync(string request)
    {
        using TcpClient client = new();
        await client.ConnectAsync(_service.Client.BaseAddress!.Host, _service.Client.BaseAddress.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        return await ReadToEndAsync(stream).WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>What comes until the connection is closed, in order or not.</summary>
    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream);
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
