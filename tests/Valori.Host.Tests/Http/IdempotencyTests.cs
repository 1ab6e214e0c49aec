using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>The header <c>Idempotency-Key</c>: a command that is sent again is carried out once.</summary>
public sealed class IdempotencyTests
{
    [Fact]
    public async Task The_same_key_again_gives_the_same_answer_and_changes_nothing_also_after_a_restart()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        (HttpMethod Method, string Path, string? Body)[] commands =
        [
            (HttpMethod.Post, "/records", """{"vector":[1,2],"tag":7}"""),
            (HttpMethod.Post, "/records/batch", """{"vectors":[[3,4],[5,6]]}"""),
            (HttpMethod.Put, "/records/0/metadata", """{"metadata":"aGVsbG8="}"""),
            (HttpMethod.Post, "/nodes", """{"kind":2}"""),
            (HttpMethod.Post, "/nodes", """{"kind":3,"record_id":0}"""),
            (HttpMethod.Post, "/edges", """{"from_id":0,"to_id":1,"kind":1}"""),
            (HttpMethod.Post, "/edges", """{"from_id":1,"to_id":0,"kind":1}"""),
            (HttpMethod.Delete, "/edges/1", null),
            (HttpMethod.Delete, "/nodes/1", null),
            (HttpMethod.Delete, "/records/2", null),
        ];
        List<string> first = [];
        for (int i = 0; i < commands.Length; i++)
        {
            HttpAnswer answer = await SendAsync(i);
            Assert.True((int)answer.Status == 200, $"{commands[i]}: {answer}");
            Assert.True(Receipts.Of(answer.Text).Place == PlaceText.Of(await service.DoneAsync(HttpMethod.Get, path)), $"{commands[i]}: {answer}");
            first.Add(answer.ToString());
        }
        string status = (await service.GetAsync(path)).Text;
        await AssertAgainAsync();
        await service.RestartAsync(() => { });
        await service.ReadinessAsync();
        await AssertAgainAsync();

        async Task AssertAgainAsync()
        {
            for (int i = 0; i < commands.Length; i++) Assert.Equal((i, first[i]), (i, (await SendAsync(i)).ToString()));
            Assert.Equal(status, (await service.GetAsync(path)).Text);
        }

        Task<HttpAnswer> SendAsync(int command) =>
            service.SendAsync(commands[command].Method, path + commands[command].Path, commands[command].Body, $"key-{command}");
    }

    [Fact]
    public async Task The_same_key_with_another_method_path_or_body_is_422_and_changes_nothing_also_after_a_restart()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        HttpAnswer first = await service.SendAsync(HttpMethod.Post, $"{path}/records", "{\"vector\":[1,2],\"tag\":7}", "a");
        string status = (await service.GetAsync(path)).Text;
        await AssertAsync();
        await service.RestartAsync(() => { });
        await service.ReadinessAsync();
        await AssertAsync();

        async Task AssertAsync()
        {
            foreach ((HttpMethod method, string what, string? body) in new[]
            {
                (HttpMethod.Delete, "/records/0", (string?)null),
                (HttpMethod.Post, "/records", "{\"vector\":[1,3],\"tag\":7}"),
                (HttpMethod.Post, "/records", "{\"vector\":[1,2],\"tag\":8}"),
                (HttpMethod.Post, "/records/batch", "{\"vectors\":[[1,2],[1,2]],\"tags\":[7,7]}"),
                (HttpMethod.Put, "/records/0/metadata", "{\"metadata\":\"\"}"),
                (HttpMethod.Post, "/nodes", "{\"kind\":1}"),
            })
            {
                HttpAnswer refused = await service.SendAsync(method, path + what, body, "a");
                Assert.Equal((422, "request_id_reused"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
                Assert.Equal("the request id 'a' was already used for another command, which got a receipt with the first id 0 and the count 1; nothing was done. Every command needs its own id", refused.Detail);
            }
            // Written in another way it is the same.
            Assert.Equal(first.ToString(), (await service.SendAsync(HttpMethod.Post, $"{path}/records", " {\"tag\":7, \"vector\":[1.0,2e0]}", "a")).ToString());
            Assert.Equal(status, (await service.GetAsync(path)).Text);
        }
    }

    [Fact]
    public async Task A_request_that_would_ignore_a_key_refuses_it()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        string status = (await service.GetAsync(path)).Text;
        foreach ((HttpMethod method, string what, string? body) in new[]
        {
            (HttpMethod.Get, "/v1/collections", (string?)null),
            (HttpMethod.Put, "/v1/collections/another", "{\"dimension\":2}"),
            (HttpMethod.Get, path, null),
            (HttpMethod.Get, $"{path}/count", null),
            (HttpMethod.Get, $"{path}/timeline", null),
            (HttpMethod.Post, $"{path}/search", "{\"vector\":[1,2],\"k\":1}"),
            (HttpMethod.Post, $"{path}/search/batch", "{\"vectors\":[[1,2]],\"k\":1}"),
            (HttpMethod.Post, $"{path}/save", null),
            (HttpMethod.Post, $"{path}/restore", "{}"),
            (HttpMethod.Post, $"{path}/compare/other", null),
        })
        {
            HttpAnswer refused = await service.SendAsync(method, what, body, "a-1");
            Assert.True((int)refused.Status == 400, $"{method} {what}: {refused}");
            Assert.True(refused.Detail.Contains("Idempotency-Key", StringComparison.Ordinal) || refused.Detail.Contains("'a-1'", StringComparison.Ordinal), refused.Detail);
        }
        Assert.Equal(status, (await service.GetAsync(path)).Text);
        Assert.Equal(404, (int)(await service.GetAsync("/v1/collections/another")).Status);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123x")]
    public async Task What_is_no_key_is_refused_with_its_name_and_leaves_no_trace(string key)
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        string status = (await service.GetAsync(path)).Text;
        foreach ((HttpMethod method, string what, string? body) in new[]
        {
            (HttpMethod.Post, "/records", """{"vector":[1,2]}"""),
            (HttpMethod.Put, "/records/0/metadata", """{"metadata":""}"""),
            (HttpMethod.Delete, "/records/0", (string?)null),
        })
        {
            HttpAnswer refused = await service.SendAsync(method, path + what, body, key);
            Assert.Equal((400, "invalid_argument"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
            Assert.Contains($"'{key}'", refused.Detail);
        }
        Assert.Equal(status, (await service.GetAsync(path)).Text);
    }
}
