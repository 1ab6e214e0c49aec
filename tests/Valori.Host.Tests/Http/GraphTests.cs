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

    [Fact]
    public async Task Walks_subgraphs_and_lists_take_what_kinds_filters_and_valid_time_let_through()
    {
        string path = await MakeAsync();
        await DoneAsync($"{path}/records", """{"vector":[1,2]}""");
        await DoneAsync($"{path}/nodes", """{"kind":3,"record_id":0}""");
        await DoneAsync($"{path}/edges", """{"from_id":0,"to_id":2,"kind":1}""");
        Assert.Equal("""{"nodes":[0,1,2]}""", await TextAsync($"{path}/nodes/0/expand?depth=1"));
        Assert.Equal("""{"nodes":[0,2]}""", await TextAsync($"{path}/nodes/0/expand?depth=1&valid_at=2025-12-31"));
        Assert.Equal("""{"nodes":[2,0,1]}""", await TextAsync($"{path}/nodes/2/expand?depth=2&direction=both&edge_kinds=1,9&node_kinds=2,3"));
        Assert.Equal("""{"nodes":[2,0]}""", await TextAsync($"{path}/nodes/2/expand?depth=9&direction=in&node_filter=exists(title)"));
        Assert.Equal("""{"nodes":[0,1]}""", await TextAsync($"{path}/nodes/0/expand?depth=1&edge_filter=%7B%22by%22%3A%22ada%22%7D"));

        const string ada = """{"id":0,"kind":2,"record_id":null,"fields":{"at":{"hour":7},"title":"tea"}}""", chunk = """{"id":2,"kind":3,"record_id":0}""", edge = """{"id":2,"from_id":0,"to_id":2,"kind":1}""";
        const string graph = $$"""{"nodes":[{{chunk}},{{ada}}],"edges":[{{edge}}],"is_complete":true}""";
        Assert.Equal(graph, await AnswerAsync("subgraph", """{"node_ids":[2]}"""));
        Assert.Equal(graph.Replace("true", "false"), await AnswerAsync("subgraph", """{"node_ids":[2],"depth":2,"limit":2}"""));
        Assert.Equal("""{"hits":[{"id":0,"score":0,"distance":0}],""" + graph[1..], await AnswerAsync("search/subgraph", """{"vector":[1,2],"k":1}"""));

        Assert.Equal($$"""{"nodes":[{{ada}}]}""", await AnswerAsync("nodes/list", """{"filter":"title starts_with 't'","kinds":[2,3]}"""));
        Assert.Equal($$"""{"nodes":[{{chunk}}]}""", await AnswerAsync("nodes/list", """{"record_id":0}"""));
        Assert.Equal($$"""{"edges":[{{edge}}]}""", await AnswerAsync("edges/list", """{"node_id":0,"direction":"out","valid_at":"2025-12-31"}"""));
        string cursor = JsonDocument.Parse(await AnswerAsync("edges/list", """{"limit":2}""")).RootElement.GetProperty("cursor").GetString()!;
        Assert.Equal($$"""{"edges":[{{edge}}]}""", await AnswerAsync("edges/list", $$"""{"cursor":"{{cursor}}"}"""));
        // A cursor is of one collection and one state.
        foreach (string other in new[] { $"{await MakeAsync()}/edges/list", $"{path}/edges/list" })
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Post, other, $$"""{"cursor":"{{cursor}}"{{(other.StartsWith(path, StringComparison.Ordinal) ? ",\"as_of\":6" : "")}}}""");
            Assert.Contains("the cursor is not one of this list", answer.Detail);
        }

        async Task<string> AnswerAsync(string to, string json)
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/{to}", json);
            Assert.True((int)answer.Status == 200, answer.ToString());
            return answer.Text;
        }
    }

    [Theory]
    [InlineData("subgraph", """{"node_ids":[0],"direction":"up"}""", 400, "field 'direction' is 'up'; it must be out, in or both")]
    [InlineData("subgraph", """{"node_ids":[0],"edge_kinds":[256]}""", 400, "edge_kinds[0] must be")]
    [InlineData("subgraph", """{"node_ids":[0],"edge_filter":"a = "}""", 400, "edge_filter, column 5: ")]
    [InlineData("subgraph", """{"node_ids":[0],"node_filter":""}""", 400, "node_filter")]
    [InlineData("search/subgraph", """{"vector":[1,2],"k":1,"filter":"a ="}""", 400, "the filter, column 4: ")]
    [InlineData("subgraph", """{"node_ids":[0],"node_filter":"tag = 7"}""", 400, "node_filter is about 'tag', and a node has none")]
    [InlineData("subgraph", """{"node_ids":[0],"edge_filter":"by = 'ada' and kind = 20"}""", 400, "'kind', which is not a field: kinds are in 'kinds' of a list, and in 'node_kinds' and 'edge_kinds' of a walk. A field of that name is $fields.kind")]
    [InlineData("search/subgraph", """{"vector":[1,2],"k":1,"node_filter":{"record_id":10}}""", 400, "A field of that name is $fields.record_id")]
    [InlineData("nodes/list", """{"filter":"kind in (10, 11)"}""", 400, "A field of that name is $fields.kind")]
    [InlineData("nodes/list", """{"filter":"not exists(record_id)"}""", 400, "the record of a node is in 'record_id' of a list of nodes")]
    [InlineData("edges/list", """{"filter":{"from_id":10}}""", 400, "the ends of an edge are in 'node_id' and 'direction' of a list of edges")]
    [InlineData("edges/list", """{"filter":"to_id = 10"}""", 400, "A field of that name is $fields.to_id")]
    [InlineData("edges/list", """{"filter":"a = 1 or valid_from >= '2026-01-01'"}""", 400, "a time at which edges are valid is in 'valid_at'")]
    [InlineData("edges/list", """{"filter":"valid_to = '2026-01-01'"}""", 400, "A field of that name is $fields.valid_to")]
    [InlineData("records/list", """{"filter":"expires_at > '2026-01-01'"}""", 400, "'expires_at', which is not a field: a filter on records is about their fields, key, tag and id")]
    [InlineData("records/delete", """{"filter":{"metadata":"x"}}""", 400, "A field of that name is $fields.metadata")]
    [InlineData("records/fields/where", """{"filter":"exists(expires_at)","fields":{"a":1}}""", 400, "$fields.expires_at")]
    [InlineData("search", """{"vector":[1,2],"k":1,"filter":"metadata = 'x'"}""", 400, "$fields.metadata")]
    [InlineData("search/batch", """{"vectors":[[1,2]],"k":1,"filter":"metadata = 'x'"}""", 400, "$fields.metadata")]
    [InlineData("records/distinct", """{"field":"user","filter":"metadata = 'x'"}""", 400, "$fields.metadata")]
    [InlineData("subgraph", """{"node_ids":[9]}""", 404, "node 9 does not exist")]
    [InlineData("nodes/list", """{"limit":1001}""", 400, "limit is 1001; it must be in 1..1000")]
    [InlineData("nodes/list", """{"kinds":[]}""", 400, "field 'kinds' is empty: leave it out for all kinds")]
    [InlineData("edges/list", """{"kinds":[1,1]}""", 400, "kinds[1] is 1, which appears twice")]
    [InlineData("nodes", """{"kind":2,"fields":{"a":null}}""", 400, "null")]
    [InlineData("nodes/7/fields", """{"fields":{"a":1}}""", 404, "node 7 does not exist")]
    [InlineData("nodes/0/fields/remove", """{"names":[]}""", 400, "no field to remove is named: give at least one field name")]
    [InlineData("edges", """{"from_id":0,"to_id":1,"kind":1,"valid_from":"2026-01-02","valid_to":"2026-01-02"}""", 400, "the end must be later")]
    [InlineData("edges", """{"from_id":0,"to_id":1,"kind":1,"valid_until":"2026-01-02"}""", 400, "valid_until")]
    [InlineData("edges/0/valid-time", """{}""", 400, "neither valid_from nor valid_to is set or cleared")]
    [InlineData("edges/0/valid-time", """{"clear":["valid_until"]}""", 400, "'clear' has 'valid_until'; it may have valid_from and valid_to")]
    [InlineData("edges/0/valid-time", """{"clear":["valid_to","valid_from","valid_to"]}""", 400, "'clear' has 'valid_to' twice")]
    [InlineData("subgraph", """{"node_ids":[0],"filter":"a = 1"}""", 400, "filter")]
    [InlineData("subgraph", """{"node_ids":[0],"edge_filter":"valid_at = 1 and kind = 2"}""", 400, "edge_filter is about 'kind', which is not a field")]
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

    [Fact]
    public async Task A_field_that_is_called_like_a_property_is_found_with_the_prefix_and_by_the_other_kind_of_filter()
    {
        string path = await MakeAsync();
        await DoneAsync($"{path}/nodes", """{"kind":4,"fields":{"kind":"green","metadata":"m"}}""");
        await DoneAsync($"{path}/records", """{"vector":[1,2],"fields":{"kind":"green","metadata":"m"}}""");
        foreach ((string to, string filter) in new[] { ("nodes", "$fields.kind = 'green'"), ("nodes", "metadata = 'm'"), ("records", "kind = 'green'"), ("records", "$fields.metadata = 'm'") })
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/{to}/list", $$"""{"filter":"{{filter}}"}""");
            Assert.True(answer.Json.GetProperty(to).GetArrayLength() == 1, $"{filter}: {answer}");
        }
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
