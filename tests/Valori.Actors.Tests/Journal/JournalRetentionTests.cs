using Akka.Configuration;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Journal;

/// <summary><c>valori.journal-retention = snapshots</c>: what two snapshots cover is dropped, and never more.</summary>
[Trait("Category", "Slow")]
public abstract class JournalRetentionTests(Backend backend) : IDisposable
{
    protected const int Dimension = 64;
    protected const string Drop = "valori.journal-retention = snapshots";
    protected const string Keep = "";

    public void Dispose() => backend.Dispose();

    [SkippableFact]
    public async Task Events_that_the_second_newest_snapshot_covers_are_dropped()
    {
        EngineStatus written = await WriteAsync(backend, Drop, rounds: 3);
        long[] snapshots = backend.Snapshots();
        Assert.Equal(2, snapshots.Length);
        Assert.Equal(snapshots[0] + 1, FirstSequenceNr());
        // The last dropped row stays, marked, so that sequence numbers go on from it: no payload else is left.
        Assert.Equal(written.SequenceNr - snapshots[0] + 1, backend.Scalar("SELECT count(*) FROM journal"));
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [SkippableFact]
    public async Task After_a_restart_the_journal_goes_on_and_is_cut_again()
    {
        await WriteAsync(backend, Drop, rounds: 2);
        EngineStatus written = await WriteAsync(backend, Drop, rounds: 1);
        Assert.Equal(backend.Snapshots()[0] + 1, FirstSequenceNr());
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [SkippableFact]
    public async Task With_the_newest_snapshot_damaged_the_older_one_and_the_journal_behind_it_give_the_state()
    {
        EngineStatus written = await WriteAsync(backend, Drop, rounds: 3);
        DamageNewestSnapshot();
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    /// <summary>A damaged snapshot is none of the two that are kept: the next save must not delete the good one for its sake.</summary>
    [SkippableFact]
    public async Task After_a_damaged_snapshot_the_good_one_stays_until_there_are_two_good_ones_again()
    {
        await WriteAsync(backend, Drop, rounds: 3);
        DamageNewestSnapshot();
        EngineStatus written = await WriteAsync(backend, Drop, rounds: 1);
        DamageNewestSnapshot();
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [SkippableFact]
    public async Task Without_any_snapshot_a_journal_that_was_cut_is_refused_and_says_why()
    {
        await WriteAsync(backend, Drop, rounds: 3);
        DeleteSnapshots();
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => ReopenAsync(Drop));
        Assert.Equal(EngineFailureKind.Stopped, refused.Kind);
        Assert.Contains("the events before were dropped", refused.Message);
    }

    [SkippableFact]
    public async Task One_snapshot_alone_drops_nothing()
    {
        EngineStatus written = await WriteAsync(backend, Drop, rounds: 1);
        Assert.Equal(1L, FirstSequenceNr());
        DeleteSnapshots();
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [SkippableFact]
    public async Task A_journal_that_was_kept_whole_so_far_can_be_cut_from_now_on()
    {
        await WriteAsync(backend, Keep, rounds: 2);
        EngineStatus written = await WriteAsync(backend, Drop, rounds: 2);
        Assert.Equal(backend.Snapshots()[0] + 1, FirstSequenceNr());
        Assert.Equal(written, await ReopenAsync(Keep));
    }

    /// <summary>A few batches and a save, as often as asked for, and one insert after them.</summary>
    protected static async Task<EngineStatus> WriteAsync(Backend to, string retention, int rounds)
    {
        await using ValoriEngine engine = await to.OpenAsync(Dimension, retention);
        for (int round = 0; round < rounds; round++)
        {
            for (int batch = 0; batch < 4; batch++) await engine.InsertBatchAsync(new float[500 * Dimension], new ulong[500]);
            await engine.SaveAsync();
        }
        await engine.InsertAsync(new float[Dimension]);
        return await engine.StatusAsync();
    }

    protected async Task<EngineStatus> ReopenAsync(string retention)
    {
        await using ValoriEngine engine = await backend.OpenAsync(Dimension, retention);
        return await engine.StatusAsync();
    }

    protected void DamageNewestSnapshot()
    {
        long newest = backend.Snapshots()[^1];
        byte[] bytes = backend.ReadSnapshot(newest);
        bytes[bytes.Length / 2] ^= 1;
        backend.OverwriteSnapshot(newest, bytes);
    }

    private void DeleteSnapshots()
    {
        foreach (long sequenceNr in backend.Snapshots()) backend.DeleteSnapshot(sequenceNr);
    }

    private object? FirstSequenceNr() => backend.Scalar("SELECT min(sequence_number) FROM journal WHERE NOT deleted");
}

public sealed class JournalRetentionOnPostgreSqlTests() : JournalRetentionTests(new PostgreSqlBackend());

public sealed class JournalRetentionOnPostgreSqlAloneTests : JournalRetentionTests
{
    private readonly PostgreSqlSnapshotsBackend _backend;

    public JournalRetentionOnPostgreSqlAloneTests()
        : this(new PostgreSqlSnapshotsBackend())
    {
    }

    private JournalRetentionOnPostgreSqlAloneTests(PostgreSqlSnapshotsBackend backend)
        : base(backend) => _backend = backend;

    /// <summary>Events were dropped for it. Here it is damaged, so that writing over it, and reading it back, would show.</summary>
    [SkippableFact]
    public async Task A_second_save_of_the_same_state_reads_the_snapshot_back_and_does_not_write_over_it()
    {
        EngineStatus written;
        await using (ValoriEngine engine = await _backend.OpenAsync(Dimension, Drop))
        {
            for (int round = 0; round < 3; round++)
            {
                await engine.InsertAsync(new float[Dimension]);
                await engine.SaveAsync();
            }
            Assert.Equal(_backend.Snapshots()[^1].ToString(System.Globalization.CultureInfo.InvariantCulture), (await engine.SaveAsync()).Split(' ')[^1]);
            DamageNewestSnapshot();
            byte[] damaged = _backend.ReadSnapshot(_backend.Snapshots()[^1]);
            EngineException failed = await Assert.ThrowsAsync<EngineException>(() => engine.SaveAsync());
            Assert.Equal(EngineFailureKind.SnapshotFailed, failed.Kind);
            Assert.Contains("cannot be read back", failed.Message);
            Assert.Equal(damaged, _backend.ReadSnapshot(_backend.Snapshots()[^1]));
            written = await engine.StatusAsync();
        }
        Assert.Equal(written, await ReopenAsync(Drop));
    }
}

public sealed class JournalRetentionOnSqliteTests : JournalRetentionTests
{
    private readonly SqliteBackend _backend;

    public JournalRetentionOnSqliteTests()
        : this(new SqliteBackend())
    {
    }

    private JournalRetentionOnSqliteTests(SqliteBackend backend)
        : base(backend) => _backend = backend;

    [Fact]
    public async Task The_file_shrinks()
    {
        EngineStatus written = await WriteAsync(_backend, Drop, rounds: 3);
        Assert.Equal(0L, _backend.Scalar("PRAGMA freelist_count"));
        // Of three rounds of batches, about one is left.
        using SqliteBackend all = new();
        Assert.Equal(written.StateHash, (await WriteAsync(all, Keep, rounds: 3)).StateHash);
        Assert.InRange(JournalBytes(_backend), 1, JournalBytes(all) / 2);
    }

    [Fact]
    public async Task A_file_that_could_not_shrink_so_far_can_from_now_on()
    {
        await WriteAsync(_backend, Keep, rounds: 2);
        await WriteAsync(_backend, Drop, rounds: 2);
        Assert.Equal(0L, _backend.Scalar("PRAGMA freelist_count"));
    }

    [Fact]
    public async Task Another_word_is_a_configuration_error_that_names_it()
    {
        ConfigurationException error = await Assert.ThrowsAnyAsync<ConfigurationException>(() => _backend.OpenAsync(more: "valori.journal-retention = some"));
        Assert.Contains("\"some\"", error.Message);
    }

    private static long JournalBytes(SqliteBackend backend) => new FileInfo(Path.Combine(backend.DirectoryOf(), "journal.db")).Length;
}
