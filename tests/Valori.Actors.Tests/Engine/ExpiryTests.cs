using Akka.Actor;
using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>The engine's clock ends records: in time, durably, after a restart too, and nobody else's does.</summary>
public sealed class ExpiryTests() : EngineTestKit("akka.actor.serialize-messages = off")
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_record_whose_time_has_passed_is_gone_with_an_event_that_has_the_time()
    {
        IActorRef engine = Open();
        Put(engine, "a", Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        Put(engine, "b", Time.GetUtcNow() + Soon);
        Put(engine, "c", null);
        AwaitRecords(engine, 2);
        Receipt last = Put(engine, "d", null);
        // The creation, four records, and the end of one.
        Assert.Equal((6, Time.GetUnixMicroseconds()), (last.SequenceNr, last.UnixMicroseconds));

        // The clock goes on, and whatever makes the engine look at it ends the next one.
        Time.Advance(Soon);
        Put(engine, "e", null);
        AwaitRecords(engine, 3);
        engine.Tell(new FindRecord((RecordKey)"b"), TestActor);
        Assert.Null(ExpectMsg<RecordPresence>().Id);
        engine.Tell(new FindRecord((RecordKey)"b") { AsOf = AsOf.SequenceNr(last.SequenceNr) }, TestActor);
        Assert.Equal(new RecordId(1), ExpectMsg<RecordPresence>().Id);
    }

    [Fact]
    public async Task A_record_is_gone_soon_after_its_time_by_the_timer_alone()
    {
        using TemporaryDirectory directory = new();
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Dimension = Dimension });
        DateTimeOffset ends = DateTimeOffset.UtcNow.AddMilliseconds(300);
        await engine.InsertAsync(new NewRecord(new float[] { 1, 2 }) { Key = "session", ExpiresAt = ends });
        Receipt later = await engine.SetExpiryAsync((RecordKey)"session", ends.AddMilliseconds(200));
        await UntilAsync(async () => !await engine.ExistsAsync((RecordKey)"session"));
        EngineStatus status = await engine.StatusAsync();
        Assert.Equal(later.SequenceNr + 1, status.SequenceNr);
        Assert.InRange(DateTimeOffset.UnixEpoch.AddMicroseconds(status.UnixMicroseconds), ends.AddMilliseconds(200), ends.AddSeconds(30));

        await engine.InsertAsync(new NewRecord(new float[] { 1, 2 }) { Key = "kept", ExpiresAt = DateTimeOffset.UtcNow.AddDays(1) });
        await engine.RemoveExpiryAsync((RecordKey)"kept");
        Assert.Null((await engine.GetRecordAsync((RecordKey)"kept")).ExpiresAtUnixMicroseconds);
    }

    [Fact]
    public async Task What_came_to_its_end_while_nobody_ran_is_gone_after_the_start()
    {
        using TemporaryDirectory directory = new();
        ManualTime time = new();
        foreach (bool fromSnapshot in new[] { false, true })
        {
            await using (ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Dimension = Dimension, Time = time }))
            {
                for (int i = 0; i < 2_500; i += 500)
                    await engine.InsertBatchAsync([.. Enumerable.Range(0, 500).Select(_ => new NewRecord(new float[] { 1, 2 }) { ExpiresAt = time.GetUtcNow() + Soon })]);
                if (fromSnapshot) await engine.SaveAsync();
                Assert.Equal(2_500UL, await engine.RecordCountAsync());
            }
            time.Advance(Soon);
            await using (ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Time = time }))
            {
                // More than one event takes.
                await UntilAsync(async () => await engine.RecordCountAsync() == 0);
                TimelineEntry newest = (await engine.TimelineAsync((await engine.StatusAsync()).SequenceNr, 1)).Entries[0];
                Assert.Equal(time.GetUnixMicroseconds(), newest.UnixMicroseconds);
                // They are written together: with a write for each, a million records would wait for a thousand writes.
                Assert.Equal(Enumerable.Repeat(TimelineKind.RecordsExpired, 3), newest.Changes.Select(change => change.Kind));
                Assert.Equal([500, 1_000, 1_000], (await engine.TimelineAsync(1, 1_000)).Entries.SelectMany(entry => entry.Changes)
                    .Where(change => change.Kind == TimelineKind.RecordsExpired).TakeLast(3).Select(change => change.Count).Order());
            }
        }
    }

    [Fact]
    public void A_client_cannot_say_that_it_is_time()
    {
        IActorRef engine = Open();
        Put(engine, "a", Time.GetUtcNow() + Soon);
        ExpireRecords command = new((Time.GetUtcNow() + 2 * Soon).Ticks / 10);
        foreach (object message in new object[] { command, new Request(RequestId.Parse("r"), command) })
        {
            engine.Tell(message, TestActor);
            Refusal refusal = ExpectMsg<Refusal>();
            Assert.Equal("ExpireRecords is not for clients: records expire by the engine's own clock. Use set_expiry to change when a record expires", refusal.Message);
        }
        Assert.Equal(1UL, Status(engine).RecordCount);
    }

    [Fact]
    public void A_write_that_fails_is_not_tried_again_at_once_and_the_record_goes_with_the_next_command()
    {
        IActorRef engine = Open();
        Put(engine, "a", Time.GetUtcNow() + Soon);
        Time.Advance(Soon);
        Faults.Next(Fault.FailBeforeCommit);
        engine.Tell(Insert(1, 2), TestActor);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, ExpectMsg<EngineFailure>().Kind);
        Assert.Equal(1UL, StatusAfterRecovery(engine).RecordCount);
        engine.Tell(Insert(1, 2), TestActor);
        ExpectMsg<Receipt>();
        AwaitRecords(engine, 1);
    }

    [Fact]
    public void An_expiry_with_another_time_than_its_entry_is_refused_when_it_is_read()
    {
        EngineState state = new("test", 10);
        List<JournalEntry> entries = [state.Record(new EngineCreated(new EngineSchema(Dimension)), 0)];
        state.Change(new Change(state.Kernel.Decide(PutOf("a", DateTimeOffset.UnixEpoch)).Value!));
        entries.Add(state.CloseChanges(1));
        state.Change(new Change(state.Kernel.Decide(new ExpireRecords(5)).Value!));
        entries.Add(state.CloseChanges(5));

        EngineState same = new("same", 10), other = new("other", 10);
        for (int i = 0; i < 3; i++) same.Replay(i + 1, JournalCodec.Encode(entries[i]));
        Assert.Equal(state.Kernel.StateHash, same.Kernel.StateHash);
        for (int i = 0; i < 2; i++) other.Replay(i + 1, JournalCodec.Encode(entries[i]));
        JournalEntry forged = entries[2] with { Event = new KernelChanged([new Change(new RecordsExpired(4, new ulong[] { 0 }))]) };
        CorruptionException refused = Assert.Throws<CorruptionException>(() => other.Replay(3, JournalCodec.Encode(forged)));
        Assert.Equal("records that expired at 1970-01-01T00:00:00.000004Z in an event of 1970-01-01T00:00:00.000005Z", refused.Found);
        // A name beside it would keep a client's command of that name from being carried out.
        JournalEntry named = entries[2] with { Event = new KernelChanged([new Change(new RecordsExpired(5, new ulong[] { 0 }), RequestId.Parse("r"))]) };
        Assert.Contains("only the engine itself decides it", Assert.Throws<CorruptionException>(() => other.Replay(3, JournalCodec.Encode(named))).Found);
    }

    private Receipt Put(IActorRef engine, string key, DateTimeOffset? expiry)
    {
        engine.Tell(PutOf(key, expiry), TestActor);
        return ExpectMsg<Receipt>();
    }

    private static PutRecords PutOf(string key, DateTimeOffset? expiry) => new(
        VectorBlock.FromComponents(Dimension, [1, 2]).Value!, new ulong[1],
        [new RecordAttributes { Key = key, ExpiresAtUnixMicroseconds = expiry is { } time ? ((FieldValue)time).AsUnixMicroseconds() : null }]);

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (DateTime end = DateTime.UtcNow.AddSeconds(30); !await isSo();)
        {
            Assert.True(DateTime.UtcNow < end, "it did not come to it in time");
            await Task.Yield();
        }
    }

    private void AwaitRecords(IActorRef engine, ulong count) =>
        AwaitAssert(() => Assert.Equal(count, Status(engine).RecordCount), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(5));
}
