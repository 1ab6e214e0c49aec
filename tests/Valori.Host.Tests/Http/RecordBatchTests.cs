using System.Text;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Batches of records that carry their own vectors: what is wrong with one of them is refused with its index.</summary>
public sealed class RecordBatchTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const string Insert = "records/batch", Upsert = "records/upsert/batch";

    [Fact]
    public async Task Records_without_anything_else_are_the_same_event_as_vectors_and_tags()
    {
        string path = await service.CreateCollectionAsync(), other = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/{Insert}", """{"records":[{"vector":[1,2],"tag":7},{"vector":[3,4]}]}""");
        await service.DoneAsync(HttpMethod.Post, $"{other}/{Insert}", """{"vectors":[[1,2],[3,4]],"tags":[7,0]}""");
        Assert.Equal(await StateHashAsync(path), await StateHashAsync(other));
        await service.DoneAsync(HttpMethod.Post, $"{path}/{Insert}", """{"records":[]}""");
        Assert.Equal(await StateHashAsync(path), await StateHashAsync(other));
    }

    [Fact]
    public async Task A_batch_may_have_many_times_more_beside_its_vectors_than_one_record()
    {
        string path = await service.CreateCollectionAsync(), text = new('x', 60_000), metadata = Convert.ToBase64String(new byte[65_536]);
        StringBuilder body = new("""{"records":[""");
        for (int i = 0; i < 100; i++) body.Append($$"""{{(i == 0 ? "" : ",")}}{"vector":[{{i}},1],"key":"k{{i}}","fields":{"text":"{{text}}"},"metadata":"{{metadata}}"}""");
        body.Append("]}");
        Assert.True(body.Length > 14_000_000, $"{body.Length}");
        await service.DoneAsync(HttpMethod.Post, $"{path}/{Insert}", body.ToString());
        JsonElement last = await service.DoneAsync(HttpMethod.Get, $"{path}/records/by-key?key=k99");
        Assert.Equal(text, last.GetProperty("fields").GetProperty("text").GetString());
        Assert.Equal(metadata, last.GetProperty("metadata").GetString());
    }

    [Fact]
    public async Task A_record_that_has_more_than_a_mebibyte_beside_its_vector_is_413_with_its_index()
    {
        string token = new('x', 3 << 20), spaces = string.Concat(Enumerable.Repeat(new string(' ', 1_000) + "\"a\":1,", 2_000));
        foreach (string more in new[] { $"\"metadata\":\"{token}\"", $"\"fields\":{{{spaces}\"b\":1}}" })
            await RefusedAsync(Insert, $$"""{"records":[{"vector":[1,2]},{"vector":[1,2],{{more}}}]}""", 413, "records[1] has more than 1048576 bytes beside the numbers of its vector");
    }

    [Theory]
    [InlineData(Insert, "{}", 400, "neither records nor vectors is given")]
    [InlineData(Insert, """{"tags":[1]}""", 400, "neither records nor vectors is given")]
    [InlineData(Insert, """{"vectors":[[1,2]],"records":[{"vector":[1,2]}]}""", 400, "records and vectors are both given")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]}],"tags":[1]}""", 400, "records and tags are both given")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]}],"ids":[1]}""", 400, "your own names are the keys in 'records'")]
    [InlineData(Insert, """{"records":{"vector":[1,2]}}""", 400, "field 'records' must be an array of objects")]
    [InlineData(Insert, """{"records":[[1,2]]}""", 400, "records[0]: expected a JSON object, got an array")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},7]}""", 400, "records[1]: expected a JSON object, got a number")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"key":"x"}]}""", 400, "records[1]: field 'vector' is missing")]
    [InlineData(Insert, """{"records":[{"vector":"x"}]}""", 400, "records[0]: vector must be an array of numbers")]
    [InlineData(Insert, """{"records":[{"vector":null}]}""", 400, "records[0]: field 'vector' is null")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"vector":[1,2]}]}""", 400, "records[0]: field 'vector' appears more than once")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1,"x"]}]}""", 400, "records[1]: vector[1] must be a number, got \"x\"")]
    [InlineData(Insert, """{"records":[{"vector":[1,[2]]}]}""", 400, "records[0]: vector[1] must be a number, got an array")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1,1e39]}]}""", 400, "records[1]: vector[1] is 1e39, out of the range of float32")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1]}]}""", 400, "vector 1: expected 2 components, got 1")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1,40000],"key":"x"}]}""", 400, "vector 1: component 1 is 40000")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"tag":-1}]}""", 400, "records[0]: field 'tag' must be a whole number from 0 to 18446744073709551615, got -1")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"kye":"x"}]}""", 400, "records[0]: unknown field 'kye': did you mean 'key'")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"id":7}]}""", 400, "records[0]: unknown field 'id': the collection assigns the ids; your own name for a record is its 'key'")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"key":"x"},{"vector":[1,2],"key":"x"}]}""", 400, "record 1 of the batch: the key 'x' appears twice")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1,2],"key":"taken"}]}""", 409, "record 1 of the batch: the key 'taken' is already used by the record with id 0")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1,2],"key":""}]}""", 400, "records[1]: ")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"fields":{"a":null}}]}""", 400, "records[0]: ")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"fields":{"n":9223372036854775808}}]}""", 400, "9223372036854775808")]
    [InlineData(Insert, """{"records":[{"vector":[1,2]},{"vector":[1,2],"expires_at":"tomorrow"}]}""", 400, "records[1]: field 'expires_at' must be a time")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"metadata":"?"}]}""", 400, "records[0]: field 'metadata' must be base64 text")]
    [InlineData(Insert, """{"records":[{"vector":[1,2],"\ud800":1}]}""", 400, "records[0]: a field's name has half of a surrogate pair")]
    [InlineData(Upsert, """{"records":[{"vector":[1,2],"key":"taken"},{"vector":[1,2]}]}""", 400, "record 1 has no key")]
    [InlineData(Upsert, """{"vectors":[[1,2]],"records":[{"key":"x"}]}""", 400, "unknown field 'vectors': each object of 'records' has its own 'vector'")]
    [InlineData(Upsert, """{"records":[{"vector":[1,2],"key":"x"}],"tags":[1]}""", 400, "unknown field 'tags': each object of 'records' has its own 'tag'")]
    [InlineData(Upsert, "{}", 400, "field 'records' is missing")]
    public Task What_is_wrong_with_a_batch_is_refused_with_the_place_and_leaves_no_trace(string to, string json, int status, string message) =>
        RefusedAsync(to, json, status, message);

    [Fact]
    public async Task Limits_of_a_record_are_refused_with_the_value_and_the_index()
    {
        await RefusedAsync(Insert, Second($$""" "key":"{{new string('k', 257)}}" """), 400, "records[1]: the key is 257 bytes");
        await RefusedAsync(Insert, Second($$""" "metadata":"{{Convert.ToBase64String(new byte[65_537])}}" """), 413, "record 1 of the batch: metadata is 65537 bytes; the limit is 65536");
        await RefusedAsync(Insert, Second($$""" "fields":{"a":"{{new string('x', 65_536)}}"} """), 400, "records[1]: the fields have 65546 bytes in canonical form; the maximum is 65536");
        await RefusedAsync(Insert, Second($$""" "fields":{{{string.Join(',', Enumerable.Range(0, 1_025).Select(i => $"\"f{i}\":1"))}}} """), 400, "records[1]: ");

        static string Second(string more) => $$"""{"records":[{"vector":[1,2]},{"vector":[3,4],{{more}}}]}""";
    }

    private async Task RefusedAsync(string to, string json, int status, string message)
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2],"key":"taken"}""");
        string before = (await service.GetAsync(path)).Text;
        HttpAnswer answer = await service.SendAsync(HttpMethod.Post, $"{path}/{to}", json);
        Assert.True((int)answer.Status == status && answer.Detail.Contains(message, StringComparison.Ordinal), answer.ToString());
        Assert.Equal(before, (await service.GetAsync(path)).Text);
    }

    private async Task<string> StateHashAsync(string path) => (await service.GetAsync($"{path}/state-hash")).Text;
}
