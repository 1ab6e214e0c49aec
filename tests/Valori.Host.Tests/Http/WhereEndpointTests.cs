using System.Net;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Records are deleted and changed by a filter, and end at their time, as clients of the service ask for it.</summary>
public sealed class WhereEndpointTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const string Fields = "\"fields\":{\"read\":true}";

    [Fact]
    public async Task What_a_filter_lets_through_is_changed_and_deleted_and_the_answer_says_how_much()
    {
        string path = await FilledAsync();
        Assert.Equal("3 True", await DoneAsync($"{path}/records/fields/where", $$"""{"filter":"user = 'ada'",{{Fields}}}"""));
        Assert.Equal("{\"count\":3}", (await service.GetAsync($"{path}/count?filter=read%20%3D%20true")).Text);
        Assert.Equal("2 False", await DoneAsync($"{path}/records/fields/where/remove", """{"filter":{"read":true},"names":["read"],"limit":2}"""));
        Assert.Equal("{\"count\":1}", (await service.GetAsync($"{path}/count?filter=read%20%3D%20true")).Text);
        Assert.Equal("1 True", await DoneAsync($"{path}/records/fields/where", """{"filter":"read = true","fields":{"only":1},"replace":true}"""));

        Assert.Equal("2 True", await DoneAsync($"{path}/records/delete", """{"filter":{"user":"ada"}}"""));
        Assert.Equal("0 True", await DoneAsync($"{path}/records/delete", """{"filter":{"user":"ada"}}"""));
        Assert.Equal("1 False", await DoneAsync($"{path}/records/delete", """{"all":true,"limit":1}"""));
        Assert.Equal("2 True", await DoneAsync($"{path}/records/delete", """{"all":true}"""));
        Assert.Equal("{\"count\":0}", (await service.GetAsync($"{path}/count")).Text);
    }

    [Theory]
    [InlineData("delete", "{}", "field 'filter' is missing: it says which records. Write \"all\":true for every record")]
    [InlineData("delete", "{\"all\":false}", "field 'filter' is missing")]
    [InlineData("delete", "{\"filter\":\"\"}", "filter")]
    [InlineData("delete", "{\"filter\":{}}", "filter")]
    [InlineData("delete", "{\"filter\":\"tag = 1\",\"all\":true}", "filter and all are both given: give one of them")]
    [InlineData("delete", "{\"filtr\":\"tag = 1\"}", "unknown field 'filtr': did you mean 'filter'")]
    [InlineData("delete", "{\"all\":true,\"limit\":0}", "limit is 0; it must be at least 1")]
    [InlineData("fields/where", "{\"fields\":{\"read\":true}}", "field 'filter' is missing")]
    [InlineData("fields/where", "{\"all\":true}", "field 'fields' is missing")]
    [InlineData("fields/where/remove", "{\"all\":true,\"names\":[]}", "no field to remove is named")]
    [InlineData("expiry", "{\"record_id\":0}", "field 'expires_at' is missing")]
    [InlineData("expiry", "{\"expires_at\":\"2030-01-01T00:00:00Z\"}", "neither record_id nor key is given")]
    [InlineData("expiry/remove", "{\"record_id\":0,\"key\":\"k\"}", "record_id and key are both given")]
    public async Task What_does_not_say_which_records_is_refused_and_nothing_is_done(string route, string body, string detail)
    {
        string path = await FilledAsync();
        string before = (await service.GetAsync($"{path}/state-hash")).Text;
        HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{path}/records/{route}", body);
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(detail, refused.Detail);
        Assert.Equal(before, (await service.GetAsync($"{path}/state-hash")).Text);
    }

    [Fact]
    public async Task A_deletion_that_is_sent_again_has_the_first_answer_and_deletes_nothing_more()
    {
        string path = await FilledAsync();
        const string body = """{"filter":"user = 'ada'"}""";
        HttpAnswer first = await service.SendAsync(HttpMethod.Post, $"{path}/records/delete", body, "a");
        await service.SendAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2],"fields":{"user":"ada"}}""");
        Assert.Equal(first.Text, (await service.SendAsync(HttpMethod.Post, $"{path}/records/delete", body, "a")).Text);
        Assert.Equal("{\"count\":3}", (await service.GetAsync($"{path}/count")).Text);
        Assert.Equal("request_id_reused", (await service.SendAsync(HttpMethod.Post, $"{path}/records/delete", """{"all":true}""", "a")).Json.GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_record_has_another_expiry_and_is_gone_when_it_has_come()
    {
        string path = await FilledAsync();
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Post, $"{path}/records/expiry", """{"record_id":0,"expires_at":"2300-01-01T00:00:00Z"}""")).Status);
        Assert.Contains("\"expires_at\":\"2300-01-01T00:00:00.000000Z\"", (await service.GetAsync($"{path}/records/0")).Text);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Post, $"{path}/records/expiry/remove", """{"record_id":0}""")).Status);
        Assert.DoesNotContain("expires_at", (await service.GetAsync($"{path}/records/0")).Text);
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Post, $"{path}/records/expiry", """{"record_id":0,"expires_at":"2020-01-01T00:00:00Z"}""")).Status);
        for (DateTime end = DateTime.UtcNow.AddSeconds(30); (await service.GetAsync($"{path}/records/0")).Status != HttpStatusCode.NotFound;)
        {
            Assert.True(DateTime.UtcNow < end, "the record did not expire in time");
            await Task.Yield();
        }
        Assert.Contains("\"kind\":\"records_expired\",\"first_id\":0,\"count\":1", (await service.GetAsync($"{path}/timeline?from=1")).Text);
    }

    /// <summary>Three records of ada and two of bob.</summary>
    private async Task<string> FilledAsync()
    {
        string path = await service.CreateCollectionAsync();
        string[] records = [.. new[] { "ada", "bob", "ada", "bob", "ada" }.Select(user => $$"""{"vector":[1,2],"fields":{"user":"{{user}}"} }""")];
        Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"records":[{{string.Join(',', records)}}]}""")).Status);
        return path;
    }

    private async Task<string> DoneAsync(string path, string body)
    {
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, path, body);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.True(answer.Json.GetProperty("receipt").GetProperty("sequence_nr").GetInt64() > 1);
        return $"{answer.Json.GetProperty("count")} {answer.Json.GetProperty("is_complete")}";
    }
}
