using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Audit;
using Valori.Actors.Client;
using Valori.Actors.Engine;
using Valori.Actors.Entries;
using Valori.Actors.Settings;
using Valori.Actors.Streams;
using Valori.Kernel.Merkle;
using Valori.Protocol;
using Xunit.Abstractions;

namespace Valori.Actors.Tests.Streams;

/// <summary>A collection that follows another one of the same system, under another name.</summary>
public sealed class FollowerTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly ITestOutputHelper _output;
    private readonly ActorSystem _system;
    private readonly ValoriExtension _valori;

    public FollowerTests(ITestOutputHelper output)
    {
        _output = output;
        _system = ActorSystem.Create($"test-{Guid.NewGuid():N}", ConfigurationFactory.ParseString($"""
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            valori.restart-backoff.minimum = 10ms
            valori.restart-backoff.maximum = 100ms
            valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}
            """));
        _valori = ValoriExtension.Get(_system);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _directory.Dispose();
    }

    [Fact]
    public async Task Its_journal_is_the_same_byte_by_byte_whatever_happens_in_the_other_one()
    {
        const int seed = 20261128;
        _output.WriteLine($"seed {seed}");
        ValoriEngine notes = await _valori.OpenAsync("notes", schema: 3);
        RandomCommands commands = new(seed, 3);
        await WriteAsync(notes, commands, 100);
        await using ValoriFollower follower = await FollowAsync();
        await notes.InsertAsync(new NewRecord(new float[] { 1, 2, 3 }) { Key = "brief", ExpiresAt = DateTimeOffset.UtcNow.AddMilliseconds(50) });
        string path = await notes.SaveAsync();
        await WriteAsync(notes, commands, 100);
        await notes.RestoreAsync(File.OpenRead(path));
        await WriteAsync(notes, commands, 50);
        EngineStatus expected = await notes.StatusAsync();
        await ReachAsync(follower.Engine, expected.SequenceNr);
        Assert.Equal(expected with { Name = "standby" }, await follower.Engine.StatusAsync(AsOf.SequenceNr(expected.SequenceNr)));
        IImmutableList<byte[]> there = await RowsAsync(notes, expected.SequenceNr), here = await RowsAsync(follower.Engine, expected.SequenceNr);
        Assert.Equal(there, here);
    }

    [Fact]
    public async Task It_takes_no_changes_until_it_takes_over_and_answers_queries_meanwhile()
    {
        ValoriEngine notes = await _valori.OpenAsync("notes", schema: 3);
        Created<RecordId> id = await notes.InsertAsync(new float[] { 1, 2, 3 });
        ValoriFollower follower = await FollowAsync();
        await ReachAsync(follower.Engine, id.Receipt.SequenceNr);
        Assert.Equal(id.Id, (await follower.Engine.SearchAsync(new float[] { 1, 2, 3 }, 1))[0].Id);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => follower.Engine.InsertAsync(new float[] { 1, 2, 3 }));
        Assert.Equal(RefusalKind.Conflict, refused.Refusal.Kind);
        Assert.StartsWith("collection 'standby' follows another one", refused.Message);
        await Assert.ThrowsAsync<RefusedException>(() => follower.Engine.RestoreAsync(new byte[1]));
        // Opened by others it is the same.
        ValoriEngine same = await _valori.OpenAsync("standby");
        await Assert.ThrowsAsync<RefusedException>(() => same.WithRequestId("a").InsertAsync(new float[] { 1, 2, 3 }));

        // One that was cancelled before it began leaves it as it is.
        await Assert.ThrowsAsync<OperationCanceledException>(() => follower.TakeOverAsync(new CancellationToken(canceled: true)));
        await ReachAsync(follower.Engine, (await notes.InsertAsync(new float[] { 1, 2, 3 })).Receipt.SequenceNr);

        ValoriEngine own = await follower.TakeOverAsync();
        Assert.True(follower.Completion.IsCompletedSuccessfully);
        Assert.Equal(2UL, (await own.InsertAsync(new float[] { 4, 5, 6 })).Id.Value);
        Assert.Equal(2UL, await notes.RecordCountAsync());
    }

    [Fact]
    public async Task Stopping_it_waits_for_no_answer_of_the_other_side()
    {
        await _valori.OpenAsync("notes", schema: 3);
        await (await FollowAsync()).DisposeAsync();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef silent = _system.ActorOf(Props.Create(() => new SilentGuardian(asked)));
        ValoriFollower follower = await ValoriFollower.StartAsync(
            _system, "standby", token => ValoriEngine.OpenAsync(silent, new OpenEngine("notes", Create: false), TimeSpan.FromHours(1), ownedSystem: null, token));
        await asked.Task.WaitAsync(Patience);
        await follower.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.True(follower.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task It_ends_without_an_error_when_its_system_does()
    {
        await _valori.OpenAsync("notes", schema: 3);
        ValoriFollower follower = await FollowAsync();
        await _system.Terminate();
        await follower.Completion.WaitAsync(Patience);
        Assert.True(follower.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task An_event_that_leads_to_another_state_ends_it_with_both_hashes_and_nothing_of_it_stays()
    {
        ValoriEngine notes = await _valori.OpenAsync("notes", schema: 3);
        await using ValoriFollower follower = await FollowAsync();
        Receipt inserted = (await notes.InsertAsync(new float[] { 1, 2, 3 })).Receipt;
        await ReachAsync(follower.Engine, inserted.SequenceNr);
        await follower.DisposeAsync();
        Receipt next = (await notes.InsertAsync(new float[] { 4, 5, 6 })).Receipt;
        JournalEntry entry = JournalCodec.Decode(new JournalRecord((await RowsAsync(notes, next.SequenceNr))[(int)next.SequenceNr - 1]));
        Digest wrong = Digest.Of("another state"u8);
        JournalRecord forged = JournalCodec.Encode(entry with { StateHash = wrong, Chain = HistoryChain.Extend(inserted.Chain, next.SequenceNr, entry.UnixMicroseconds, wrong) });

        FollowedDifference difference = await AskAsync<FollowedDifference>(follower.Engine, new FollowEvents(next.SequenceNr, [forged]));
        Assert.Equal((next.SequenceNr, $"state hash {next.StateHash}", $"{wrong}"), (difference.SequenceNr, difference.Here, difference.There));
        // It recovers from its journal, and takes the right one.
        Receipt taken = await Resending.UntilAnsweredAsync(() => AskAsync<Receipt>(follower.Engine, new FollowEvents(next.SequenceNr, [JournalCodec.Encode(entry)])), Patience);
        Assert.Equal(next.Place, taken.Place);
    }

    [Fact]
    public async Task What_was_written_on_its_own_is_a_difference_that_is_named()
    {
        ValoriEngine notes = await _valori.OpenAsync("notes", schema: 3);
        ValoriEngine own = await (await FollowAsync()).TakeOverAsync();
        Receipt mine = (await own.InsertAsync(new float[] { 1, 1, 1 })).Receipt, other = (await notes.InsertAsync(new float[] { 2, 2, 2 })).Receipt;
        ValoriFollower again = await FollowAsync();
        FollowerDifferenceException difference = await Assert.ThrowsAsync<FollowerDifferenceException>(() => again.Completion.WaitAsync(Patience));
        Assert.Equal((2L, $"state hash {mine.StateHash}", $"state hash {other.StateHash}"), (difference.SequenceNr, difference.Here, difference.There));

        await (await again.TakeOverAsync()).InsertAsync(new float[] { 1, 1, 1 });
        ValoriFollower ahead = await FollowAsync();
        difference = await Assert.ThrowsAsync<FollowerDifferenceException>(() => ahead.Completion.WaitAsync(Patience));
        Assert.Equal(3, difference.SequenceNr);
        Assert.Contains("it ends at event 2", difference.Message);
    }

    [Fact]
    public async Task A_request_is_remembered_after_a_restart_from_a_snapshot_and_taking_over()
    {
        ValoriEngine notes = await _valori.OpenAsync("notes", schema: 3);
        Receipt first = (await notes.WithRequestId("once").InsertAsync(new float[] { 1, 2, 3 })).Receipt;
        ValoriFollower follower = await FollowAsync();
        await ReachAsync(follower.Engine, first.SequenceNr);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => follower.Engine.SaveAsync());
        Assert.Contains("it saves a snapshot when that one does", refused.Message);
        await notes.SaveAsync();
        Receipt last = (await notes.InsertAsync(new float[] { 4, 5, 6 })).Receipt;
        await ReachAsync(follower.Engine, last.SequenceNr);
        await follower.DisposeAsync();
        await _system.Terminate();
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_directory.Path, "snapshots"), "valori-standby-*.snapshot"));

        ActorSystem again = ActorSystem.Create("again", ConfigurationFactory.ParseString($"akka.loglevel = OFF, akka.stdout-loglevel = OFF\nvalori.data-directory = {ReferenceConfig.Quote(_directory.Path)}"));
        try
        {
            ValoriExtension valori = ValoriExtension.Get(again);
            ValoriEngine own = await (await ValoriFollower.StartAsync(again, "standby", token => valori.OpenAsync("notes", create: false, cancellationToken: token))).TakeOverAsync();
            Assert.Equal(last.Place, (await own.StatusAsync()).Place);
            Assert.Equal(first, (await own.WithRequestId("once").InsertAsync(new float[] { 1, 2, 3 })).Receipt);
            Assert.Equal(2UL, await own.RecordCountAsync());
        }
        finally
        {
            await again.Terminate();
        }
    }

    [Fact]
    public async Task A_collection_of_its_own_cannot_become_one_that_follows()
    {
        await _valori.OpenAsync("notes", schema: 3);
        await _valori.OpenAsync("standby", schema: 4);
        ValoriFollower follower = await FollowAsync();
        FollowerDifferenceException difference = await Assert.ThrowsAsync<FollowerDifferenceException>(() => follower.Completion.WaitAsync(Patience));
        Assert.Equal((1L, "dimension 4", "3"), (difference.SequenceNr, difference.Here, difference.There));
    }

    [Fact]
    public async Task A_collection_that_is_told_to_follow_itself_refuses_and_takes_changes_as_before()
    {
        ValoriEngine notes = await _valori.OpenAsync("notes", schema: 3);
        await using ValoriFollower follower = await ValoriFollower.StartAsync(_system, "notes", token => _valori.OpenAsync("notes", create: false, cancellationToken: token));
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => follower.Completion.WaitAsync(Patience));
        Assert.Equal((RefusalKind.InvalidArgument, true), (refused.Refusal.Kind, refused.Message.StartsWith("collection 'notes' cannot follow itself", StringComparison.Ordinal)));
        Assert.Equal(2, (await notes.InsertAsync(new float[] { 1, 2, 3 })).Receipt.SequenceNr);
    }

    [Fact]
    public async Task A_process_that_ends_while_it_is_asked_to_open_is_asked_again()
    {
        using TemporaryDirectory directory = new();
        ActorSystem hasty = ActorSystem.Create("hasty", ConfigurationFactory.ParseString($"akka.loglevel = OFF, akka.stdout-loglevel = OFF\nvalori.request-timeout = 1s\nvalori.data-directory = {ReferenceConfig.Quote(directory.Path)}"));
        try
        {
            ValoriExtension valori = ValoriExtension.Get(hasty);
            ValoriEngine notes = await valori.OpenAsync("notes", schema: 3);
            Receipt last = (await notes.InsertAsync(new float[] { 1, 2, 3 })).Receipt;
            int calls = 0;
            // The first call creates the standby, the second one begins to follow.
            await using ValoriFollower follower = await ValoriFollower.StartAsync(hasty, "standby", token => ++calls == 2
                ? new TaskCompletionSource<ValoriEngine>().Task.WaitAsync(token)
                : valori.OpenAsync("notes", create: false, cancellationToken: token));
            await ReachAsync(follower.Engine, last.SequenceNr).WaitAsync(Patience);
            Assert.Equal(last.Place, (await follower.Engine.StatusAsync()).Place);
            Assert.Equal(3, calls);
        }
        finally
        {
            await hasty.Terminate();
        }
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_followed_and_leaves_no_trace()
    {
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(FollowAsync);
        Assert.Equal("collection 'notes' does not exist", refused.Message);
        Assert.Empty(await _valori.ListAsync());
        // The name is free for a collection of its own.
        await (await _valori.OpenAsync("standby", schema: 3)).InsertAsync(new float[] { 1, 2, 3 });
    }

    private Task<ValoriFollower> FollowAsync() => ValoriFollower.StartAsync(_system, "standby", token => _valori.OpenAsync("notes", create: false, cancellationToken: token));

    private async Task<IImmutableList<byte[]>> RowsAsync(ValoriEngine engine, long last) => await ChangeFeed.Pages(engine.GetEventsAsync, 1)
        .SelectMany(page => page.Records.Select(record => record.Payload)).Take((int)last).RunWith(Sink.Seq<byte[]>(), _system.Materializer()).WaitAsync(Patience);

    private static async Task WriteAsync(ValoriEngine engine, RandomCommands commands, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Command command = commands.Next();
            await AskAsync<object>(engine, commands.Number(3) == 0 ? new Request(RequestId.Parse($"{i % 40}-{Guid.NewGuid():N}"), command) : command);
        }
    }

    private static async Task ReachAsync(ValoriEngine engine, long sequenceNr)
    {
        while ((await engine.StatusAsync()).SequenceNr is var here && here < sequenceNr) await engine.GetEventsAsync(new GetEvents(here + 1, 0, 1_000)).WaitAsync(Patience);
    }

    private static async Task<T> AskAsync<T>(ValoriEngine engine, object message) => await Requests.AskAsync<T>(engine.Gateway, message, Patience, CancellationToken.None);

    /// <summary>It opens a collection that answers nothing.</summary>
    private sealed class SilentGuardian(TaskCompletionSource asked) : UntypedActor
    {
        private readonly IActorRef _gateway = Context.ActorOf(Props.Create(() => new Silent(asked)), "notes");

        protected override void OnReceive(object message) => Sender.Tell(new EngineOpened("notes", new EngineSchema(3), _gateway));
    }

    private sealed class Silent(TaskCompletionSource asked) : UntypedActor
    {
        protected override void OnReceive(object message) => asked.TrySetResult();
    }
}

