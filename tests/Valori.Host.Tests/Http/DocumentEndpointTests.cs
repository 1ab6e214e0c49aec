using System.Net;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Documents over HTTP: ingested again, found by their key, deleted, and refused by the place of what is wrong.</summary>
public sealed class DocumentEndpointTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task A_document_is_upserted_found_by_its_key_and_deleted()
    {
        string path = await service.CreateCollectionAsync();
        JsonElement first = await service.DoneAsync(HttpMethod.Post, $"{path}/documents/upsert", """{"key":"tea","fields":{"title":"On tea"},"next_kind":9,"chunks":[{"vector":[1,2],"key":"tea#0"},{"vector":[3,4]}]}""");
        Assert.Equal("0 [0,1] [1,2] false 0", Text(first));
        JsonElement second = await service.DoneAsync(HttpMethod.Post, $"{path}/documents/upsert", """{"key":"tea","chunks":[{"vector":[5,6],"key":"tea#0"}]}""");
        Assert.Equal("0 [2] [3] true 2", Text(second));
        Assert.Equal("""{"id":0,"kind":2,"record_id":null,"key":"tea"}""", (await service.GetAsync($"{path}/nodes/by-key?key=tea")).Text);
        Assert.Equal("""{"id":0,"kind":2,"record_id":null,"key":"tea","fields":{"title":"On tea"}}""", (await service.GetAsync($"{path}/nodes/by-key?key=tea&as_of=2")).Text);
        Assert.Equal("""{"nodes":[{"id":0,"kind":2,"record_id":null,"key":"tea"}]}""", (await service.DoneAsync(HttpMethod.Post, $"{path}/nodes/list", """{"filter":"key starts_with 't'"}""")).GetRawText());
        await RefusedAsync($"{path}/documents", """{"key":"tea","chunks":[]}""", HttpStatusCode.Conflict, "document 'tea' exists already as node 0: use an upsert to replace it");
        await RefusedAsync($"{path}/documents/upsert", """{"key":"tea","chunks":[{"vector":[1,2]},{"vector":[1]}]}""", HttpStatusCode.BadRequest, "chunks[1]: expected 2 components, got 1");
        await RefusedAsync($"{path}/documents/upsert", """{"chunks":[]}""", HttpStatusCode.BadRequest, "field 'key' is missing");
        await RefusedAsync($"{path}/documents/delete", "{}", HttpStatusCode.BadRequest, "neither key nor node_id is given: name the document by one of them");
        await RefusedAsync($"{path}/documents/delete", """{"key":"tea","node_id":0}""", HttpStatusCode.BadRequest, "key and node_id are both given: name the document by one of them");
        await RefusedAsync($"{path}/documents/delete", """{"key":"milk"}""", HttpStatusCode.NotFound, "no document has the key 'milk'");
        JsonElement deleted = await service.DoneAsync(HttpMethod.Post, $"{path}/documents/delete", """{"node_id":0}""");
        Assert.Equal("0 1", $"{deleted.GetProperty("node_id")} {deleted.GetProperty("deleted_records")}");
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"{path}/nodes/by-key?key=tea")).Status);
        Assert.Equal(0, (await service.DoneAsync(HttpMethod.Get, path)).GetProperty("record_count").GetInt32());
    }

    [Fact]
    public async Task An_upsert_answers_what_it_replaced()
    {
        string path = await service.CreateCollectionAsync();
        const string record = """{"vector":[1,2],"key":"k"}""";
        Assert.Equal(JsonValueKind.Null, (await service.DoneAsync(HttpMethod.Post, $"{path}/records/upsert", record)).GetProperty("replaced_id").ValueKind);
        Assert.Equal(0, (await service.DoneAsync(HttpMethod.Post, $"{path}/records/upsert", record)).GetProperty("replaced_id").GetInt32());
        JsonElement batch = await service.DoneAsync(HttpMethod.Post, $"{path}/records/upsert/batch", $$"""{"records":[{{record}},{"vector":[1,2],"key":"other"}]}""");
        Assert.Equal("[2,3] 1", $"{batch.GetProperty("ids").GetRawText()} {batch.GetProperty("replaced_count")}");
    }

    /// <summary>As soon as there is one too many, and not when all of them have been read.</summary>
    [Fact]
    public async Task A_document_with_too_many_chunks_is_refused_while_it_is_read()
    {
        string path = await service.CreateCollectionAsync();
        string chunks = string.Join(',', Enumerable.Repeat("""{"vector":[1,2]}""", 16_385));
        await RefusedAsync($"{path}/documents/upsert", $$"""{"key":"k","chunks":[{{chunks}},7]}""", HttpStatusCode.RequestEntityTooLarge, "document: more than 16384 chunks, which is the limit of one document: split it");
    }

    private static string Text(JsonElement answer) =>
        $"{answer.GetProperty("node_id")} {answer.GetProperty("record_ids").GetRawText()} {answer.GetProperty("node_ids").GetRawText()} {answer.GetProperty("replaced").GetRawText()} {answer.GetProperty("replaced_records")}";

    private async Task RefusedAsync(string path, string body, HttpStatusCode status, string error)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, path, body);
        Assert.Equal(status, answer.Status);
        Assert.Contains(error, answer.Detail);
    }
}
