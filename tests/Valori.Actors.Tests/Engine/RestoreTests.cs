using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Engine;

/// <summary>Restore: verified before anything changes, and an event like any other afterwards.</summary>
public abstract class RestoreTests(Backend backend) : IDisposable
{
    // Where the bytes come from does not matter: always from embedded engines.
    private readonly SqliteBackend _sources = new();

    public void Dispose()
    {
        _sources.Dispose();
        backend.Dispose();
    }

    [SkippableFact]
    public async Task Bad_bytes_change_nothing_in_state_or_journal_and_the_engine_goes_on()
    {
        byte[] good = await SnapshotAsync("source", 2, records: 50);
        byte[] flipped = [.. good], otherDimension = await SnapshotAsync("other", 3, records: 2);
        flipped[good.Length / 3] ^= 1;
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        await engine.InsertAsync(new float[] { 1, 2 });
        EngineStatus before = await engine.StatusAsync();

        await RefusedAsync(good[..^1], RefusalKind.InvalidSnapshot, "truncated");
        await RefusedAsync(good[..40], RefusalKind.InvalidSnapshot, "truncated");
        await RefusedAsync([], RefusalKind.InvalidSnapshot, "truncated");
        await RefusedAsync(flipped, RefusalKind.InvalidSnapshot, "nothing was changed");
        await RefusedAsync([.. good, 1], RefusalKind.InvalidSnapshot, "expected the end of the snapshot");
        await RefusedAsync(new byte[5000], RefusalKind.InvalidSnapshot, "expected a Valori snapshot");
        await RefusedAsync(otherDimension, RefusalKind.Conflict, "the snapshot has dimension 3, this collection has 2");

        Assert.Equal(before, await engine.StatusAsync());
        Assert.Equal(new RecordId(1), await engine.InsertAsync(new float[] { 3, 4 }));
        Assert.Empty(Directory.GetFiles(backend.DirectoryOf(), "*.tmp"));

        async Task RefusedAsync(byte[] bytes, RefusalKind kind, string message)
        {
            RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => engine.RestoreAsync(bytes));
            Assert.Equal(kind, e.Refusal.Kind);
            Assert.Contains(message, e.Message);
        }
    }

    [SkippableFact]
    public async Task A_large_snapshot_is_restored_in_chunks_between_other_commands_and_survives_a_restart()
    {
        // 24,000 wide records of 200 components are about 19 MiB: several journal groups of chunks.
        Digest expected;
        byte[] snapshot;
        await using (ValoriEngine engine = await _sources.OpenAsync(dimension: 200))
        {
            float[] components = new float[8000 * 200];
            for (int i = 0; i < components.Length; i++) components[i] = i % 997 / 3f;
            for (int i = 0; i < 3; i++) await engine.InsertBatchAsync(components, new ulong[8000]);
            expected = await engine.GetStateHashAsync();
            snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync());
        }
        Digest written;
        ulong later;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 200))
        {
            Task restore = engine.RestoreAsync(snapshot);
            int others = 0;
            for (; !restore.IsCompleted; others++) await engine.InsertAsync(new float[200]);
            await restore;
            Assert.True(others > 0);
            written = await engine.GetStateHashAsync();
            later = (await engine.StatusAsync()).RecordSlots - 24_000; // inserts that came behind the restore
            await engine.SaveAsync();
        }
        backend.DeleteSnapshot(Assert.Single(backend.Snapshots()));
        await using (ValoriEngine reopened = await backend.OpenAsync()) Assert.Equal(written, await reopened.GetStateHashAsync());

        await using ValoriEngine original = await _sources.OpenAsync();
        Assert.Equal(expected, await original.GetStateHashAsync());
        for (ulong i = 0; i < later; i++) await original.InsertAsync(new float[200]);
        Assert.Equal(written, await original.GetStateHashAsync());
    }

    [SkippableFact]
    public async Task Snapshots_that_fall_due_or_are_asked_for_during_a_restore_never_come_between_its_chunks()
    {
        // 20 chunks in 3 groups; every group makes a snapshot due.
        byte[] snapshot;
        await using (ValoriEngine engine = await _sources.OpenAsync(dimension: 512))
        {
            float[] wide = new float[10_000 * 512];
            Array.Fill(wide, 3);
            await engine.InsertBatchAsync(wide, new ulong[10_000]);
            snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync());
        }
        const string oftenSaved = "valori.snapshots.after-journal-bytes = 1000000";
        Digest written;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 512, oftenSaved))
        {
            Task restore = engine.RestoreAsync(snapshot);
            while (!restore.IsCompleted) await engine.SaveAsync();
            await restore;
            written = await engine.GetStateHashAsync();
        }
        foreach (long sequenceNr in backend.Snapshots().Reverse())
        {
            await using (ValoriEngine reopened = await backend.OpenAsync(more: oftenSaved)) Assert.Equal(written, await reopened.GetStateHashAsync());
            backend.DeleteSnapshot(sequenceNr);
        }
    }

    [SkippableFact]
    public async Task An_upload_that_is_given_up_leaves_nothing()
    {
        await using ValoriEngine engine = await backend.OpenAsync(dimension: 2);
        EngineStatus before = await engine.StatusAsync();
        using CancellationTokenSource cancel = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RestoreAsync(new EndlessStream(cancel), cancel.Token));
        Assert.Equal(before, await engine.StatusAsync());
    }

    private async Task<byte[]> SnapshotAsync(string name, int dimension, int records)
    {
        await using ValoriEngine engine = await _sources.OpenAsync(dimension, name: name);
        for (int i = 0; i < records; i++) await engine.InsertAsync(new float[dimension]);
        return await File.ReadAllBytesAsync(await engine.SaveAsync());
    }

    /// <summary>Returns zeros until it cancels its own reader, before there are enough of them to be refused.</summary>
    private sealed class EndlessStream(CancellationTokenSource cancel) : MemoryStream
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_reads > 1) cancel.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(buffer.Length);
        }
    }
}

public sealed class RestoreOnSqliteTests() : RestoreTests(new SqliteBackend());

public sealed class RestoreOnPostgreSqlTests() : RestoreTests(new PostgreSqlBackend());

public sealed class RestoreOnPostgreSqlAloneTests() : RestoreTests(new PostgreSqlSnapshotsBackend());
