using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Valori.Actors.Protocol;

namespace Valori.Actors.Tests;

/// <summary><c>valori.journal-retention = snapshots</c>: what two snapshots cover is dropped, and never more.</summary>
public sealed class JournalRetentionTests : IDisposable
{
    private const int Dimension = 64;

    private static readonly Config Drop = ConfigurationFactory.ParseString("valori.journal-retention = snapshots");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Events_that_the_second_newest_snapshot_covers_are_dropped_and_the_file_shrinks()
    {
        EngineStatus written = await WriteAsync(Drop, rounds: 3);
        long[] snapshots = SnapshotSequenceNrs();
        Assert.Equal(2, snapshots.Length);
        Assert.Equal(snapshots[0] + 1, Scalar("SELECT min(sequence_number) FROM journal WHERE deleted = 0"));
        Assert.Equal(0L, Scalar("PRAGMA freelist_count"));
        // Of three rounds of batches, about one is left.
        long kept = JournalBytes();
        using TemporaryDirectory all = new();
        Assert.Equal(written.StateHash, (await WriteAsync(ConfigurationFactory.Empty, rounds: 3, all)).StateHash);
        Assert.InRange(kept, 1, JournalBytes(all) / 2);
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [Fact]
    public async Task With_the_newest_snapshot_damaged_the_older_one_and_the_journal_behind_it_give_the_state()
    {
        EngineStatus written = await WriteAsync(Drop, rounds: 3);
        string newest = Directory.GetFiles(_directory.File("snapshots")).Order(StringComparer.Ordinal).Last();
        byte[] bytes = await File.ReadAllBytesAsync(newest);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(newest, bytes);
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [Fact]
    public async Task Without_any_snapshot_a_journal_that_was_cut_is_refused_and_says_why()
    {
        await WriteAsync(Drop, rounds: 3);
        Directory.Delete(_directory.File("snapshots"), recursive: true);
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => ReopenAsync(Drop));
        Assert.Equal(EngineFailureKind.Stopped, refused.Kind);
        Assert.Contains("the events before were dropped", refused.Message);
    }

    [Fact]
    public async Task One_snapshot_alone_drops_nothing()
    {
        EngineStatus written = await WriteAsync(Drop, rounds: 1);
        Assert.Equal(1L, Scalar("SELECT min(sequence_number) FROM journal WHERE deleted = 0"));
        Directory.Delete(_directory.File("snapshots"), recursive: true);
        Assert.Equal(written, await ReopenAsync(Drop));
    }

    [Fact]
    public async Task A_journal_that_was_kept_whole_so_far_can_be_cut_from_now_on()
    {
        await WriteAsync(ConfigurationFactory.Empty, rounds: 2);
        EngineStatus written = await WriteAsync(Drop, rounds: 2);
        Assert.Equal(SnapshotSequenceNrs()[0] + 1, Scalar("SELECT min(sequence_number) FROM journal WHERE deleted = 0"));
        Assert.Equal(0L, Scalar("PRAGMA freelist_count"));
        Assert.Equal(written, await ReopenAsync(ConfigurationFactory.Empty));
    }

    [Fact]
    public async Task Another_word_is_a_configuration_error_that_names_it()
    {
        ConfigurationException error = await Assert.ThrowsAnyAsync<ConfigurationException>(
            () => ReopenAsync(ConfigurationFactory.ParseString("valori.journal-retention = some")));
        Assert.Contains("\"some\"", error.Message);
    }

    /// <summary>A few batches and a save, as often as asked for, and one insert behind them.</summary>
    private async Task<EngineStatus> WriteAsync(Config configuration, int rounds, TemporaryDirectory? directory = null)
    {
        await using ValoriEngine engine = await OpenAsync(configuration, directory);
        for (int round = 0; round < rounds; round++)
        {
            for (int batch = 0; batch < 4; batch++) await engine.InsertBatchAsync(new float[500 * Dimension], new ulong[500]);
            await engine.SaveAsync();
        }
        await engine.InsertAsync(new float[Dimension]);
        return await engine.StatusAsync();
    }

    private async Task<EngineStatus> ReopenAsync(Config configuration)
    {
        await using ValoriEngine engine = await OpenAsync(configuration, directory: null);
        return await engine.StatusAsync();
    }

    private Task<ValoriEngine> OpenAsync(Config configuration, TemporaryDirectory? directory) =>
        ValoriEngine.OpenAsync((directory ?? _directory).Path, new ValoriOptions { Dimension = Dimension, Configuration = configuration });

    private long[] SnapshotSequenceNrs() =>
        [.. Directory.GetFiles(_directory.File("snapshots")).Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)[^20..])).Order()];

    private long JournalBytes(TemporaryDirectory? directory = null) => new FileInfo((directory ?? _directory).File("journal.db")).Length;

    private object? Scalar(string sql)
    {
        using SqliteConnection connection = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
