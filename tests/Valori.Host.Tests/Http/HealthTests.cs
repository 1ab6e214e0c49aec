using System.Net;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Live as long as the process answers; ready when every collection has proven its state.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_tampered_collection_makes_the_service_unready_with_the_reason_and_the_others_are_served()
    {
        await using ValoriService service = await ValoriService.StartAsync();
        string good = await service.CreateCollectionAsync(name: "good"), bad = await service.CreateCollectionAsync(name: "bad");
        await service.DoneAsync(HttpMethod.Post, $"{good}/records", """{"vector":[1,2]}""");
        await service.DoneAsync(HttpMethod.Post, $"{bad}/records", """{"vector":[1,2]}""");
        await service.DoneAsync(HttpMethod.Post, $"{bad}/records", """{"vector":[3,4]}""");
        string hash = (await service.GetAsync($"{good}/state-hash")).Text;
        HttpAnswer ready = await service.ReadinessAsync();
        Assert.Equal("""200 application/json {"status":"ready","scrub":null}""", ready.ToString());

        await service.RestartAsync(() => JournalRows.FlipBit(service.DirectoryPath, "valori-bad", sequenceNr: 2, ^1));
        HttpAnswer unready = await service.ReadinessAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.Status);
        string reason = unready.Json.GetProperty("reason").GetString()!;
        Assert.StartsWith("bad: ", reason);
        Assert.Contains("journal of valori-bad at 2: expected", reason);
        Assert.Equal("""{"status":"live"}""", (await service.GetAsync("/health/live")).Text);
        Assert.Equal(hash, (await service.GetAsync($"{good}/state-hash")).Text);

        foreach (HttpAnswer refused in new[]
        {
            await service.GetAsync(bad),
            await service.SendAsync(HttpMethod.Post, $"{bad}/records", """{"vector":[1,2]}"""),
            await service.SendAsync(HttpMethod.Post, $"{bad}/search", """{"vector":[1,2],"k":1}"""),
        })
        {
            Assert.Equal((503, "stopped"), ((int)refused.Status, refused.Json.GetProperty("title").GetString()));
            Assert.Contains("valori-bad at 2", refused.Detail);
        }

        await service.RestartAsync(() => JournalRows.FlipBit(service.DirectoryPath, "valori-bad", sequenceNr: 2, ^1));
        Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);
    }
}
