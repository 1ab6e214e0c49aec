using System.Net;
using Microsoft.AspNetCore.Routing;
using Valori.Host.Http;
using Valori.Host.Security;
using Valori.Host.Tests.Structure;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Every route of the service with every role and collection.</summary>
public sealed class KeyAccessTests : IAsyncLifetime
{
    private ValoriService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await ValoriService.StartWithKeyAsync();
        await _service.CreateCollectionAsync(name: "mine");
        await _service.CreateCollectionAsync(name: "other");
    }

    public Task DisposeAsync() => _service.DisposeAsync();

    private IEnumerable<(string Method, RouteEndpoint Endpoint, EndpointAccess Access)> Routes =>
        from endpoint in _service.Part<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
        select (method, endpoint, endpoint.Metadata.GetRequiredMetadata<EndpointAccess>());

    /// <summary>Who may ask what is written down once more, by hand: a route that is new, or gets another role, must be read here by somebody.</summary>
    [Fact]
    public void The_role_that_each_route_needs_is_the_approved_one()
    {
        string[] found = [.. Routes.Where(route => route.Method != "HEAD")
            .Select(route => $"{route.Access.Role?.Word() ?? "anyone"} {route.Method} {route.Endpoint.RoutePattern.RawText}").Order(StringComparer.Ordinal)];
        string file = Path.Combine(SourceProject.Root, "tests", "Valori.Host.Tests", "Approved", "roles.txt");
        Assert.Equal(File.ReadAllLines(file), found);
    }

    [Theory]
    [InlineData(null, false, "mine")]
    [InlineData("read", false, "mine")]
    [InlineData("write", false, "mine")]
    [InlineData("admin", false, "mine")]
    [InlineData("read", true, "mine")]
    [InlineData("write", true, "mine")]
    [InlineData("admin", true, "mine")]
    [InlineData("read", true, "other")]
    [InlineData("write", true, "other")]
    [InlineData("admin", true, "other")]
    [InlineData("admin", true, "nobody-s")]
    public async Task Every_route_lets_through_who_may_and_no_one_else(string? roleWord, bool isLimited, string collection)
    {
        KeyRole? role = roleWord is null ? null : KeyNames.FindRole(roleWord);
        string? key = role is { } given ? _service.AddKey("asking", given, isLimited ? ["mine"] : []) : null;
        List<string> wrong = [];
        foreach ((string method, RouteEndpoint endpoint, EndpointAccess access) in Routes)
        {
            // What follows the name of the collection is wrong, so that nothing is carried out.
            string path = endpoint.RoutePattern.RawText!.Replace("/v1/collections/{name}", $"/v1/collections/{collection}", StringComparison.Ordinal)
                .Replace("{other}", collection, StringComparison.Ordinal).Replace("{name}", "no-such-key", StringComparison.Ordinal);
            path = System.Text.RegularExpressions.Regex.Replace(path, @"\{[a-z_]+\}", "x") + "?wrong=1";
            using HttpResponseMessage response = await _service.AskAsync(new HttpMethod(method), path, key);
            int expected = access.Role is not { } needed ? 0
                : role is null ? 401
                : access.IsOfCollection && isLimited && collection != "mine" ? 403
                : role < needed ? 403
                : endpoint.RoutePattern.RawText!.StartsWith("/v1/keys", StringComparison.Ordinal) && isLimited ? 403
                : 0;
            int status = (int)response.StatusCode;
            if (expected == 0 ? status != 400 : status != expected) wrong.Add($"{method} {path}: {status}, not {expected}");
            if (status == 403 && method != "HEAD") Assert.Contains("'asking'", await response.Content.ReadAsStringAsync());
            Assert.Equal(status == 401 ? ["Bearer realm=\"valori\""] : [], response.Headers.WwwAuthenticate.Select(challenge => challenge.ToString()));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("read", "POST", "/v1/collections/mine/records", "role write, and 'asking' has the role read")]
    [InlineData("read", "PUT", "/v1/collections/mine", "role admin, and 'asking' has the role read")]
    [InlineData("write", "DELETE", "/v1/collections/mine", "role admin, and 'asking' has the role write")]
    [InlineData("write", "POST", "/v1/keys", "role admin, and 'asking' has the role write")]
    public async Task A_refusal_names_the_role_that_the_request_needs(string role, string method, string path, string detail)
    {
        string key = _service.AddKey("asking", KeyNames.FindRole(role)!.Value);
        using HttpResponseMessage response = await _service.AskAsync(new HttpMethod(method), path, key, "{}");
        HttpAnswer answer = await HttpAnswer.OfAsync(response);
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (answer.Status, answer.Json.GetProperty("title").GetString()));
        Assert.Contains(detail, answer.Detail);
    }

    [Fact]
    public async Task A_limited_key_finds_its_own_collections_alone()
    {
        string key = _service.AddKey("asking", KeyRole.Admin, "mine", "planned");
        Assert.Equal("""{"collections":["mine"]}""", await TextAsync(HttpMethod.Get, "/v1/collections", key));
        Assert.Contains("\"name\":\"planned\"", await TextAsync(HttpMethod.Put, "/v1/collections/planned", key, """{"dimension":2}"""));
        Assert.Equal("""{"collections":["mine","planned"]}""", await TextAsync(HttpMethod.Get, "/v1/collections", key));
        // One that it may not see answers as one that does not exist.
        string there = await TextAsync(HttpMethod.Get, "/v1/collections/other", key), missing = await TextAsync(HttpMethod.Get, "/v1/collections/nobodys", key);
        Assert.Equal(missing.Replace("nobodys", "other", StringComparison.Ordinal), there);
        Assert.Contains("may not use the collection 'other'", there);
        // A second collection in the path is one too.
        Assert.Contains("may not use the collection 'other'", await TextAsync(HttpMethod.Post, "/v1/collections/mine/compare/other", key));
        Assert.Contains("\"is_complete\":true", await TextAsync(HttpMethod.Post, "/v1/collections/mine/compare/planned", key));
        Assert.Equal(["mine", "other", "planned"], (await _service.DoneAsync(HttpMethod.Get, "/v1/collections")).GetProperty("collections").EnumerateArray().Select(name => name.GetString()!));
    }

    private async Task<string> TextAsync(HttpMethod method, string path, string key, string? json = null)
    {
        using HttpResponseMessage response = await _service.AskAsync(method, path, key, json);
        return (await response.Content.ReadAsStringAsync()).TrimEnd('\n');
    }
}
