using Valori.Actors.Tests.Backends;
using Valori.Actors.Text;

namespace Valori.Actors.Tests.Queries;

/// <summary>Questions about the past: the same answers for ever, also after a restart, or a refusal that says how far the engine reaches.</summary>
public abstract class PastStateTests(Backend backend) : IDisposable
{
    private readonly ManualTime _time = new();

    public void Dispose() => backend.Dispose();

    [SkippableFact]
    public async Task Every_query_is_answered_as_of_an_event_a_time_and_a_state_hash()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2);
        Receipt[] receipts = await WriteAsync(engine);
        await AssertPastAsync(engine, receipts, first: 0);
    }

    [SkippableFact]
    public async Task After_a_restart_from_the_journal_all_of_the_past_is_in_reach()
    {
        Receipt[] receipts;
        await using (ValoriEngine engine = await OpenAsync(dimension: 2)) receipts = await WriteAsync(engine);
        await using ValoriEngine again = await OpenAsync();
        await AssertPastAsync(again, receipts, first: 0);
    }

    [SkippableFact]
    public async Task After_a_restart_from_a_snapshot_the_past_behind_it_is_in_reach_and_what_lies_before_is_refused()
    {
        Receipt[] receipts;
        await using (ValoriEngine engine = await OpenAsync(dimension: 2))
        {
            await engine.InsertAsync(new float[] { 9, 9 });
            await engine.SaveAsync();
            receipts = await WriteAsync(engine);
        }
        await using ValoriEngine again = await OpenAsync();
        await AssertPastAsync(again, receipts, first: 1);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => again.StatusAsync(AsOf.SequenceNr(1)));
        Assert.Equal(
            (RefusalKind.OutOfReach, "the state after event 1 is out of reach: this collection reaches back to event 2 of 2026-11-24T00:00:00.000000Z, the snapshot that it was started from. If valori.journal-retention is \"all\", the journal has the events before: set valori.as-of-retention to at least the age of that state and restart"),
            (refused.Refusal.Kind, refused.Message));
        Assert.Equal(RefusalKind.OutOfReach, (await Assert.ThrowsAsync<RefusedException>(() => again.StatusAsync(AsOf.StateHash(Digest.Zero)))).Refusal.Kind);
        // The engine's first event was at this time, but it is not known here.
        Assert.Equal(RefusalKind.OutOfReach, (await Assert.ThrowsAsync<RefusedException>(
            () => again.StatusAsync(AsOf.Time(_time.GetUtcNow() - TimeSpan.FromHours(2))))).Refusal.Kind);
        Assert.EndsWith("set valori.as-of-retention to at least 5d and restart", (await Assert.ThrowsAsync<RefusedException>(
            () => again.StatusAsync(AsOf.Time(_time.GetUtcNow() - TimeSpan.FromDays(3))))).Message);
    }

    [SkippableFact]
    public async Task A_time_before_the_first_event_is_one_at_which_the_collection_did_not_exist_yet()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2);
        Receipt first = (await engine.InsertAsync(new float[] { 1, 1 })).Receipt;
        HistoryPlace created = (await engine.StatusAsync(AsOf.SequenceNr(1))).Place;
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => engine.StatusAsync(AsOf.Time(DateTimeOffset.UnixEpoch)));
        Assert.Equal(
            (RefusalKind.OutOfReach, $"the collection did not exist yet at 1970-01-01T00:00:00.000000Z: event 1 of {Iso8601.Format(created.UnixMicroseconds)} created it"),
            (refused.Refusal.Kind, refused.Message));
        await engine.RestoreAsync(backend.ReadSnapshot(await SaveAsync(engine)));
        Assert.EndsWith("What was before is freed after valori.past.forget-after, or was replaced by a restore",
            (await Assert.ThrowsAsync<RefusedException>(() => engine.StatusAsync(AsOf.SequenceNr(first.SequenceNr)))).Message);
    }

    [SkippableFact]
    public async Task A_retention_reaches_behind_the_newest_snapshot()
    {
        const string more = "valori.as-of-retention = 10m";
        Receipt[] receipts;
        await using (ValoriEngine engine = await OpenAsync(dimension: 2, more))
        {
            await engine.InsertAsync(new float[] { 9, 9 });
            await engine.SaveAsync();
            _time.Advance(TimeSpan.FromHours(1));
            receipts = await WriteAsync(engine);
            await engine.SaveAsync();
        }
        await using ValoriEngine again = await OpenAsync(more: more);
        await AssertPastAsync(again, receipts, first: 1);
        // From the snapshot that is old enough, not from the first event.
        Assert.Equal(RefusalKind.OutOfReach, (await Assert.ThrowsAsync<RefusedException>(() => again.StatusAsync(AsOf.SequenceNr(1)))).Refusal.Kind);
    }

    [SkippableFact]
    public async Task The_past_before_a_restore_is_out_of_reach_and_what_follows_is_not()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2);
        Receipt first = (await engine.InsertAsync(new float[] { 1, 1 })).Receipt;
        byte[] snapshot = backend.ReadSnapshot(await SaveAsync(engine));
        await engine.InsertAsync(new float[] { 2, 2 });
        Receipt restored = await engine.RestoreAsync(snapshot);
        await engine.InsertAsync(new float[] { 3, 3 });
        Assert.Equal(first.StateHash, await engine.GetStateHashAsync(AsOf.SequenceNr(restored.SequenceNr)));
        Assert.Equal(1UL, await engine.RecordCountAsync(AsOf.StateHash(first.StateHash)));
        Assert.Equal(2UL, await engine.RecordCountAsync());
        Assert.Equal(RefusalKind.OutOfReach, (await Assert.ThrowsAsync<RefusedException>(
            () => engine.StatusAsync(AsOf.SequenceNr(restored.SequenceNr - 1)))).Refusal.Kind);
    }

    [SkippableFact]
    public async Task The_past_stays_in_reach_for_as_long_as_it_is_to_while_memory_is_freed()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2, $"valori.past.forget-after = 24d, {FreesAlways}");
        Receipt[] receipts = await WriteAsync(engine);
        for (int i = 0; i < 20; i++) await engine.SetMetadataAsync(new RecordId(1), new byte[] { (byte)i });
        await AssertPastAsync(engine, receipts, first: 0);
        Assert.Equal([19], (await engine.GetMetadataAsync(new RecordId(1)))!);
    }

    [SkippableFact]
    public async Task What_was_deleted_is_freed_while_the_engine_runs_and_the_past_before_is_out_of_reach()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2, $"valori.past.forget-after = 0s, {FreesAlways}");
        Receipt[] receipts = await WriteAsync(engine);
        EngineStatus status = await engine.StatusAsync();
        Assert.Equal(receipts[^1].Place, status.Place);
        // It is freed in steps after the last answer.
        while (!await IsOutOfReachAsync(engine, receipts[^1].SequenceNr - 1)) await Task.Yield();
        Assert.Equal(receipts[^1].Place, (await engine.StatusAsync(AsOf.SequenceNr(receipts[^1].SequenceNr))).Place);
        Assert.Equal(receipts[^1].Place, (await engine.StatusAsync(AsOf.StateHash(receipts[^1].StateHash))).Place);
        Assert.Equal([new RecordId(1)], (await engine.SearchAsync(new float[] { 1, 1 }, 5, 7)).Select(hit => hit.Id));
        Assert.Equal(new RecordId(2), await engine.InsertAsync(new float[] { 3, 3 }));
        await using ValoriEngine again = await ReopenedAsync(engine);
        await AssertPastAsync(again, receipts, first: 0);
    }

    [SkippableFact]
    public async Task A_start_frees_what_is_older_than_the_past_that_stays_in_reach_while_it_replays()
    {
        Receipt[] receipts;
        await using (ValoriEngine engine = await OpenAsync(dimension: 2))
        {
            receipts = await WriteAsync(engine);
            _time.Advance(TimeSpan.FromHours(2));
            await engine.SetMetadataAsync(new RecordId(1), new byte[] { 1 });
            await engine.SetMetadataAsync(new RecordId(1), new byte[] { 2 });
        }
        // A round of the running engine would keep the past of before for an hour.
        await using ValoriEngine again = await OpenAsync(more: $"valori.past.forget-after = 1h, {FreesAlways}");
        Assert.True(await IsOutOfReachAsync(again, receipts[^1].SequenceNr - 1));
        Assert.Equal(receipts[^1].Place, (await again.StatusAsync(AsOf.SequenceNr(receipts[^1].SequenceNr))).Place);
        Assert.Equal([1], (await again.GetMetadataAsync(new RecordId(1), AsOf.SequenceNr(receipts[^1].SequenceNr + 1)))!);
        Assert.Equal([2], (await again.GetMetadataAsync(new RecordId(1)))!);
    }

    private const string FreesAlways = "valori.past.free-bytes = 1, valori.past.free-fraction = 0";

    private static async Task<bool> IsOutOfReachAsync(ValoriEngine engine, long sequenceNr)
    {
        try
        {
            await engine.StatusAsync(AsOf.SequenceNr(sequenceNr));
            return false;
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.OutOfReach)
        {
            return true;
        }
    }

    private async Task<ValoriEngine> ReopenedAsync(ValoriEngine engine)
    {
        await engine.DisposeAsync();
        return await OpenAsync();
    }

    [SkippableFact]
    public async Task What_is_not_decided_yet_is_refused()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => engine.StatusAsync(AsOf.SequenceNr(2)));
        Assert.Equal((RefusalKind.NotFound, "event 2 does not exist yet: the last event is 1"), (refused.Refusal.Kind, refused.Message));
        refused = await Assert.ThrowsAsync<RefusedException>(() => engine.StatusAsync(AsOf.Time(_time.GetUtcNow() + TimeSpan.FromSeconds(1))));
        Assert.Equal(
            (RefusalKind.InvalidArgument, "2026-11-24T00:00:01.000000Z is in the future: the clock of the collection says 2026-11-24T00:00:00.000000Z"),
            (refused.Refusal.Kind, refused.Message));
        Assert.Equal(1, (await engine.StatusAsync(AsOf.Time(_time.GetUtcNow()))).SequenceNr);
    }

    [SkippableFact]
    public async Task A_sequence_number_that_no_event_can_have_is_refused()
    {
        await using ValoriEngine engine = await OpenAsync(dimension: 2);
        foreach (long none in new[] { 0, -1, long.MinValue })
        {
            RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => engine.StatusAsync(AsOf.SequenceNr(none)));
            Assert.Equal((RefusalKind.InvalidArgument, $"as_of is {none}; a sequence number is at least 1, the event that created the collection"), (refused.Refusal.Kind, refused.Message));
        }
    }

    private Task<ValoriEngine> OpenAsync(int? dimension = null, string more = "") => backend.OpenAsync(dimension, more, time: _time);

    private async Task<long> SaveAsync(ValoriEngine engine)
    {
        await engine.SaveAsync();
        return backend.Snapshots()[^1];
    }

    /// <summary>A receipt a minute: a record, its metadata, other metadata, a graph, and the record's end.</summary>
    private async Task<Receipt[]> WriteAsync(ValoriEngine engine)
    {
        List<Receipt> receipts = [];
        RecordId record = await engine.InsertAsync(new float[] { 1, 1 }, 7);
        foreach (Func<Task<Receipt>> step in new Func<Task<Receipt>>[]
        {
            async () => (await engine.InsertAsync(new float[] { 2, 2 }, 7)).Receipt,
            () => engine.SetMetadataAsync(record, "old"u8.ToArray()),
            () => engine.SetMetadataAsync(record, "new"u8.ToArray()),
            async () => (await engine.CreateNodeAsync(NodeKind.Document)).Receipt,
            async () => (await engine.CreateNodeAsync(NodeKind.Chunk, record)).Receipt,
            async () => (await engine.CreateEdgeAsync(new NodeId(0), new NodeId(1), EdgeKind.ParentOf)).Receipt,
            () => engine.DeleteNodeAsync(new NodeId(1)),
            () => engine.SoftDeleteAsync(record),
        })
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            receipts.Add(await step());
        }
        _time.Advance(TimeSpan.FromMinutes(1));
        return [.. receipts];
    }

    private static async Task AssertPastAsync(ValoriEngine engine, Receipt[] receipts, ulong first)
    {
        RecordId record = new(first);
        foreach (Receipt receipt in receipts)
        {
            DateTimeOffset time = DateTimeOffset.UnixEpoch.AddTicks(receipt.UnixMicroseconds * TimeSpan.TicksPerMicrosecond);
            foreach (AsOf asOf in new[] { AsOf.SequenceNr(receipt.SequenceNr), AsOf.Time(time), AsOf.Time(time + TimeSpan.FromSeconds(59)), AsOf.StateHash(receipt.StateHash) })
                Assert.Equal(receipt.Place, (await engine.StatusAsync(asOf)).Place);
        }
        AsOf[] at = [.. receipts.Select(receipt => AsOf.SequenceNr(receipt.SequenceNr))];
        Assert.Null(await engine.GetMetadataAsync(record, at[0]));
        Assert.Equal("old"u8.ToArray(), await engine.GetMetadataAsync(record, at[1]));
        Assert.Equal("new"u8.ToArray(), (await engine.GetRecordAsync(record, at[2])).Metadata!.Value.ToArray());
        Assert.Equal("node 0 does not exist", (await Assert.ThrowsAsync<RefusedException>(() => engine.GetNodeAsync(new NodeId(0), at[2]))).Message);
        Assert.Equal([new NodeId(0)], await engine.ExpandAsync(new NodeId(0), 3, at[4]));
        Assert.Equal([new NodeId(0), new NodeId(1)], await engine.ExpandAsync(new NodeId(0), 3, at[5]));
        Assert.Equal(EdgeKind.ParentOf, (await engine.GetEdgeAsync(new EdgeId(0), at[5])).Kind);
        Assert.Single((await engine.GetEdgesAsync(new NodeId(0), at[5])).Outgoing);
        Assert.Empty((await engine.GetEdgesAsync(new NodeId(0), at[6])).Outgoing);
        Assert.Equal([new NodeId(1)], (await engine.SearchExpandAsync(new float[] { 1, 1 }, 1, 0, 7, at[5]))[0].Nodes);
        Assert.Equal([record], (await engine.SearchAsync(new float[] { 1, 1 }, 1, 7, at[6])).Select(hit => hit.Id));
        Assert.Equal([[record]], (await engine.SearchBatchAsync([new float[] { 1, 1 }], 1, 7, at[6])).Select(hits => hits.Select(hit => hit.Id)));
        Assert.Equal([new RecordId(first + 1)], (await engine.SearchAsync(new float[] { 1, 1 }, 1, 7, at[7])).Select(hit => hit.Id));
        Assert.Equal(first + 2, await engine.RecordCountAsync(at[6]));
        Assert.Equal(first + 1, await engine.RecordCountAsync(at[7]));
        Assert.Equal(receipts[3].StateHash, await engine.GetStateHashAsync(at[3]));

        SearchHits before = await engine.SearchWithReceiptAsync(new float[] { 1, 1 }, 2, 7, at[6]);
        SearchHits replayed = await engine.SearchWithReceiptAsync(new float[] { 1, 1 }, 2, 7, AsOf.StateHash(before.Receipt!.StateHash));
        Assert.Equal(before.Receipt, replayed.Receipt);
        Assert.NotEqual(before.Receipt.Digest, (await engine.SearchWithReceiptAsync(new float[] { 1, 1 }, 2, 7)).Receipt!.Digest);
    }
}

public sealed class PastStateOnSqliteTests() : PastStateTests(new SqliteBackend());

public sealed class PastStateOnPostgreSqlTests() : PastStateTests(new PostgreSqlBackend());

public sealed class PastStateOnPostgreSqlAloneTests() : PastStateTests(new PostgreSqlSnapshotsBackend());
