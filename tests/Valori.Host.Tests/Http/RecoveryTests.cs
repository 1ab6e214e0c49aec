using System.Net;
using System.Text;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>While a collection recovers, nobody waits for it without knowing.</summary>
public sealed class RecoveryTests
{
    private const string Progress = "collection 'notes' is recovering 62%, event 5 of 8; nothing was done, try again";

    [Fact]
    public async Task A_collection_that_recovers_answers_how_far_it_is_and_the_others_are_served()
    {
        ValoriService service = await ValoriService.StartAsync(HeldJournal.Configuration);
        try
        {
            string other = await service.CreateCollectionAsync(name: "a-other"), notes = await service.CreateCollectionAsync(name: "notes");
            await service.DoneAsync(HttpMethod.Post, $"{other}/records", """{"vector":[1,2]}""");
            for (int i = 0; i < 7; i++)
            {
                await service.DoneAsync(HttpMethod.Post, $"{notes}/records", $$"""{"vector":[{{i}},0]}""");
                if (i == 3) await service.DoneAsync(HttpMethod.Post, $"{notes}/save"); // at event 5: the first creates the collection
            }
            string status = (await service.GetAsync(notes)).Text;

            await service.RestartAsync(() => HeldJournal.Hold("notes"));
            Assert.Equal($"notes: {Progress}", await ReasonAsync(service));
            foreach ((HttpMethod method, string path, string? body) in new[]
            {
                (HttpMethod.Put, notes, null),
                (HttpMethod.Get, notes, null),
                (HttpMethod.Get, $"{notes}/records/0", null),
                (HttpMethod.Post, $"{notes}/records", """{"vector":[1,2]}"""),
                (HttpMethod.Post, $"{notes}/search", """{"vector":[1,2],"k":1}"""),
                (HttpMethod.Post, $"{notes}/save", (string?)null),
            })
            {
                await AssertRecoveringAsync(service, method, path, body);
            }
            Assert.Equal("""{"count":1}""", (await service.GetAsync($"{other}/count")).Text);
            Assert.Equal("""{"status":"live"}""", (await service.GetAsync("/health/live")).Text);

            HeldJournal.Release("notes");
            Assert.Equal(HttpStatusCode.OK, (await service.ReadinessAsync()).Status);
            Assert.Equal(status, (await service.GetAsync(notes)).Text);
        }
        finally
        {
            HeldJournal.Release("notes");
            await service.DisposeAsync();
        }
    }

    private static async Task AssertRecoveringAsync(ValoriService service, HttpMethod method, string path, string? body)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await service.Client.SendAsync(request);
        HttpAnswer answer = await HttpAnswer.OfAsync(response);
        Assert.True((int)answer.Status == 503, $"{method} {path}: {answer}");
        Assert.Equal(("recovering", Progress), (answer.Json.GetProperty("title").GetString(), answer.Detail));
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
    }

    /// <summary>The reason once it is about this collection and its snapshot is loaded: before, there is no place to speak of.</summary>
    private static async Task<string> ReasonAsync(ValoriService service)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            HttpAnswer answer = await service.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            string reason = answer.Json.GetProperty("reason").GetString()!;
            if (reason.StartsWith("notes: ", StringComparison.Ordinal) && reason.Contains('%')) return reason;
            await Task.Delay(20, limit.Token);
        }
    }
}
