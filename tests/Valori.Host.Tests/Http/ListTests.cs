using System.Net;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Lists, records by ids and keys, and values of fields over HTTP.</summary>
public sealed class ListTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task Pages_come_in_the_order_that_was_asked_for()
    {
        string collection = await FilledAsync();
        Assert.Equal([0, 1, 2, 3], await ListedAsync(collection, ""));
        Assert.Equal([3, 2, 1, 0], await ListedAsync(collection, ""","descending":true"""));
        Assert.Equal([2, 1, 0, 3], await ListedAsync(collection, ""","order_by":"key" """));
        Assert.Equal([1, 0, 2, 3], await ListedAsync(collection, ""","order_by":"at.day" """));
        Assert.Equal([2, 0, 1, 3], await ListedAsync(collection, ""","order_by":"at.day","descending":true"""));
        Assert.Equal([2, 0], await ListedAsync(collection, ""","order_by":"at.day","descending":true,"filter":"user = 'ada'" """));

        await AssertRefusedAsync($"{collection}/records/list", """{"order_by":"tag"}""", "a list is ordered by id, key or a field, and not by tag: write $fields.tag");
        await AssertRefusedAsync($"{collection}/records/list", """{"sort":"key"}""", "unknown field 'sort': the order is in 'order_by'");
        await AssertRefusedAsync($"{collection}/records/list", """{"order_by":["key"]}""", "field 'order_by' must be");
    }

    [Fact]
    public async Task A_cursor_of_another_list_collection_or_state_is_refused()
    {
        string collection = await FilledAsync(), other = await FilledAsync();
        long at = (await service.DoneAsync(HttpMethod.Get, collection)).GetProperty("sequence_nr").GetInt64();
        string cursor = await CursorAsync(""), then = await CursorAsync($""","as_of":{at}""");
        await AssertTakenAsync(cursor, "");
        await AssertTakenAsync(then, $""","as_of":{at}""");
        foreach (string rest in (string[])[$""","as_of":{at}""", ""","order_by":"key" """, ""","descending":true""", ""","filter":"tag = 0" """])
            await AssertRefusedAsync($"{collection}/records/list", $$"""{"cursor":"{{cursor}}"{{rest}}}""", "the cursor is not one of this list");
        await AssertRefusedAsync($"{collection}/records/list", $$"""{"cursor":"{{then}}"}""", "the cursor is not one of this list");
        await AssertRefusedAsync($"{collection}/records/list", $$"""{"cursor":"{{then}}","as_of":{{at - 1}}}""", "the cursor is not one of this list");
        await AssertRefusedAsync($"{other}/records/list", $$"""{"cursor":"{{cursor}}"}""", "the cursor is not one of this list");

        async Task<string> CursorAsync(string rest) =>
            (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/list", $$"""{"limit":1{{rest}}}""")).GetProperty("cursor").GetString()!;

        async Task AssertTakenAsync(string taken, string rest) =>
            Assert.Equal(3, (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/list", $$"""{"cursor":"{{taken}}"{{rest}}}""")).GetProperty("records").GetArrayLength());
    }

    [Fact]
    public async Task Records_by_ids_and_keys_come_in_order_with_null_for_what_does_not_exist()
    {
        string collection = await FilledAsync();
        JsonElement answer = await service.DoneAsync(HttpMethod.Post, $"{collection}/records/get", """{"ids":[3,99,0],"keys":["b","nobody"],"with":["key"]}""");
        Assert.Equal("""{"records":[{"id":3},null,{"id":0,"key":"c"},{"id":1,"key":"b"},null]}""", answer.GetRawText());
        Assert.Equal("[1,2]", (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/get", """{"keys":["a"],"with":["vector"]}""")).GetProperty("records")[0].GetProperty("vector").GetRawText());
        Assert.Equal(0, (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/get", """{"ids":[]}""")).GetProperty("records").GetArrayLength());

        await AssertRefusedAsync($"{collection}/records/get", "{}", "neither ids nor keys is given: name at least one record");
        await AssertRefusedAsync($"{collection}/records/get", """{"keys":["a",""]}""", "keys[1]: the key is empty");
        await AssertRefusedAsync($"{collection}/records/get", """{"ids":[-1]}""", "ids[0] must be");
        await AssertRefusedAsync($"{collection}/records/get", $$"""{"ids":[{{string.Join(',', Enumerable.Range(0, 1_001))}}]}""", "1001 records are asked for; the limit of one answer is 1000", HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Values_of_a_field_come_with_the_number_of_records_that_have_them()
    {
        string collection = await FilledAsync();
        Assert.Equal(
            """{"values":[{"value":"ada","count":2},{"value":"bob","count":1}],"total":2}""",
            (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/distinct", """{"field":"user"}""")).GetRawText());
        Assert.Equal(
            """{"values":[{"value":"tea","count":2}],"total":3}""",
            (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/distinct", """{"field":"topics","limit":1}""")).GetRawText());
        Assert.Equal(
            """{"values":[{"value":1,"count":1},{"value":1.0,"count":1},{"value":{"$timestamp":"2026-01-01T00:00:00.000000Z"},"count":1}],"total":3}""",
            (await service.DoneAsync(HttpMethod.Post, $"{collection}/records/distinct", """{"field":"mixed","filter":"exists(mixed)"}""")).GetRawText());

        await AssertRefusedAsync($"{collection}/records/distinct", "{}", "field 'field' is missing");
        await AssertRefusedAsync($"{collection}/records/distinct", """{"field":"tag"}""", "values are counted of a field, and not of tag");
        await AssertRefusedAsync($"{collection}/records/distinct", """{"field":"user","limit":1001}""", "limit is 1001; it must be in 1..1000");
    }

    private async Task<string> FilledAsync()
    {
        string collection = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{collection}/records/batch", """
            {"records":[
              {"vector":[1,2],"key":"c","fields":{"user":"ada","at":{"day":2},"topics":["tea","tea","time"],"mixed":1.0}},
              {"vector":[1,2],"key":"b","fields":{"user":"bob","at":{"day":1.5},"topics":["tea","war"],"mixed":{"$timestamp":"2026-01-01"} }},
              {"vector":[1,2],"key":"a","fields":{"user":"ada","at":{"day":3},"mixed":1}},
              {"vector":[1,2]}]}
            """);
        return collection;
    }

    private async Task<List<int>> ListedAsync(string collection, string rest)
    {
        List<int> ids = [];
        for (string cursor = ""; ;)
        {
            JsonElement page = await service.DoneAsync(HttpMethod.Post, $"{collection}/records/list", $$"""{"limit":1,"with":["tag"]{{cursor}}{{rest}}}""");
            ids.AddRange(page.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("id").GetInt32()));
            if (!page.TryGetProperty("cursor", out JsonElement next)) return ids;
            cursor = $""","cursor":"{next.GetString()}" """;
        }
    }

    private async Task AssertRefusedAsync(string path, string body, string reason, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, path, body);
        Assert.True(answer.Status == status, answer.ToString());
        Assert.Contains(reason, answer.Detail, StringComparison.Ordinal);
    }
}
