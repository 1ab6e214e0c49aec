using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What a command is answered with says where the history was after it.</summary>
public sealed class ReceiptTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task Every_command_s_receipt_is_the_status_behind_it_and_tells_the_ids()
    {
        string path = await service.CreateCollectionAsync();
        long sequenceNr = PlaceText.Of(await service.DoneAsync(HttpMethod.Get, path)).SequenceNr;
        string snapshot = "";
        foreach ((HttpMethod method, string command, string? body, string answer, ulong firstId, int created) in new[]
        {
            (HttpMethod.Post, "/records", """{"vector":[1,2],"tag":7}""", """{"id":0}""", 0ul, 1),
            (HttpMethod.Post, "/records/batch", """{"vectors":[[3,4],[5,6],[7,8]]}""", """{"ids":[1,2,3]}""", 1ul, 3),
            (HttpMethod.Post, "/records/batch", """{"vectors":[]}""", """{"ids":[]}""", 4ul, 0),
            (HttpMethod.Put, "/records/2/metadata", """{"metadata":"aGVsbG8="}""", "{}", 2ul, 0),
            (HttpMethod.Delete, "/records/3", null, "{}", 3ul, 0),
            (HttpMethod.Post, "/nodes", """{"kind":2}""", """{"id":0}""", 0ul, 1),
            (HttpMethod.Post, "/nodes", """{"kind":3,"record_id":1}""", """{"id":1}""", 1ul, 1),
            (HttpMethod.Post, "/edges", """{"from_id":0,"to_id":1,"kind":1}""", """{"id":0}""", 0ul, 1),
            (HttpMethod.Post, "/edges", """{"from_id":1,"to_id":0,"kind":1}""", """{"id":1}""", 1ul, 1),
            (HttpMethod.Delete, "/edges/1", null, "{}", 1ul, 0),
            (HttpMethod.Delete, "/nodes/1", (string?)null, "{}", 1ul, 0),
        })
        {
            HttpAnswer done = await service.SendAsync(method, path + command, body);
            Assert.True((int)done.Status == 200, $"{method} {command}: {done}");
            (string rest, ReceiptText receipt) = Receipts.Split(done.Text);
            JsonElement status = await service.DoneAsync(HttpMethod.Get, path);
            Assert.Equal((command, answer, new ReceiptText(PlaceText.Of(status), firstId, created)), (command, rest, receipt));
            Assert.Equal((command, ++sequenceNr), (command, receipt.Place.SequenceNr));
            if (command == "/nodes") snapshot = (await service.DoneAsync(HttpMethod.Post, $"{path}/save")).GetProperty("path").GetString()!;
        }

        HttpAnswer restored = await service.SendAsync(HttpMethod.Post, $"{path}/restore", ValoriService.Bytes(await File.ReadAllBytesAsync(snapshot)));
        (string nothing, ReceiptText last) = Receipts.Split(restored.Text);
        Assert.Equal(("{}", PlaceText.Of(await service.DoneAsync(HttpMethod.Get, path))), (nothing, last.Place));
        Assert.True(last.Place.SequenceNr > sequenceNr, $"{restored}");
    }

    [Fact]
    public async Task A_refused_command_has_no_receipt()
    {
        string path = await service.CreateCollectionAsync();
        HttpAnswer refused = await service.SendAsync(HttpMethod.Delete, $"{path}/records/0", (string?)null);
        Assert.Equal(404, (int)refused.Status);
        Assert.False(refused.Json.TryGetProperty("receipt", out _), refused.ToString());
    }

    [Fact]
    public async Task A_search_receipt_has_the_same_digest_when_the_search_is_done_again_as_of_its_state_hash()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[1,0],[0,1],[1,1],[2,2]],"tags":[7,7,8,7]}""");
        (string Query, string Digest, string Text)[] found = [.. await Task.WhenAll(
            AskAsync("""{"vector":[1,0],"k":3,"receipt":true}"""),
            AskAsync("""{"vector":[1,0],"k":4,"receipt":true}"""),
            AskAsync("""{"vector":[1,0],"k":3,"filter_tag":7,"receipt":true}"""),
            AskAsync("""{"vector":[1,0],"k":3,"filter_tag":9,"receipt":true}"""),
            AskAsync("""{"vector":[0,0.5],"k":3,"receipt":true}"""))];
        Assert.Equal(found.Length, found.DistinctBy(answer => answer.Digest).Count());

        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,0],"tag":7}""");
        await service.DoneAsync(HttpMethod.Delete, $"{path}/records/0");
        foreach ((string query, string digest, string text) in found)
        {
            string hash = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("receipt").GetProperty("state_hash").GetString()!;
            Assert.Equal((query, digest, text), await AskAsync(query, hash));
            Assert.NotEqual(digest, (await AskAsync(query)).Digest);
        }

        async Task<(string Query, string Digest, string Text)> AskAsync(string query, string? asOf = null)
        {
            JsonElement answer = await service.DoneAsync(HttpMethod.Post, $"{path}/search", asOf is null ? query : $$"""{{query[..^1]}},"as_of":"{{asOf}}"}""");
            JsonElement receipt = answer.GetProperty("receipt");
            JsonElement status = await service.DoneAsync(HttpMethod.Get, $"{path}{(asOf is null ? "" : $"?as_of={asOf}")}");
            Assert.Equal(
                (status.GetProperty("sequence_nr").GetInt64(), status.GetProperty("state_hash").GetString()),
                (receipt.GetProperty("sequence_nr").GetInt64(), receipt.GetProperty("state_hash").GetString()));
            Assert.Matches("^[0-9a-f]{64}$", receipt.GetProperty("digest").GetString());
            return (query, receipt.GetProperty("digest").GetString()!, answer.GetRawText());
        }
    }

    [Fact]
    public async Task A_search_without_a_receipt_has_none_and_the_same_hits()
    {
        string path = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", """{"vectors":[[1,0],[0,1]]}""");
        string without = (await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,0],"k":2}""")).GetRawText();
        Assert.Equal(without, (await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,0],"k":2,"receipt":false}""")).GetRawText());
        JsonElement with = await service.DoneAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,0],"k":2,"receipt":true}""");
        Assert.Equal(without, $$"""{"hits":{{with.GetProperty("hits").GetRawText()}}}""");
    }
}
