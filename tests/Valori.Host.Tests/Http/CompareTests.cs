using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Where two collections differ.</summary>
public sealed class CompareTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const int Seed = 20261125;

    [Fact]
    public async Task Equal_content_compares_equal_whatever_the_way_to_it()
    {
        string one = await service.CreateCollectionAsync(), other = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{one}/records/batch", """{"vectors":[[1,2],[3,4]],"tags":[1,2]}""");
        await service.DoneAsync(HttpMethod.Post, $"{other}/records", """{"vector":[1,2],"tag":1}""");
        await service.DoneAsync(HttpMethod.Post, $"{other}/records", """{"vector":[3,4],"tag":2}""");
        JsonElement compared = await CompareAsync(one, other);
        Assert.Equal(PlaceText.Of(await service.DoneAsync(HttpMethod.Get, one)), PlaceText.Of(compared.GetProperty("this")));
        Assert.Equal(PlaceText.Of(await service.DoneAsync(HttpMethod.Get, other)), PlaceText.Of(compared.GetProperty("other")));
        Assert.Equal(("[]", true, 0), (compared.GetProperty("differences").GetRawText(), compared.GetProperty("is_complete").GetBoolean(), compared.GetProperty("digests_read").GetInt32()));
        Assert.Equal("[]", (await CompareAsync(one, one)).GetProperty("differences").GetRawText());
    }

    [Fact]
    public async Task Other_content_tombstones_and_what_only_one_has_are_found_by_kind_and_id()
    {
        string one = await service.CreateCollectionAsync(), other = await service.CreateCollectionAsync();
        foreach (string path in new[] { one, other })
        {
            string vectors = string.Join(',', Enumerable.Range(0, 100).Select(i => $"[{i},1]"));
            await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
            for (int i = 0; i < 3; i++) await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":2}""");
            await service.DoneAsync(HttpMethod.Post, $"{path}/edges", """{"from_id":0,"to_id":1,"kind":1}""");
        }
        await service.DoneAsync(HttpMethod.Put, $"{one}/records/5/metadata", """{"metadata":""}""");
        await service.DoneAsync(HttpMethod.Delete, $"{other}/records/77");
        await service.DoneAsync(HttpMethod.Post, $"{other}/records", """{"vector":[0,0]}""");
        await service.DoneAsync(HttpMethod.Delete, $"{one}/nodes/1");
        await service.DoneAsync(HttpMethod.Post, $"{one}/edges", """{"from_id":2,"to_id":2,"kind":9}""");

        string[] expected =
        [
            """{"kind":"record","id":5,"how":"content"}""", """{"kind":"record","id":77,"how":"content"}""", """{"kind":"record","id":100,"how":"only_in_other"}""",
            """{"kind":"node","id":1,"how":"content"}""",
            """{"kind":"edge","id":0,"how":"content"}""", """{"kind":"edge","id":1,"how":"only_in_this"}""",
        ];
        JsonElement compared = await CompareAsync(one, other);
        Assert.Equal(expected, Differences(compared));
        Assert.True(compared.GetProperty("is_complete").GetBoolean());
        Assert.InRange(compared.GetProperty("digests_read").GetInt32(), 1, 100);
        Assert.Equal(
            expected.Select(text => text.Replace("only_in_other", "x").Replace("only_in_this", "only_in_other").Replace("x", "only_in_this")),
            Differences(await CompareAsync(other, one)));

        for (int limit = 1; limit <= expected.Length; limit++)
        {
            JsonElement some = await CompareAsync(one, other, $"?limit={limit}");
            string[] found = Differences(some);
            Assert.Equal((limit, limit == expected.Length), (found.Length, some.GetProperty("is_complete").GetBoolean()));
            Assert.Equal(found, expected.Where(found.Contains));
        }
    }

    [Fact]
    public async Task Any_two_histories_compare_as_their_contents_do()
    {
        Random random = new(Seed);
        for (int round = 0; round < 8; round++)
        {
            string one = await service.CreateCollectionAsync(), other = await service.CreateCollectionAsync();
            int common = random.Next(1, 40), longer = random.Next(3);
            HashSet<int> changed = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(common))];
            foreach (string path in new[] { one, other })
            {
                string vectors = string.Join(',', Enumerable.Range(0, common + (path == one ? longer : 0)).Select(i => $"[{i},{round}]"));
                await service.DoneAsync(HttpMethod.Post, $"{path}/records/batch", $$"""{"vectors":[{{vectors}}]}""");
            }
            foreach (int id in changed) await service.DoneAsync(HttpMethod.Put, $"{other}/records/{id}/metadata", """{"metadata":"AA=="}""");
            string[] expected =
            [
                .. changed.Order().Select(id => $$"""{"kind":"record","id":{{id}},"how":"content"}"""),
                .. Enumerable.Range(common, longer).Select(id => $$"""{"kind":"record","id":{{id}},"how":"only_in_this"}"""),
            ];
            string[] found = Differences(await CompareAsync(one, other));
            Assert.True(expected.SequenceEqual(found), $"seed {Seed}, round {round}: expected {string.Join(' ', expected)}, found {string.Join(' ', found)}");
        }
    }

    [Fact]
    public async Task A_comparison_that_makes_no_sense_is_refused()
    {
        string one = await service.CreateCollectionAsync(), wider = await service.CreateCollectionAsync(dimension: 3);
        HttpAnswer conflict = await service.SendAsync(HttpMethod.Post, $"{one}/compare/{Name(wider)}", (string?)null);
        Assert.Equal((409, "conflict"), ((int)conflict.Status, conflict.Json.GetProperty("title").GetString()));
        Assert.Contains($"collection '{Name(one)}' has dimension 2, collection '{Name(wider)}' has 3", conflict.Detail);
        foreach ((string limit, string title, string detail) in new[] { ("0", "invalid_argument", "the limit is 0"), ("-1", "invalid_argument", "the limit is -1"), ("x", "invalid_request", "parameter 'limit' must be a whole number of 32 bits, got 'x'") })
        {
            HttpAnswer refused = await service.SendAsync(HttpMethod.Post, $"{one}/compare/{Name(one)}?limit={limit}", (string?)null);
            Assert.Equal((400, title), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
            Assert.Contains(detail, refused.Detail);
        }
    }

    private Task<JsonElement> CompareAsync(string one, string other, string query = "") =>
        service.DoneAsync(HttpMethod.Post, $"{one}/compare/{Name(other)}{query}");

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string[] Differences(JsonElement compared) => [.. compared.GetProperty("differences").EnumerateArray().Select(difference => difference.GetRawText())];
}
