using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Protocol;
using Valori.Actors.Settings;
using Valori.Actors.Streams;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Streams;

/// <summary>The change feed: the journal as a stream that goes on live.</summary>
public abstract class ChangeFeedTests(Backend backend) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public void Dispose()
    {
        backend.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableFact]
    public async Task It_has_every_event_with_its_content_and_its_state_hash()
    {
        await using ValoriEngine engine = await backend.OpenAsync(2);
        Created<RecordId> first = await engine.WithRequestId("one").InsertAsync(new float[] { 1, 2 }, tag: 7);
        Upserted put = await engine.UpsertAsync(new NewRecord(new float[] { 3, 4 }) { Key = "k", Fields = new FieldsBuilder { ["user"] = "ada" }.Build() });
        Receipt deleted = await engine.WithAuthor("ada").SoftDeleteAsync(first);

        IImmutableList<FeedEntry> entries = await TakeAsync(engine, ValoriStreams.Changes(engine), 4);
        Assert.Equal([1L, 2, 3, 4], entries.Select(entry => entry.SequenceNr));
        Assert.Equal([first.Receipt.StateHash, put.Receipt.StateHash, deleted.StateHash], entries.Skip(1).Select(entry => entry.StateHash));
        Assert.Equal([first.Receipt.Chain, put.Receipt.Chain, deleted.Chain], entries.Skip(1).Select(entry => entry.Chain));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMicroseconds(deleted.UnixMicroseconds), entries[3].Time);
        Assert.Equal(new FeedChange(TimelineKind.EngineCreated, null, null), Assert.Single(entries[0].Changes));
        FeedChange inserted = Assert.Single(entries[1].Changes);
        Assert.Equal((TimelineKind.RecordsInserted, "one", null), (inserted.Kind, inserted.RequestId, inserted.Author));
        Assert.Equal(7UL, Assert.IsType<RecordsInserted>(inserted.Event).Tags.Span[0]);
        Assert.Equal(TimelineKind.RecordsPut, Assert.Single(entries[2].Changes).Kind);
        Assert.Equal(new FeedChange(TimelineKind.RecordDeleted, new RecordDeleted(first), null) { Author = "ada" }, Assert.Single(entries[3].Changes));
    }

    [SkippableFact]
    public async Task It_goes_on_with_what_happens_after_the_end()
    {
        await using ValoriEngine engine = await backend.OpenAsync(2);
        ISinkQueue<FeedEntry> feed = ValoriStreams.Changes(engine, from: 2).RunWith(Sink.Queue<FeedEntry>(), engine.OwnedSystem!.Materializer());
        for (int i = 0; i < 3; i++)
        {
            Created<RecordId> created = await engine.InsertAsync(new float[] { i, 1 });
            FeedEntry next = (await feed.PullAsync().WaitAsync(Patience)).Value;
            Assert.Equal((created.Receipt.SequenceNr, created.Receipt.StateHash), (next.SequenceNr, next.StateHash));
        }
    }

    [SkippableFact]
    public async Task A_place_beyond_the_end_is_refused()
    {
        await using ValoriEngine engine = await backend.OpenAsync(2);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => TakeAsync(engine, ValoriStreams.Changes(engine, from: 3), 1));
        Assert.Equal((RefusalKind.NotFound, "from is 3; the last event is 1, so it must be at most 2, the next one"), (refused.Refusal.Kind, refused.Message));
        Assert.Equal("from", Assert.Throws<ArgumentOutOfRangeException>(() => ValoriStreams.Changes(engine, from: 0)).ParamName);
        refused = await Assert.ThrowsAsync<RefusedException>(() => engine.GetEventsAsync(new GetEvents(0)));
        Assert.Equal("from is 0; it must be at least 1, the event that created the collection", refused.Message);
    }

    [SkippableFact]
    public async Task What_the_journal_has_dropped_is_an_error_that_names_the_first_event_that_is_there()
    {
        await using ValoriEngine engine = await backend.OpenAsync(2, "valori.journal-retention = snapshots");
        for (int i = 0; i < 3; i++)
        {
            await engine.InsertAsync(new float[] { i, 1 });
            await engine.SaveAsync();
        }
        EngineStatus status = await engine.StatusAsync();
        long first = await FirstThereAsync(engine);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => TakeAsync(engine, ValoriStreams.Changes(engine), 1));
        Assert.Equal((RefusalKind.OutOfReach, $"the events before {first} were dropped from the journal (valori.journal-retention)"), (refused.Refusal.Kind, refused.Message));
        IImmutableList<FeedEntry> entries = await TakeAsync(engine, ValoriStreams.Changes(engine, first), (int)(status.SequenceNr - first + 1));
        Assert.Equal(status.StateHash, entries[^1].StateHash);
    }

    [SkippableFact]
    public async Task A_consumer_that_stops_reads_no_further_and_holds_up_nobody()
    {
        // The queue holds two, and the feed one page.
        const int ahead = 3, count = 40;
        await using ValoriEngine engine = await backend.OpenAsync(2);
        for (int i = 2; i <= count / 2; i++) await engine.InsertAsync(new float[] { i, 1 });
        int asked = 0;
        ISinkQueue<FeedEntry> idle = ChangeFeed.From(OneEventAsync, 1)
            .RunWith(Sink.Queue<FeedEntry>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), engine.OwnedSystem!.Materializer());
        await NextAsync(1);
        // It rests, and all of this goes on.
        for (int i = count / 2 + 1; i <= count; i++) await engine.InsertAsync(new float[] { i, 1 });
        Assert.Equal(count, (await engine.StatusAsync()).SequenceNr);
        Assert.InRange(Volatile.Read(ref asked), 1, 1 + ahead);
        for (int i = 2; i <= count; i++) await NextAsync(i);

        async Task NextAsync(int place)
        {
            Assert.Equal(place, (await idle.PullAsync().WaitAsync(Patience)).Value.SequenceNr);
            Assert.InRange(Volatile.Read(ref asked), place, place + ahead);
        }

        async Task<EventPage> OneEventAsync(GetEvents events)
        {
            Interlocked.Increment(ref asked);
            EventPage page = await engine.GetEventsAsync(events);
            return page with { Events = [.. page.Events.Take(1)] };
        }
    }

    private static Task<IImmutableList<FeedEntry>> TakeAsync(ValoriEngine engine, Source<FeedEntry, Akka.NotUsed> feed, int count) =>
        feed.Take(count).RunWith(Sink.Seq<FeedEntry>(), engine.OwnedSystem!.Materializer()).WaitAsync(Patience);

    /// <summary>Dropping goes on after a save is answered.</summary>
    private async Task<long> FirstThereAsync(ValoriEngine engine)
    {
        long[] snapshots = backend.Snapshots();
        long expected = snapshots[^2] + 1;
        using CancellationTokenSource end = new(Patience);
        while (true)
        {
            try
            {
                await engine.TimelineAsync(expected - 1, 1, end.Token);
                await Task.Yield();
            }
            catch (RefusedException)
            {
                return expected;
            }
        }
    }
}

