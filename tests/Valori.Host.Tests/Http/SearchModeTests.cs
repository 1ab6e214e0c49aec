using System.Net;
using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Searches that say how exact they must be.</summary>
public sealed class SearchModeTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const string Answered = """{"exact_because":"the collection has fewer than 10000 records (valori.index.min-records)"}""";

    [Fact]
    public async Task Without_a_graph_every_form_of_an_approximate_search_is_exact_and_says_so()
    {
        string path = await service.CreateCollectionAsync(dimension: 2, name: "modes");
        await service.DoneAsync(HttpMethod.Post, path + "/records/batch", """{"vectors":[[1,2],[3,4]]}""");
        foreach (string mode in new[] { "\"approximate\"", "\"auto\",\"beam\":1", "\"approximate\",\"beam\":4096", "\"approximate\",\"recall\":0.95" })
        {
            JsonElement single = await service.DoneAsync(HttpMethod.Post, path + "/search", $$"""{"vector":[1,2],"k":2,"mode":{{mode}}}""");
            Assert.Equal((2, Answered), (single.GetProperty("hits").GetArrayLength(), single.GetProperty("answered").GetRawText()));
            JsonElement expanded = await service.DoneAsync(HttpMethod.Post, path + "/search", $$"""{"vector":[1,2],"k":2,"depth":1,"mode":{{mode}}}""");
            Assert.Equal(Answered, expanded.GetProperty("answered").GetRawText());
            JsonElement batch = await service.DoneAsync(HttpMethod.Post, path + "/search/batch", $$"""{"vectors":[[1,2],[0,0]],"k":2,"mode":{{mode}}}""");
            Assert.Equal(Answered, batch.GetProperty("answered").GetRawText());
            JsonElement subgraph = await service.DoneAsync(HttpMethod.Post, path + "/search/subgraph", $$"""{"vector":[1,2],"k":2,"mode":{{mode}}}""");
            Assert.Equal(Answered, subgraph.GetProperty("answered").GetRawText());
        }
        JsonElement exact = await service.DoneAsync(HttpMethod.Post, path + "/search", """{"vector":[1,2],"k":2,"mode":"exact"}""");
        Assert.False(exact.TryGetProperty("answered", out _));
    }

    [Theory]
    [InlineData("\"mode\":\"Approximate\"", "field 'mode' is 'Approximate'; it must be exact, approximate or auto")]
    [InlineData("\"mode\":1", "field 'mode' must be a string, got 1")]
    [InlineData("\"mode\":\"approximate\",\"beam\":0", "the beam is 0; it must be in 1..4096")]
    [InlineData("\"mode\":\"auto\",\"beam\":4097", "the beam is 4097; it must be in 1..4096")]
    [InlineData("\"mode\":\"auto\",\"beam\":1.5", "field 'beam' must be a whole number of 32 bits, got 1.5")]
    [InlineData("\"beam\":10", "'beam' is for searches of the mode approximate or auto, and the mode is missing")]
    [InlineData("\"mode\":\"approximate\",\"recall\":0", "the recall is 0; it must be above 0 and at most 1")]
    [InlineData("\"mode\":\"auto\",\"recall\":1.5", "the recall is 1.5; it must be above 0 and at most 1")]
    [InlineData("\"recall\":0.9", "'recall' is for searches of the mode approximate or auto, and the mode is missing")]
    [InlineData("\"mode\":\"auto\",\"beam\":10,\"recall\":0.9", "a search has 'beam' or 'recall', and not both: leave one of the two out")]
    [InlineData("\"mode\":\"exact\",\"beam\":10", "'beam' is for searches of the mode approximate or auto, and the mode is exact")]
    public async Task A_mode_or_beam_that_there_is_not_is_refused_by_name(string fields, string message)
    {
        string path = await service.CreateCollectionAsync(dimension: 2, name: "wrong-modes");
        foreach (string request in new[] { "/search|{\"vector\":[1,2],", "/search/batch|{\"vectors\":[[1,2]],", "/search/subgraph|{\"vector\":[1,2]," })
        {
            string[] parts = request.Split('|');
            HttpAnswer answer = await service.SendAsync(HttpMethod.Post, path + parts[0], $"{parts[1]}\"k\":1,{fields}}}");
            Assert.Equal((HttpStatusCode.BadRequest, message), (answer.Status, answer.Detail));
        }
    }
}
