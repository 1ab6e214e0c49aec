using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Snapshots;

/// <summary>Whether a stop leaves a snapshot behind.</summary>
public abstract class SnapshotAtStopTests(Backend backend) : IDisposable
{
    public void Dispose() => backend.Dispose();

    [SkippableTheory]
    [InlineData(2000, 1)] // 20 inserts of some 150 bytes each in the journal
    [InlineData(1_000_000, 0)]
    public async Task A_snapshot_is_written_at_the_stop_where_it_is_worth_it(int leastJournalBytes, int snapshots)
    {
        string atLeast = $"valori.snapshots.after-journal-bytes = {leastJournalBytes * 4}";
        EngineStatus written;
        await using (ValoriEngine engine = await backend.OpenAsync(dimension: 2, atLeast))
        {
            for (int i = 0; i < 20; i++) await engine.InsertAsync(new float[] { i, i });
            written = await engine.StatusAsync();
        }
        Assert.Equal(snapshots, backend.Snapshots().Length);
        await using ValoriEngine reopened = await backend.OpenAsync(more: atLeast);
        Assert.Equal(written, await reopened.StatusAsync());
    }
}

public sealed class SnapshotAtStopOnSqliteTests() : SnapshotAtStopTests(new SqliteBackend());

public sealed class SnapshotAtStopOnPostgreSqlTests() : SnapshotAtStopTests(new PostgreSqlBackend());

public sealed class SnapshotAtStopOnPostgreSqlAloneTests() : SnapshotAtStopTests(new PostgreSqlSnapshotsBackend());
