using System.Net;
using Microsoft.Data.Sqlite;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Live as long as the process answers; ready when every collection has proven its state.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_tampered_collection_makes_the_service_unready_with_the_reason_and_the_others_are_served()
    {
        ValoriService service = await ValoriService.StartAsync();
        try
        {
            string good = await service.CreateCollectionAsync(name: "good"), bad = await service.CreateCollectionAsync(name: "bad");
            await service.DoneAsync(HttpMethod.Post, $"{good}/records", """{"vector":[1,2]}""");
            await service.DoneAsync(HttpMethod.Post, $"{bad}/records", """{"vector":[1,2]}""");
            await service.DoneAsync(HttpMethod.Post, $"{bad}/records", """{"vector":[3,4]}""");
            string hash = (await service.GetAsync($"{good}/state-hash")).Text;
            HttpAnswer ready = await service.ReadinessAsync();
            Assert.Equal("""200 application/json {"status":"ready"}""", ready.ToString());

            await service.RestartAsync(() => FlipBit(service.DirectoryPath, "valori-bad", sequenceNr: 2));
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

            await service.RestartAsync(() => FlipBit(service.DirectoryPath, "valori-bad", sequenceNr: 2));
            Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static void FlipBit(string directory, string persistenceId, int sequenceNr)
    {
        using SqliteConnection journal = new($"Data Source={Path.Combine(directory, "journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand read = journal.CreateCommand();
        read.CommandText = "SELECT message FROM journal WHERE persistence_id = $id AND sequence_number = $nr";
        read.Parameters.AddWithValue("$id", persistenceId);
        read.Parameters.AddWithValue("$nr", sequenceNr);
        byte[] message = (byte[])read.ExecuteScalar()!;
        message[^1] ^= 1;
        read.CommandText = "UPDATE journal SET message = $message WHERE persistence_id = $id AND sequence_number = $nr";
        read.Parameters.AddWithValue("$message", message);
        Assert.Equal(1, read.ExecuteNonQuery());
    }
}
