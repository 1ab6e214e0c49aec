using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Recovery;

/// <summary>Request ids outlive the process, whether their commands lie before a snapshot or after it.</summary>
public abstract class RequestIdRecoveryTests(Backend backend) : IDisposable
{
    public void Dispose() => backend.Dispose();

    /// <summary>The list of remembered requests goes into the journal with each snapshot: it must not make the next one due.</summary>
    [SkippableFact]
    public async Task Remembered_requests_that_outweigh_the_snapshot_interval_do_not_call_for_snapshots_themselves()
    {
        const string often = "valori.snapshots.after-journal-bytes = 2000";
        EngineStatus written;
        await using (ValoriEngine engine = await backend.OpenAsync(2, often))
        {
            // Some 170 bytes of journal each: a snapshot is due after a dozen, when the list has outgrown the interval.
            for (int i = 0; i < 60; i++) await engine.WithRequestId($"r{i}").InsertAsync(new float[] { i, i });
        }
        await using (ValoriEngine engine = await backend.OpenAsync(2, often))
        {
            // One may still be due from before the restart.
            await engine.SaveAsync();
            written = await engine.StatusAsync();
        }
        Assert.Equal(60UL, written.RecordCount);
        Assert.InRange(written.SequenceNr, 62, 61 + 10);
        await using ValoriEngine again = await backend.OpenAsync(2, often);
        Assert.Equal(written, await again.StatusAsync());
    }

    [SkippableFact]
    public async Task Ids_from_before_a_snapshot_are_known_to_an_engine_that_starts_from_it()
    {
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2))
        {
            await engine.WithRequestId("a").InsertAsync(new float[] { 1, 1 });
            await engine.SaveAsync();
            await engine.WithRequestId("b").InsertAsync(new float[] { 2, 2 });
        }
        await using (ValoriEngine engine = await backend.OpenAsync())
        {
            Assert.Equal(1UL, (await engine.WithRequestId("b").InsertAsync(new float[] { 2, 2 })).Id.Value);
            Assert.Equal(0UL, (await engine.WithRequestId("a").InsertAsync(new float[] { 1, 1 })).Id.Value);
            Assert.Equal(2UL, await engine.RecordCountAsync());
            await engine.SaveAsync();
        }
        await using ValoriEngine again = await backend.OpenAsync();
        Assert.Equal(0UL, (await again.WithRequestId("a").InsertAsync(new float[] { 1, 1 })).Id.Value);
    }

    /// <summary>Whether the list of a snapshot tells of the command, or its event.</summary>
    [SkippableFact]
    public async Task Another_command_with_an_id_from_before_a_restart_is_refused()
    {
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2))
        {
            await engine.WithRequestId("listed").InsertAsync(new float[] { 1, 1 });
            await engine.SaveAsync();
            await engine.WithRequestId("replayed").InsertAsync(new float[] { 2, 2 });
        }
        await using ValoriEngine again = await backend.OpenAsync();
        EngineStatus before = await again.StatusAsync();
        foreach (string id in new[] { "listed", "replayed" })
        {
            RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => again.WithRequestId(id).SoftDeleteAsync(new RecordId(0)));
            Assert.Equal(RefusalKind.RequestIdReused, e.Refusal.Kind);
            await Assert.ThrowsAsync<RefusedException>(() => again.WithRequestId(id).InsertAsync(new float[] { 3, 3 }));
        }
        Assert.Equal(before, await again.StatusAsync());
    }

    [SkippableFact]
    public async Task A_restore_forgets_the_requests_that_it_undid_also_after_a_restart_and_no_others()
    {
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2))
        {
            Receipt kept = (await engine.WithRequestId("kept").InsertAsync(new float[] { 1, 1 })).Receipt;
            await engine.SaveAsync();
            byte[] snapshot = backend.ReadSnapshot(backend.Snapshots()[^1]);
            await engine.WithRequestId("undone").InsertAsync(new float[] { 2, 2 });
            await engine.WithRequestId("undone-too").InsertAsync(new float[] { 3, 3 });
            await engine.RestoreAsync(snapshot);
            Assert.Equal(1UL, await engine.RecordCountAsync());
            Assert.Equal(kept, (await engine.WithRequestId("kept").InsertAsync(new float[] { 1, 1 })).Receipt);
            Assert.Equal(1UL, (await engine.WithRequestId("undone").InsertAsync(new float[] { 2, 2 })).Id.Value);
            Assert.Equal(2UL, await engine.RecordCountAsync());
        }
        await using (ValoriEngine engine = await backend.OpenAsync())
        {
            await engine.WithRequestId("kept").InsertAsync(new float[] { 1, 1 });
            await engine.WithRequestId("undone").InsertAsync(new float[] { 2, 2 });
            Assert.Equal(2UL, await engine.RecordCountAsync());
            // Another command with the id of one that was undone: nothing stands against it.
            await engine.WithRequestId("undone-too").CreateNodeAsync(NodeKind.Chunk);
            await engine.SaveAsync();
        }
        await using ValoriEngine again = await backend.OpenAsync();
        await again.WithRequestId("undone-too").CreateNodeAsync(NodeKind.Chunk);
        EngineStatus status = await again.StatusAsync();
        Assert.Equal((2UL, 1UL), (status.RecordCount, status.NodeCount));
    }

    [SkippableFact]
    public async Task A_restore_of_a_snapshot_of_another_history_forgets_all_requests()
    {
        byte[] other;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2, name: "other"))
        {
            await engine.InsertAsync(new float[] { 9, 9 });
            await engine.SaveAsync();
            other = backend.ReadSnapshot(backend.Snapshots("other")[^1], "other");
        }
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2))
        {
            await engine.WithRequestId("a").InsertAsync(new float[] { 1, 1 });
            await engine.InsertAsync(new float[] { 2, 2 });
            await engine.RestoreAsync(other);
        }
        await using ValoriEngine again = await backend.OpenAsync();
        Assert.Equal(1UL, (await again.WithRequestId("a").InsertAsync(new float[] { 1, 1 })).Id.Value);
    }

    [SkippableFact]
    public async Task Ids_whose_events_were_dropped_are_known()
    {
        const string drop = "valori.journal-retention = snapshots";
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2, drop))
        {
            await engine.WithRequestId("a").InsertAsync(new float[] { 1, 1 });
            for (int i = 0; i < 3; i++)
            {
                await engine.InsertAsync(new float[] { i, i });
                await engine.SaveAsync();
            }
        }
        await using ValoriEngine again = await backend.OpenAsync(more: drop);
        Assert.Equal(0UL, (await again.WithRequestId("a").InsertAsync(new float[] { 1, 1 })).Id.Value);
        Assert.Equal(4UL, await again.RecordCountAsync());
    }
}

public sealed class RequestIdRecoveryOnSqliteTests() : RequestIdRecoveryTests(new SqliteBackend());

public sealed class RequestIdRecoveryOnPostgreSqlTests() : RequestIdRecoveryTests(new PostgreSqlBackend());

public sealed class RequestIdRecoveryOnPostgreSqlAloneTests() : RequestIdRecoveryTests(new PostgreSqlSnapshotsBackend());
