using Akka.Actor;
using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Tests.Facade;

/// <summary>Deleting and changing what matches a filter: in steps, beside others, and once however often it is sent.</summary>
public sealed class WhereTests() : EngineTestKit("akka.actor.serialize-messages = off")
{
    private const int Records = 2_500;

    private static readonly Filter Mine = Filter.Eq("user", "ada");

    [Fact]
    public async Task What_a_filter_lets_through_is_deleted_up_to_a_limit_and_then_the_rest()
    {
        ValoriEngine engine = await FilledAsync();
        ChangedRecords changed = await engine.SetFieldsWhereAsync(Mine, new FieldsBuilder { ["seen"] = true }.Build());
        Assert.Equal((Records, true), (changed.Count, changed.IsComplete));
        Assert.Equal((ulong)Records, await engine.CountRecordsAsync(Filter.Eq("seen", true)));
        changed = await engine.RemoveFieldsWhereAsync(Filter.Eq("seen", true), ["seen"], limit: 1);
        Assert.Equal((1, false), (changed.Count, changed.IsComplete));

        changed = await engine.DeleteWhereAsync(Mine, limit: 1_200);
        Assert.Equal((1_200, false), (changed.Count, changed.IsComplete));
        changed = await engine.DeleteWhereAsync(Mine);
        Assert.Equal((Records - 1_200, true), (changed.Count, changed.IsComplete));
        Assert.Equal(changed.Receipt.StateHash, await engine.GetStateHashAsync());
        Assert.Equal(1UL, await engine.RecordCountAsync());
        changed = await engine.DeleteWhereAsync(Filter.All);
        Assert.Equal((1, true), (changed.Count, changed.IsComplete));
        Assert.Equal(0UL, await engine.RecordCountAsync());
        foreach (long limit in new[] { 0, -1, long.MinValue })
            Assert.Equal($"limit is {limit}; it must be at least 1", (await Assert.ThrowsAsync<RefusedException>(() => engine.DeleteWhereAsync(Mine, limit))).Message);
    }

    [Fact]
    public async Task A_request_that_was_interrupted_goes_on_when_it_is_sent_again_and_its_answer_counts_all()
    {
        ValoriEngine engine = await FilledAsync();
        Task<ChangedRecords> Delete() => engine.WithRequestId("mine").DeleteWhereAsync(Mine);
        // The first step is durable, the second one is not.
        Faults.Next(Fault.FailBeforeCommit, after: 1);
        EngineException failed = await Assert.ThrowsAsync<EngineException>(Delete);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, failed.Kind);
        Assert.EndsWith("; before that, 1000 records were deleted", failed.Message);
        StatusAfterRecovery(engine.Gateway);
        Assert.Equal((ulong)Records + 1 - 1_000, await engine.RecordCountAsync());

        ChangedRecords whole = await Delete();
        Assert.Equal((Records, true), (whole.Count, whole.IsComplete));
        Assert.Equal(1UL, await engine.RecordCountAsync());
        await engine.InsertAsync(new NewRecord(new float[] { 1, 2 }) { Fields = new FieldsBuilder { ["user"] = "ada" }.Build() });
        ChangedRecords again = await Delete();
        Assert.Equal(whole, again);
        Assert.Equal(2UL, await engine.RecordCountAsync());