/// <summary>A warm standby, in another process as far as messages go.</summary>
public sealed class StandbyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task It_goes_through_crashes_of_both_sides_and_takes_over_with_all_that_it_has()
    {
        const int seed = 7;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        RandomCommands commands = new(seed, 3) { AreEndsFarOff = true };
        await using Standby standby = new("valori.snapshots.after-journal-bytes = 20000");
        await standby.StartLeaderAsync();
        await standby.StartFollowerAsync();
        for (int round = 0; round < 6; round++)
        {
            // Some of them are still on their way when it crashes.
            Task[] writes = [.. Enumerable.Range(0, 40).Select(i => SendAsync(standby.Leader!, $"{round}-{i}", commands.Next()))];
            await writes[random.Next(writes.Length)];
            bool leader = round % 3 != 1, follower = round % 3 != 0;
            if (leader) await standby.CrashLeaderAsync();
            if (follower) await standby.CrashFollowerAsync();
            await Task.WhenAll(writes);
            if (leader) await standby.StartLeaderAsync();
            if (follower) await standby.StartFollowerAsync();
            await standby.AssertCaughtUpAsync();
        }
        Receipt last = (await standby.Leader!.WithRequestId("last").InsertAsync(new float[] { 1, 2, 3 })).Receipt;
        await standby.AssertCaughtUpAsync();
        await standby.CrashLeaderAsync();
        ValoriEngine own = await standby.Follower!.TakeOverAsync();
        Assert.Equal(last, (await own.WithRequestId("last").InsertAsync(new float[] { 1, 2, 3 })).Receipt);
        Assert.Equal(last.SequenceNr + 1, (await own.InsertAsync(new float[] { 4, 5, 6 })).Receipt.SequenceNr);
    }

    [Fact]
    public async Task Without_the_first_events_it_starts_from_a_snapshot_and_goes_on_after_a_crash_of_its_own()
    {
        await using Standby standby = new("valori.journal-retention = snapshots");
        await standby.StartLeaderAsync();
        string path = "";
        for (int i = 0; i < 3; i++)
        {
            await standby.Leader!.WithRequestId($"request-{i}").InsertAsync(new float[] { i, 2, 3 });
            path = await standby.Leader.SaveAsync();
        }
        // What the snapshots cover is dropped after the answer.
        while (await HasFirstAsync(standby.Leader!)) await Task.Yield();
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => standby.StartFollowerAsync());
        Assert.Equal(RefusalKind.OutOfReach, refused.Refusal.Kind);
        Assert.EndsWith("start with a snapshot of the collection to follow", refused.Message);
        await using (FileStream damaged = File.OpenRead(path))
        {
            byte[] bytes = new byte[damaged.Length];
            await damaged.ReadExactlyAsync(bytes);
            bytes[^1] ^= 1;
            refused = await Assert.ThrowsAsync<RefusedException>(() => standby.StartFollowerAsync(new MemoryStream(bytes)));
            Assert.Equal(RefusalKind.InvalidSnapshot, refused.Refusal.Kind);
        }

        await using (FileStream snapshot = File.OpenRead(path)) await standby.StartFollowerAsync(snapshot);
        await standby.AssertCaughtUpAsync();
        await standby.CrashFollowerAsync();
        await standby.Leader!.InsertAsync(new float[] { 7, 8, 9 });
        await standby.StartFollowerAsync();
        await standby.AssertCaughtUpAsync();
        await standby.CrashFollowerAsync();
        using DirectoryAudit audit = DirectoryAudit.Open(standby.FollowerPath);
        AuditedCollection audited = audit.Audit("notes");
        Assert.True(audited.IsGood, string.Join('\n', audited.BadPlaces));
        Assert.Equal((await standby.Leader.StatusAsync()).Place, audited.Place);
    }

    private static async Task<bool> HasFirstAsync(ValoriEngine engine)
    {
        try
        {
            await engine.TimelineAsync(1, 1);
            return true;
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    private static async Task SendAsync(ValoriEngine engine, string request, Command command)
    {
        try
        {
            await engine.SendAsync(command, RequestId.Parse(request));
        }
        catch (Exception e) when (e is RefusedException or EngineException)
        {
            // Refused, or its system crashed.
        }
    }
}