public sealed class ChangeFeedOnSqliteTests() : ChangeFeedTests(new SqliteBackend());

public sealed class ChangeFeedOnPostgreSqlTests() : ChangeFeedTests(new PostgreSqlBackend());

/// <summary>The same between processes.</summary>
public sealed class RemoteChangeFeedTests : IDisposable
{
    private const string Remoting = """
        akka { loglevel = OFF, stdout-loglevel = OFF }
        akka.actor.provider = remote
        akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
        akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }

        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_event_that_is_larger_than_a_message_comes_in_parts()
    {
        ActorSystem server = ActorSystem.Create("valori", Remoting + $"valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}");
        ActorSystem client = ActorSystem.Create("client", Remoting);
        try
        {
            await using ValoriEngine here = await ValoriExtension.Get(server).OpenAsync("far", schema: 256);
            // 128 kB are the default of a message.
            Assert.Equal(128_000, ConfigurationFactory.Default().GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size", 128_000));
            await here.InsertBatchAsync(Enumerable.Range(0, 256 * 2_000).Select(i => (float)(i % 100)).ToArray(), new ulong[2_000]);
            await here.InsertAsync(new float[256]);
            await using ValoriEngine far = await ValoriEngine.ConnectAsync(client, ((ExtendedActorSystem)server).Provider.DefaultAddress, "far");
            IImmutableList<FeedEntry> entries = await ValoriStreams.Changes(far).Take(3).RunWith(Sink.Seq<FeedEntry>(), client.Materializer()).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(await here.GetStateHashAsync(), entries[2].StateHash);
            Assert.Equal(2_000, Assert.IsType<RecordsInserted>(entries[1].Changes[0].Event).Vectors.Count);
        }
        finally
        {
            await client.Terminate();
            await server.Terminate();
        }
    }
}
