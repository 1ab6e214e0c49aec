using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Keys, fields and expiry of records, over HTTP.</summary>
public sealed class KeyTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task A_record_is_inserted_read_replaced_and_deleted_by_its_key()
    {
        const string query = "key=a%2Fb+%26+%C3%BC";
        string path = await service.CreateCollectionAsync();
        await DoneAsync("records", """{"vector":[1,2],"tag":7,"key":"a/b & ü","fields":{"user":"ada","at":{"hour":7},"n":1.0,"topics":["tea"]},"metadata":"AA==","expires_at":"2030-01-01T00:00:00Z"}""");
        Assert.Equal(
            """{"id":0,"tag":7,"vector":[1,2],"metadata":"AA==","key":"a/b & ü","fields":{"at":{"hour":7},"n":1.0,"topics":["tea"],"user":"ada"},"expires_at":"2030-01-01T00:00:00.000000Z"}""",
            (await service.GetAsync($"{path}/records/by-key?{query}")).Text);
        HttpAnswer conflict = await service.SendAsync(HttpMethod.Post, $"{path}/records", """{"vector":[3,4],"key":"a/b & ü"}""");
        Assert.Equal((409, "the key 'a/b & ü' is already used by the record with id 0: use upsert to replace it, or delete it first"), ((int)conflict.Status, conflict.Detail));

        Assert.Equal(1, (await DoneAsync("records/upsert", """{"vector":[3,4],"key":"a/b & ü"}""")).GetProperty("id").GetInt32());
        const string replaced = """{"id":1,"tag":0,"vector":[3,4],"metadata":null,"key":"a/b & ü"}""";
        Assert.Equal(replaced, (await service.GetAsync($"{path}/records/by-key?{query}")).Text);
        Assert.Equal("record 0 was deleted", (await service.GetAsync($"{path}/records/0")).Detail);
        Assert.Equal("""{"exists":true,"id":1}""", (await service.GetAsync($"{path}/records/exists?{query}")).Text);
        Assert.Equal("""{"exists":false,"id":null}""", (await service.GetAsync($"{path}/records/exists?record_id=0")).Text);

        await service.DoneAsync(HttpMethod.Delete, $"{path}/records/by-key?{query}");
        HttpAnswer gone = await service.GetAsync($"{path}/records/by-key?{query}");
        Assert.Equal(404, (int)gone.Status);
        Assert.Contains("'a/b & ü'", gone.Detail);
        Assert.Equal(replaced, (await service.GetAsync($"{path}/records/by-key?{query}&as_of=3")).Text);

        Task<JsonElement> DoneAsync(string to, string json) => service.DoneAsync(HttpMethod.Post, $"{path}/{to}", json);
    }

    [Fact]
    public async Task A_batch_has_records_with_their_vectors_and_fields_are_merged_replaced_and_removed()
    {
        string path = await service.CreateCollectionAsync();
        await DoneAsync("batch", """{"records":[{"vector":[1,2],"tag":7,"key":"a","fields":{"n":1}},{"tag":8,"vector":[3,4]}]}""");
        await DoneAsync("upsert/batch", """{"records":[{"vector":[5,6],"key":"a","fields":{"n":2,"m":3}},{"key":"b","vector":[7,8]}]}""");
        await HasAsync("""{"m":3,"n":2}""");
        Assert.Equal("""{"id":1,"tag":8,"vector":[3,4],"metadata":null}""", (await service.GetAsync($"{path}/records/1")).Text);
        await DoneAsync("fields", """{"key":"a","fields":{"n":5,"at":{"x":true}}}""");
        await HasAsync("""{"at":{"x":true},"m":3,"n":5}""");
        await DoneAsync("fields/remove", """{"record_id":2,"names":["at","m"]}""");
        await HasAsync("""{"n":5}""");
        await DoneAsync("fields", """{"record_id":2,"fields":{"z":"new"},"replace":true}""");
        await HasAsync("""{"z":"new"}""");

        Task<JsonElement> DoneAsync(string to, string json) => service.DoneAsync(HttpMethod.Post, $"{path}/records/{to}", json);

        async Task HasAsync(string fields) => Assert.Equal(
            $$"""{"id":2,"tag":0,"vector":[5,6],"metadata":null,"key":"a","fields":{{fields}}""" + "}", (await service.GetAsync($"{path}/records/by-key?key=a")).Text);
    }

    [Theory]
    [InlineData("records", """{"vector":[1,2],"key":""}""", 400, "key")]
    [InlineData("records", """{"vector":[1,2],"key":7}""", 400, "'key' must be a string")]
    [InlineData("records", """{"vector":[1,2],"fields":[1]}""", 400, "'fields' must be a JSON object")]
    [InlineData("records", """{"vector":[1,2],"fields":{"a":null}}""", 400, "null")]
    [InlineData("records", """{"vector":[1,2],"fields":{"$a":1}}""", 400, "$a")]
    [InlineData("records", """{"vector":[1,2],"fields":{"a":{"b":1},"a.b":2}}""", 400, "a.b")]
    [InlineData("records", """{"vector":[1,2],"fields":{"n":9223372036854775808}}""", 400, "9223372036854775808")]
    [InlineData("records", """{"vector":[1,2],"expires_at":"tomorrow"}""", 400, "'expires_at' must be a time")]
    [InlineData("records", """{"vector":[1,2],"metadata":"?"}""", 400, "'metadata' must be base64 text")]
    [InlineData("records/upsert", """{"vector":[1,2]}""", 400, "field 'key' is missing")]
    [InlineData("records/fields", """{"fields":{"a":1}}""", 400, "neither record_id nor key is given")]
    [InlineData("records/fields", """{"fields":{"a":1},"key":"x","record_id":1}""", 400, "both given")]
    [InlineData("records/fields", """{"fields":{"a":1},"key":"nobody"}""", 404, "'nobody'")]
    [InlineData("records/fields/remove", """{"names":[],"record_id":0}""", 400, "no field to remove is named: give at least one field name")]
    [InlineData("records/fields/remove", """{"names":[1],"record_id":0}""", 400, "names[0] must be a text")]
    public async Task Whatever_is_wrong_is_refused_by_name_and_leaves_no_trace(string to, string json, int status, string message)
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        string before = (await service.GetAsync(path)).Text;
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/{to}", json);
        Assert.True((int)answer.Status == status && answer.Detail.Contains(message, StringComparison.Ordinal), answer.ToString());
        Assert.Equal(before, (await service.GetAsync(path)).Text);
    }

    [Fact]
    public async Task The_longest_key_is_kept_and_a_longer_one_refused_with_its_length()
    {
        string path = await service.CreateCollectionAsync(), longest = new('é', 128);
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[1,2],"key":"{{longest}}"}""");
        Assert.Contains(longest, (await service.GetAsync($"{path}/records/by-key?key={Uri.EscapeDataString(longest)}")).Text);
        HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[1,2],"key":"{{longest}}x"}""");
        Assert.Equal(400, (int)refused.Status);
        Assert.Contains("257", refused.Detail);
    }
}
