using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Fields of nodes and edges and the valid time of edges, over HTTP.</summary>
public sealed class GraphTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task Nodes_and_edges_show_their_fields_and_valid_time_and_only_what_they_have()
    {
        string path = await MakeAsync();
        Assert.Equal("""{"id":0,"kind":2,"record_id":null,"fields":{"at":{"hour":7},"title":"tea"}}""", await TextAsync($"{path}/nodes/0"));
        Assert.Equal("""{"id":1,"kind":3,"record_id":null}""", await TextAsync($"{path}/nodes/1"));
        const string edge = """{"id":0,"from_id":0,"to_id":1,"kind":1,"fields":{"by":"ada"},"valid_from":"2026-01-01T00:00:00.000000Z"}""", plain = """{"id":1,"from_id":1,"to_id":0,"kind":2}""";
        Assert.Equal(edge, await TextAsync($"{path}/edges/0"));
        Assert.Equal(plain, await TextAsync($"{path}/edges/1"));
        Assert.Equal($$"""{"outgoing":[{{edge}}],"incoming":[{{plain}}]}""", await TextAsync($"{path}/nodes/0/edges"));
    }

    [Fact]
    public async Task Fields_are_set_and_removed_and_a_fact_ends_while_the_past_keeps_what_was_known()
    {
        string path = await MakeAsync();
        await DoneAsync($"{path}/nodes/0/fields", """{"fields":{"n":1}}""");
        await DoneAsync($"{path}/nodes/0/fields/remove", """{"names":["at"]}""");
        Assert.Equal("""{"id":0,"kind":2,"record_id":null,"fields":{"n":1,"title":"tea"}}""", await TextAsync($"{path}/nodes/0"));
        await DoneAsync($"{path}/edges/0/fields", """{"fields":{"by":"bob"},"replace":true}""");
        await DoneAsync($"{path}/edges/0/fields/remove", """{"names":["by"]}""");
        long known = (await DoneAsync($"{path}/edges/0/valid-time", """{"valid_to":"2026-03-01"}""")).GetProperty("receipt").GetProperty("sequence_nr").GetInt64();
        const string ended = """{"id":0,"from_id":0,"to_id":1,"kind":1,"valid_from":"2026-01-01T00:00:00.000000Z","valid_to":"2026-03-01T00:00:00.000000Z"}""";
        Assert.Equal(ended, await TextAsync($"{path}/edges/0"));
        await DoneAsync($"{path}/edges/0/valid-time", """{"valid_from":"2025-01-01T12:00:00Z","clear":["valid_to"]}""");
        Assert.Equal("""{"id":0,"from_id":0,"to_id":1,"kind":1,"valid_from":"2025-01-01T12:00:00.000000Z"}""", await TextAsync($"{path}/edges/0"));
        Assert.Equal(ended, await TextAsync($"{path}/edges/0?as_of={known}"));
    }

    [Theory]
    [InlineData("nodes", """{"kind":2,"fields":{"a":null}}""", 400, "null")]
    [InlineData("nodes/7/fields", """{"fields":{"a":1}}""", 404, "node 7 does not exist")]
    [InlineData("nodes/0/fields/remove", """{"names":[]}""", 400, "no field to remove is named: give at least one field name")]
    [InlineData("edges", """{"from_id":0,"to_id":1,"kind":1,"valid_from":"2026-01-02","valid_to":"2026-01-02"}""", 400, "the end must be later")]
    [InlineData("edges", """{"from_id":0,"to_id":1,"kind":1,"valid_until":"2026-01-02"}""", 400, "valid_until")]
    [InlineData("edges/0/valid-time", """{}""", 400, "neither valid_from nor valid_to is set or cleared")]
    [InlineData("edges/0/valid-time", """{"clear":["valid_until"]}""", 400, "'clear' has 'valid_until'; it may have valid_from and valid_to")]
    [InlineData("edges/0/valid-time", """{"valid_to":"2026-01-02","clear":["valid_to"]}""", 400, "valid_to is both set and cleared")]
    [InlineData("edges/0/valid-time", """{"valid_to":"2020-01-02"}""", 400, "the end must be later")]
    public async Task What_cannot_be_is_refused_and_changes_nothing(string to, string json, int status, string detail)
    {
        string path = await MakeAsync();
        string before = await TextAsync($"{path}/state-hash");
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/{to}", json);
        Assert.Equal(status, (int)answer.Status);
        Assert.Contains(detail, answer.Detail);
        Assert.Equal(before, await TextAsync($"{path}/state-hash"));
    }

    private async Task<string> MakeAsync()
    {
        string path = await service.CreateCollectionAsync();
        await DoneAsync($"{path}/nodes", """{"kind":2,"fields":{"title":"tea","at":{"hour":7}}}""");
        await DoneAsync($"{path}/nodes", """{"kind":3}""");
        await DoneAsync($"{path}/edges", """{"from_id":0,"to_id":1,"kind":1,"fields":{"by":"ada"},"valid_from":"2026-01-01"}""");
        await DoneAsync($"{path}/edges", """{"from_id":1,"to_id":0,"kind":2}""");
        return path;
    }

    private Task<JsonElement> DoneAsync(string path, string json) => service.DoneAsync(HttpMethod.Post, path, json);

    private async Task<string> TextAsync(string path) => (await service.GetAsync(path)).Text;
}