        RefusedException other = await Assert.ThrowsAsync<RefusedException>(() => engine.WithRequestId("mine").DeleteWhereAsync(Filter.All));
        Assert.Equal(RefusalKind.RequestIdReused, other.Refusal.Kind);
    }

    /// <summary>Steps are alike whatever the limit, and another limit is another command all the same.</summary>
    [Fact]
    public async Task A_request_that_comes_again_with_another_limit_is_refused_and_changes_nothing()
    {
        ValoriEngine engine = await FilledAsync();
        Task<ChangedRecords> Delete(long limit) => engine.WithRequestId("mine").DeleteWhereAsync(Mine, limit);
        ChangedRecords first = await Delete(1_000);
        foreach (long limit in new[] { 999, 1_001, 2_000, long.MaxValue })
        {
            RefusedException other = await Assert.ThrowsAsync<RefusedException>(() => Delete(limit));
            Assert.Equal(RefusalKind.RequestIdReused, other.Refusal.Kind);
            Assert.Contains("'mine'", other.Message);
        }
        Assert.Equal(first, await Delete(1_000));
        Assert.Equal((ulong)Records + 1 - 1_000, await engine.RecordCountAsync());
    }

    [Fact]
    public async Task Others_write_between_the_steps_and_what_they_change_is_decided_at_the_step()
    {
        ValoriEngine engine = await FilledAsync();
        // Of each record, either its owner changed before its step, or it is gone.
        Task<ChangedRecords> deleting = engine.DeleteWhereAsync(Mine);
        int kept = 0;
        for (ulong id = Records; id > 0; id--)
        {
            try
            {
                await engine.SetFieldsAsync(new RecordId(id - 1), new FieldsBuilder { ["user"] = "bob" }.Build());
                kept++;
            }
            catch (RefusedException e)
            {
                Assert.Equal($"record {id - 1} was deleted", e.Message);
            }
        }
        ChangedRecords deleted = await deleting;
        Assert.Equal(Records, deleted.Count + kept);
        Assert.Equal((ulong)kept, await engine.CountRecordsAsync(Filter.Eq("user", "bob") & Filter.Exists("n")));
        Assert.Equal(0UL, await engine.CountRecordsAsync(Mine));
    }

    [Fact]
    public async Task A_refusal_after_some_steps_says_how_much_was_done()
    {
        ValoriEngine engine = await FilledAsync();
        await engine.SetFieldsAsync(new RecordId(1_500), new FieldsBuilder { ["a"] = 1 }.Build());
        Fields below = new FieldsBuilder { ["a.b"] = 1 }.Build();
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => engine.SetFieldsWhereAsync(Mine, below));
        Assert.Equal("record 1500: the fields 'a' and 'a.b' exclude each other: a field is a value, or it has fields below it; before that, 1500 records were changed", refused.Message);
        Assert.Equal(1_500UL, await engine.CountRecordsAsync(Filter.Eq("a.b", 1)));
    }

    [Fact]
    public void A_flipped_bit_in_what_the_state_does_not_prove_is_found_when_the_entry_is_read()
    {
        EngineState state = new("test", 10);
        state.Record(new EngineCreated(new EngineSchema(Dimension)), 0);
        state.Change(new Change(state.Kernel.Decide(Put(4)).Value!));
        state.CloseChanges(1);
        foreach (Command command in new Command[] { new DeleteWhere(Mine, 0, 2), new SetFieldsWhere(Mine, 0, 2, FieldsMode.Remove, Fields.Empty, ["x"]) })
        {
            state.Change(new Change(state.Kernel.Decide(command).Value!));
            byte[] bytes = JournalCodec.Encode(state.CloseChanges(2)).Payload;
            Assert.IsType<KernelChanged>(JournalCodec.Decode(new JournalRecord(bytes)).Event);
            for (int bit = HeadBytes * 8; bit < bytes.Length * 8; bit++)
            {
                byte[] flipped = [.. bytes];
                flipped[bit / 8] ^= (byte)(1 << bit % 8);
                Exception? refused = Record.Exception(() => JournalCodec.Decode(new JournalRecord(flipped)));
                Assert.True(refused is FormatException, $"bit {bit} of {command.GetType().Name}, {Convert.ToHexString(bytes.AsSpan(HeadBytes))}: {refused?.GetType().Name ?? "nothing"}");
            }
        }
    }

    // Before it are the time, the state hash and the chain, which a replay proves.
    private const int HeadBytes = 9 + 34 + 34;

    private async Task<ValoriEngine> FilledAsync()
    {
        ValoriEngine engine = await ValoriExtension.Get(Sys).OpenAsync("test", new WantedSchema(Dimension));
        await engine.Gateway.Ask<Receipt>(Put(Records / 2));
        await engine.Gateway.Ask<Receipt>(Put(Records / 2));
        await engine.InsertAsync(new NewRecord(new float[] { 1, 2 }) { Fields = new FieldsBuilder { ["user"] = "eve" }.Build() });
        return engine;
    }

    private static PutRecords Put(int records) => new(
        VectorBlock.FromComponents(Dimension, [.. Enumerable.Repeat(1f, records * Dimension)]).Value!, new ulong[records],
        [.. Enumerable.Range(0, records).Select(i => new RecordAttributes { Fields = new FieldsBuilder { ["user"] = "ada", ["n"] = i }.Build() })]);
}
