using System.Net;
using System.Text.Json;
using Akka.Actor;
using Valori.Host.Tests.Support;
using Valori.Protocol;

namespace Valori.Host.Tests.Http;

/// <summary><c>DELETE /v1/collections/{name}</c>.</summary>
public sealed class DropCollectionTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task A_collection_is_dropped_and_its_name_is_free_for_another_dimension()
    {
        string path = await service.CreateCollectionAsync(name: "short-lived");
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        await service.DoneAsync(HttpMethod.Post, $"{path}/save");
        Assert.Equal("""{"dropped":"short-lived"}""", (await service.DoneAsync(HttpMethod.Delete, path)).GetRawText());
        foreach (HttpAnswer gone in new[]
        {
            await service.GetAsync(path),
            await service.SendAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}"""),
            await service.SendAsync(HttpMethod.Post, $"{path}/search", """{"vector":[1,2],"k":1}"""),
            await service.SendAsync(HttpMethod.Delete, path, (string?)null),
        })
        {
            Assert.Equal((404, "not_found", "collection 'short-lived' does not exist"), ((int)gone.Status, gone.Json.GetProperty("title").GetString(), gone.Detail));
        }
        Assert.DoesNotContain("short-lived", (await service.GetAsync("/v1/collections")).Text);
        Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);

        JsonElement again = await service.DoneAsync(HttpMethod.Put, path, """{"dimension":3}""");
        Assert.Equal((3, 0, 1), (again.GetProperty("dimension").GetInt32(), again.GetProperty("record_count").GetInt32(), again.GetProperty("sequence_nr").GetInt32()));
        Assert.Equal(0, (await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2,3]}""")).GetProperty("id").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);
    }

    [Fact]
    public async Task The_default_collection_is_dropped_like_any_other()
    {
        await service.CreateCollectionAsync(name: "default");
        Assert.Equal("""{"dropped":"default"}""", (await service.DoneAsync(HttpMethod.Delete, "/v1/collections/default")).GetRawText());
        Assert.Equal(404, (int)(await service.GetAsync("/v1/collections/default")).Status);
    }

    [Fact]
    public async Task Whatever_is_misspelt_is_refused_by_name_and_drops_nothing()
    {
        string path = await service.CreateCollectionAsync(name: "kept");
        await RefusedAsync(404, "collection 'kep' does not exist", "/v1/collections/kep");
        await RefusedAsync(400, "'Kept' is not a valid collection name", "/v1/collections/Kept");
        await RefusedAsync(400, "unknown parameter 'force'", $"{path}?force=true");
        await RefusedAsync(400, "DELETE takes no body", path, json: "{}");
        await RefusedAsync(400, "takes no header Idempotency-Key", path, key: "once");
        await RefusedAsync(405, "does not support DELETE", $"{path}/records");
        Assert.Equal(0, (await service.DoneAsync(HttpMethod.Get, path)).GetProperty("record_count").GetInt32());

        async Task RefusedAsync(int status, string message, string target, string? json = null, string? key = null)
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Delete, target, json, key);
            Assert.True((int)answer.Status == status && answer.Detail.Contains(message, StringComparison.Ordinal), answer.ToString());
        }
    }

    [Fact]
    public async Task A_collection_that_another_process_dropped_and_created_again_is_the_new_one_here()
    {
        string path = await service.CreateCollectionAsync(name: "elsewhere");
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", """{"vector":[1,2]}""");
        // As a peer does by Akka.Remote: the service's own list of open collections is not asked.
        IActorRef guardian = ValoriExtension.Get(service.Part<ActorSystem>()).Guardian;
        Assert.Equal(new EngineDropped("elsewhere"), await guardian.Ask(new DropEngine("elsewhere"), TimeSpan.FromSeconds(60)));
        Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);
        Assert.IsType<EngineOpened>(await guardian.Ask(new OpenEngine("elsewhere", 3), TimeSpan.FromSeconds(60)));
        Assert.Equal(3, (await service.DoneAsync(HttpMethod.Get, path)).GetProperty("dimension").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Dropping_a_damaged_collection_makes_the_service_ready_again()
    {
        await using ValoriService damaged = await ValoriService.StartAsync();
        string good = await damaged.CreateCollectionAsync(name: "good"), bad = await damaged.CreateCollectionAsync(name: "bad");
        await damaged.DoneAsync(HttpMethod.Post, $"{bad}/records", """{"vector":[1,2]}""");
        await damaged.RestartAsync(() => JournalRows.FlipBit(damaged.DirectoryPath, "valori-bad", sequenceNr: 2, ^1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await damaged.ReadinessAsync()).Status);
        Assert.Equal("""{"dropped":"bad"}""", (await damaged.DoneAsync(HttpMethod.Delete, bad)).GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await damaged.ReadinessAsync()).Status);
        Assert.Equal("""{"collections":["good"]}""", (await damaged.GetAsync("/v1/collections")).Text);
        Assert.Equal("""{"count":0}""", (await damaged.GetAsync($"{good}/count")).Text);
    }
}
