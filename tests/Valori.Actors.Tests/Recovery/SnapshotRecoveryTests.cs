using Valori.Actors.Tests.Backends;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Tests.Recovery;

/// <summary>Snapshots shorten the recovery; a damaged one is never believed and never missed.</summary>
public abstract class SnapshotRecoveryTests(Backend backend) : IDisposable
{
    public void Dispose() => backend.Dispose();

    [SkippableFact]
    public async Task A_snapshot_is_used_and_the_journal_before_it_is_not_read_again()
    {
        (Digest written, long[] snapshots) = await WriteWithSnapshotsAsync(snapshots: 1);
        Assert.Equal([11], snapshots);
        // The proof that it is used: without it, this journal could not be read.
        backend.Execute("DELETE FROM journal WHERE sequence_number <= 11");
        Assert.Equal(written, await ReopenAsync());
    }

    [SkippableTheory]
    [InlineData("flip")]
    [InlineData("flip in the header")]
    [InlineData("flip in the last byte")]
    [InlineData("truncate")]
    [InlineData("truncate inside the header")]
    [InlineData("truncate after the header")]
    [InlineData("truncate by the last byte")]
    [InlineData("lengthen")]
    [InlineData("empty")]
    [InlineData("missing")]
    [InlineData("foreign")]
    public async Task A_damaged_newest_snapshot_falls_back_to_the_older_one(string damage)
    {
        (Digest written, long[] snapshots) = await WriteWithSnapshotsAsync(snapshots: 2);
        Damage(snapshots[1], damage);
        backend.Execute("DELETE FROM journal WHERE sequence_number <= 11"); // what the older one covers
        Assert.Equal(written, await ReopenAsync());
    }

    [SkippableFact]
    public async Task With_every_snapshot_damaged_or_gone_the_journal_alone_gives_the_state()
    {
        (Digest written, long[] snapshots) = await WriteWithSnapshotsAsync(snapshots: 2);
        Damage(snapshots[0], "flip");
        Damage(snapshots[1], "truncate");
        Assert.Equal(written, await ReopenAsync());
        foreach (long snapshot in snapshots) backend.DeleteSnapshot(snapshot);
        Assert.Equal(written, await ReopenAsync());
    }

    [SkippableFact]
    public async Task A_snapshot_of_another_history_is_refused_at_the_first_event_behind_it()
    {
        (_, long[] snapshots) = await WriteWithSnapshotsAsync(snapshots: 1);
        await using (ValoriEngine other = await backend.OpenAsync(dimension: 2, name: "other"))
        {
            for (int i = 0; i < 10; i++) await other.InsertAsync(new float[] { 7, i });
            await other.SaveAsync();
            backend.OverwriteSnapshot(snapshots[0], backend.ReadSnapshot(snapshots[0], "other"));
        }
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => backend.OpenAsync());
        Assert.Contains("journal of valori-default at 12: expected", e.Message);
    }

    [SkippableFact]
    public async Task Only_the_newest_snapshots_are_kept()
    {
        await WriteWithSnapshotsAsync(snapshots: 4);
        Assert.Equal([31, 41], backend.Snapshots());
    }

    [SkippableFact]
    public async Task Snapshots_come_by_themselves_as_the_journal_grows()
    {
        Digest written;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2, more: "valori.snapshots.after-journal-bytes = 2000"))
        {
            for (int i = 0; i < 100; i++) await engine.InsertAsync(new float[] { i, i });
            written = await engine.GetStateHashAsync();
        }
        Assert.Equal(2, backend.Snapshots().Length);
        Assert.Equal(written, await ReopenAsync());
    }

    [SkippableFact]
    public async Task Saving_while_writing_gives_a_snapshot_of_one_durable_state()
    {
        Digest written;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2))
        {
            Task<Created<RecordId>>[] writes = [.. Enumerable.Range(0, 500).Select(i => engine.InsertAsync(new float[] { i, i }))];
            Task<string>[] saves = [.. Enumerable.Range(0, 5).Select(_ => engine.SaveAsync())];
            await Task.WhenAll(writes);
            await Task.WhenAll(saves);
            Assert.Equal(500UL, await engine.RecordCountAsync());
            await engine.SaveAsync();
            written = await engine.GetStateHashAsync();
        }
        await using ValoriEngine copy = await backend.OpenAsync(dimension: 2, name: "copy");
        await copy.RestoreAsync(backend.ReadSnapshot(backend.Snapshots()[^1]));
        Assert.Equal(written, await copy.GetStateHashAsync());
    }

    /// <summary>Ten inserts, then a snapshot, as often as asked for, and three inserts at the end.</summary>
    private async Task<(Digest Written, long[] Snapshots)> WriteWithSnapshotsAsync(int snapshots)
    {
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        for (int snapshot = 0; snapshot < snapshots; snapshot++)
        {
            for (int i = 0; i < 10; i++) await engine.InsertAsync(new float[] { snapshot, i });
            await engine.SaveAsync();
        }
        for (int i = 0; i < 3; i++) await engine.InsertAsync(new float[] { -1, i });
        return (await engine.GetStateHashAsync(), backend.Snapshots());
    }

    private async Task<Digest> ReopenAsync()
    {
        await using ValoriEngine engine = await backend.OpenAsync();
        return await engine.GetStateHashAsync();
    }

    private void Damage(long snapshot, string how)
    {
        if (how == "missing")
        {
            backend.DeleteSnapshot(snapshot);
            return;
        }
        byte[] bytes = backend.ReadSnapshot(snapshot);
        backend.OverwriteSnapshot(snapshot, how switch
        {
            "flip" => Flip(bytes, bytes.Length / 2),
            "flip in the header" => Flip(bytes, 17), // in the sequence number
            "flip in the last byte" => Flip(bytes, bytes.Length - 1),
            "truncate" => bytes[..(bytes.Length / 2)],
            "truncate inside the header" => bytes[..(SnapshotHeader.SizeBytes - 1)],
            "truncate after the header" => bytes[..SnapshotHeader.SizeBytes],
            "truncate by the last byte" => bytes[..^1],
            "lengthen" => [.. bytes, 0],
            "empty" => [],
            "foreign" => "this is not a snapshot, but a text of some length that stands where one should be"u8.ToArray(),
            _ => throw new ArgumentException(how, nameof(how)),
        });
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 4;
        return bytes;
    }
}

public sealed class SnapshotRecoveryOnSqliteTests() : SnapshotRecoveryTests(new SqliteBackend());

public sealed class SnapshotRecoveryOnPostgreSqlTests() : SnapshotRecoveryTests(new PostgreSqlBackend());

public sealed class SnapshotRecoveryOnPostgreSqlAloneTests() : SnapshotRecoveryTests(new PostgreSqlSnapshotsBackend());
