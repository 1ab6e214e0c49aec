using Valori.Actors.Tests.Backends;
using Valori.Protocol;

namespace Valori.Actors.Tests.Streams;

/// <summary>How many may wait for new events at once.</summary>
public sealed class FeedLimitTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SqliteBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task Past_the_readers_of_a_process_one_is_told_and_each_that_is_answered_makes_room()
    {
        // They come to the costly lane all at once, and leave it to wait.
        await using ValoriEngine engine = await _backend.OpenAsync(2, "valori.costly-queries.max-waiting = 2000");
        Task<EventPage>[] readers = [.. Enumerable.Range(0, 1_025).Select(_ => FirstAsync())];
        Task<EventPage> tooMany = await Task.WhenAny(readers).WaitAsync(Patience);
        EngineException overloaded = await Assert.ThrowsAsync<EngineException>(() => tooMany);
        Assert.Equal(
            (EngineFailureKind.Overloaded, "1024 readers of change feeds are running, which is the limit; nothing was done, try again later"), (overloaded.Kind, overloaded.Message));
        await engine.InsertAsync(new float[] { 1, 2 });
        await Task.WhenAny(Task.WhenAll(readers)).WaitAsync(Patience);
        Assert.InRange(readers.Count(reader => reader.IsFaulted), 1, 25);
        foreach (Task<EventPage> reader in readers.Where(reader => !reader.IsFaulted)) Assert.Single((await reader).Events);
        Assert.Single((await FirstAsync()).Events);

        async Task<EventPage> FirstAsync()
        {
            // On a busy machine a wait may end before all have come. One that asks again may be refused.
            while (true)
            {
                if (await engine.GetEventsAsync(new GetEvents(2, 0, GetEvents.MaximumWaitMilliseconds)) is { Events.Count: > 0 } page) return page;
            }
        }
    }
}
