using System.Text;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Transactions and documents over HTTP: read as they arrive, carried out together, and refused by the place of a command.</summary>
public sealed class TransactionEndpointTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task Commands_refer_to_what_earlier_ones_create_and_the_answer_has_all_ids()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[9,9]}""");
        JsonElement answer = await service.DoneAsync(HttpMethod.Post, $"{path}/transactions", """
            {"commands":[
              {"op":"create_node","kind":2,"fields":{"title":"On tea"}},
              {"vectors":[[1,2],[3,4]],"tags":[7,8],"op":"insert_batch"},
              {"op":"create_node","record_id":{"item":1,"ref":1},"kind":3},
              {"op":"create_edge","from_id":{"ref":0},"to_id":{"ref":2},"kind":1,"valid_from":"2026-01-01"},
              {"op":"upsert","key":"k","vector":[5,6],"fields":{"user":"ada"}},
              {"op":"set_fields","record_id":{"ref":4},"fields":{"n":1}},
              {"op":"soft_delete","record_id":0}]}
            """);
        Assert.Equal("""[{"id":0},{"ids":[1,2]},{"id":1},{"id":0},{"id":3},{},{}]""", answer.GetProperty("results").GetRawText());
        Assert.Equal((3L, 1, 3), (answer.GetProperty("receipt").GetProperty("sequence_nr").GetInt64(), answer.GetProperty("receipt").GetProperty("first_id").GetInt32(), answer.GetProperty("receipt").GetProperty("count").GetInt32()));
        JsonElement record = await service.DoneAsync(HttpMethod.Get, $"{path}/records/by-key?key=k");
        Assert.Equal("""{"n":1,"user":"ada"}""", record.GetProperty("fields").GetRawText());
        JsonElement node = await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/1");
        Assert.Equal(2, node.GetProperty("record_id").GetInt32());
        JsonElement events = await service.DoneAsync(HttpMethod.Get, $"{path}/timeline?from=3");
        Assert.Equal(
            ["transacted", "node_put", "records_inserted", "node_created", "edge_put", "records_put", "fields_set", "record_deleted"],
            events.GetProperty("events")[0].GetProperty("changes").EnumerateArray().Select(change => change.GetProperty("kind").GetString()!));
    }

    [Theory]
    [InlineData("""{}""", 400, "field 'commands' is missing")]
    [InlineData("""{"commands":[]}""", 400, "the transaction has no commands")]
    [InlineData("""{"commands":{}}""", 400, "field 'commands' must be an array of objects")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":0},7]}""", 400, "command 1 must be an object, got 7")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":0},{"op":"search","vector":[1,2],"k":1}]}""", 400, "command 1: a transaction cannot hold 'search'; it can hold insert")]
    [InlineData("""{"commands":[{"op":"transact","commands":[]}]}""", 400, "command 0: a transaction cannot hold 'transact'")]
    [InlineData("""{"commands":[{"op":"soft_delet","record_id":0}]}""", 400, "command 0: unknown op 'soft_delet': did you mean 'soft_delete'")]
    [InlineData("""{"commands":[{"record_id":0}]}""", 400, "command 0: field 'op' is missing")]
    [InlineData("""{"commands":[{"op":"soft_delete","record":0}]}""", 400, "command 0: unknown field 'record'; the command 'soft_delete' takes op, record_id")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":0,"request_id":"x"}]}""", 400, "command 0: unknown field 'request_id'")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":0,"record_id":0}]}""", 400, "command 0: field 'record_id' appears more than once")]
    [InlineData("""{"commands":[{"op":"insert","vector":[1,2]},{"op":"insert","vector":[1,"x"]}]}""", 400, "command 1: vector[1] must be a number, got \"x\"")]
    [InlineData("""{"commands":[{"op":"insert","vector":[1,2,3]}]}""", 400, "command 0: vector 0: expected 2 components, got 3")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":{"ref":0}}]}""", 400, "command 0: record_id refers to command 0; it can refer to an earlier command only, of which there are 0")]
    [InlineData("""{"commands":[{"op":"create_node","kind":1},{"op":"soft_delete","record_id":{"ref":0}}]}""", 400, "command 1: record_id refers to command 0, which creates a node, not a record")]
    [InlineData("""{"commands":[{"op":"insert","vector":[1,2],"tag":{"ref":0}}]}""", 400, "command 0: field 'tag' is a reference; it must be a whole number")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":{"ref":0,"index":1}}]}""", 400, "command 0: record_id: unknown field 'index'; a reference takes ref, item")]
    [InlineData("""{"commands":[{"op":"soft_delete","record_id":{"item":1}}]}""", 400, "command 0: record_id: field 'ref' is missing")]
    [InlineData("""{"commands":[{"op":"set_fields","record_id":0,"key":"k","fields":{"a":1}}]}""", 400, "command 0: record_id and key are both given")]
    [InlineData("""{"commands":[{"op":"insert","vector":[1,2],"key":"new"},{"op":"soft_delete","record_id":77}]}""", 404, "command 1: record 77 does not exist before the transaction")]
    [InlineData("""{"commands":[{"op":"insert","vector":[1,2],"key":"new"},{"op":"insert","vector":[1,2],"key":"new"}]}""", 409, "command 1: the key 'new' is already used by the record with id 1")]
    public async Task A_command_that_is_wrong_is_named_and_nothing_happens(string body, int status, string error)
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[9,9]}""");
        string before = (await service.DoneAsync(HttpMethod.Get, path)).GetRawText();
        await RefusedAsync($"{path}/transactions", body, status, error);
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, path)).GetRawText());
    }

    [Fact]
    public async Task A_command_may_be_large_in_numbers_and_not_beside_them_and_there_is_a_limit_to_how_many()
    {
        string path = await service.CreateCollectionAsync();
        StringBuilder body = new("""{"commands":[{"op":"create_node","kind":2},{"op":"insert_batch","vectors":[[1,2]""");
        for (int i = 0; i < 300_000; i++) body.Append(",[1,2]");
        body.Append("]}]}");
        Assert.True(body.Length > 1_800_000, $"{body.Length}");
        await service.DoneAsync(HttpMethod.Post, $"{path}/transactions", body.ToString());
        Assert.Equal(300_001, (await service.DoneAsync(HttpMethod.Get, path)).GetProperty("record_count").GetInt32());
        await RefusedAsync($"{path}/transactions", $$"""{"commands":[{"op":"create_node","kind":2},{"op":"set_metadata","record_id":0,"metadata":"{{new string('A', 2 << 20)}}"}]}""", 413, "command 1 has more than 1048576 bytes beside");
        string many = string.Join(',', Enumerable.Repeat("""{"op":"create_node","kind":2}""", 16_385));
        await RefusedAsync($"{path}/transactions", $$"""{"commands":[{{many}}]}""", 413, "the transaction has more than 16384 commands, which is the limit: split it");
    }

    [Fact]
    public async Task A_document_is_added_once_however_often_it_is_sent()
    {
        string path = await service.CreateCollectionAsync();
        const string body = """{"fields":{"title":"On tea"},"record":{"vector":[7,7],"key":"tea"},"next_kind":9,"chunks":[{"vector":[1,2],"key":"tea#0"},{"vector":[3,4],"key":"tea#1"}]}""";
        string first = await SendAsync($"{path}/documents", body), again = await SendAsync($"{path}/documents", body);
        Assert.Equal(first, again);
        JsonElement answer = JsonDocument.Parse(first).RootElement;
        Assert.Equal("0 0 [1,2] [1,2]", $"{answer.GetProperty("node_id")} {answer.GetProperty("record_id")} {answer.GetProperty("record_ids").GetRawText()} {answer.GetProperty("node_ids").GetRawText()}");
        JsonElement edges = await service.DoneAsync(HttpMethod.Get, $"{path}/nodes/1/edges");
        Assert.Equal((9, 1), (edges.GetProperty("outgoing")[0].GetProperty("kind").GetInt32(), edges.GetProperty("incoming")[0].GetProperty("kind").GetInt32()));
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1,2]},{"vector":[1]}]}""", 400, "chunks[1]: expected 2 components, got 1");
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1]}]}""", 400, "chunks[0]: expected 2 components, got 1");
        await RefusedAsync($"{path}/documents", """{"chunks":[],"record":{"vector":[1]}}""", 400, "record: expected 2 components, got 1");
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1,2]},{"vector":[1,2],"key":"tea#1"}]}""", 409, "chunks[1]: the key 'tea#1' is already used by the record with id 2");
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1,2],"key":"tea#1"}]}""", 409, "chunks[0]: the key 'tea#1' is already used by the record with id 2");
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1,2],"key":"x"},{"vector":[1,2],"key":"x"}],"record":{"vector":[1,2]}}""", 400, "chunks[1]: the key 'x' appears twice");
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1,2],"key":"x"}],"record":{"vector":[1,2],"key":"x"}}""", 400, "chunks[0]: the key 'x' is that of record too");
        await RefusedAsync($"{path}/documents", """{"chunks":[],"record":{"vector":[1,2],"key":"tea"}}""", 409, "record: the key 'tea' is already used by the record with id 0");
        await RefusedAsync($"{path}/documents", """{"chunks":[{"vector":[1,2]},{"vector":["x",1]}]}""", 400, "chunks[1]: vector[0] must be a number");
        await RefusedAsync($"{path}/documents", """{"chunks":[],"record":{"key":"x"}}""", 400, "record: field 'vector' is missing");
    }

    private async Task<string> SendAsync(string path, string body) => (await service.SendAsync(HttpMethod.Post, path, body, "doc-1")).Text;

    private async Task RefusedAsync(string path, string body, int status, string message)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, path, body);
        Assert.True((int)answer.Status == status && answer.Detail.Contains(message, StringComparison.Ordinal), answer.ToString());
    }
}
