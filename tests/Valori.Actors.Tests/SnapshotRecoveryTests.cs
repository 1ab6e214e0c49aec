using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Valori.Kernel;
using Valori.Kernel.Hashing;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Tests;

/// <summary>Snapshots shorten the recovery; a damaged one is never believed and never missed.</summary>
public sealed class SnapshotRecoveryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_snapshot_is_used_and_the_journal_before_it_is_not_read_again()
    {
        (Digest written, string[] paths) = await WriteWithSnapshotsAsync(snapshots: 1);
        Assert.Equal(_directory.File("snapshots/valori-default-00000000000000000011.snapshot"), Assert.Single(paths));
        // The proof that it is used: without it, this journal could not be read.
        Execute("DELETE FROM journal WHERE sequence_number <= 11");
        Assert.Equal(written, await ReopenAsync());
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("flip in the header")]
    [InlineData("flip in the last byte")]
    [InlineData("truncate")]
    [InlineData("truncate inside the header")]
    [InlineData("truncate behind the header")]
    [InlineData("truncate by the last byte")]
    [InlineData("lengthen")]
    [InlineData("empty")]
    [InlineData("missing")]
    [InlineData("foreign")]
    public async Task A_damaged_newest_snapshot_falls_back_to_the_older_one(string damage)
    {
        (Digest written, string[] paths) = await WriteWithSnapshotsAsync(snapshots: 2);
        Damage(paths[1], damage);
        Execute("DELETE FROM journal WHERE sequence_number <= 11"); // what the older one covers
        Assert.Equal(written, await ReopenAsync());
    }

    [Fact]
    public async Task With_every_snapshot_damaged_or_gone_the_journal_alone_gives_the_state()
    {
        (Digest written, string[] paths) = await WriteWithSnapshotsAsync(snapshots: 2);
        Damage(paths[0], "flip");
        Damage(paths[1], "truncate");
        Assert.Equal(written, await ReopenAsync());
        Directory.Delete(_directory.File("snapshots"), recursive: true);
        Assert.Equal(written, await ReopenAsync());
    }

    [Fact]
    public async Task A_snapshot_of_another_history_is_refused_at_the_first_event_behind_it()
    {
        (_, string[] paths) = await WriteWithSnapshotsAsync(snapshots: 1);
        await using (ValoriEngine other = await ValoriEngine.OpenAsync(_directory.File("other"), new ValoriOptions { Dimension = 2 }))
        {
            for (int i = 0; i < 10; i++) await other.InsertAsync(new float[] { 7, i });
            File.Copy(await other.SaveAsync(), paths[0], overwrite: true);
        }
        EngineException e = await Assert.ThrowsAsync<EngineException>(() => ValoriEngine.OpenAsync(_directory.Path));
        Assert.Contains("journal of valori-default at 12: expected", e.Message);
    }

    [Fact]
    public async Task Only_the_newest_snapshots_are_kept()
    {
        (_, string[] paths) = await WriteWithSnapshotsAsync(snapshots: 4);
        Assert.Equal(paths[2..], Directory.GetFiles(_directory.File("snapshots")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Snapshots_come_by_themselves_as_the_journal_grows()
    {
        ValoriOptions options = new() { Dimension = 2, Configuration = ConfigurationFactory.ParseString("valori.snapshots.after-journal-bytes = 2000") };
        Digest written;
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, options))
        {
            for (int i = 0; i < 100; i++) await engine.InsertAsync(new float[] { i, i });
            written = await engine.GetStateHashAsync();
        }
        string[] snapshots = Directory.GetFiles(_directory.File("snapshots"));
        Assert.Equal(2, snapshots.Length);
        Assert.All(snapshots, path => Assert.EndsWith(".snapshot", path));
        Assert.Equal(written, await ReopenAsync());
    }

    [Fact]
    public async Task Saving_while_writing_gives_a_snapshot_of_one_durable_state()
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
        Task<RecordId>[] writes = [.. Enumerable.Range(0, 500).Select(i => engine.InsertAsync(new float[] { i, i }))];
        Task<string>[] saves = [.. Enumerable.Range(0, 5).Select(_ => engine.SaveAsync())];
        await Task.WhenAll(writes);
        foreach (string path in await Task.WhenAll(saves)) Assert.EndsWith(".snapshot", path);
        Assert.Equal(500UL, await engine.RecordCountAsync());
        await using ValoriEngine copy = await ValoriEngine.OpenAsync(_directory.File("copy"), new ValoriOptions { Dimension = 2 });
        await copy.RestoreAsync(await File.ReadAllBytesAsync(await engine.SaveAsync()));
        Assert.Equal(await engine.GetStateHashAsync(), await copy.GetStateHashAsync());
    }

    /// <summary>Ten inserts, then a snapshot, as often as asked for, and three inserts at the end.</summary>
    private async Task<(Digest Written, string[] Paths)> WriteWithSnapshotsAsync(int snapshots)
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
        string[] paths = new string[snapshots];
        for (int snapshot = 0; snapshot < snapshots; snapshot++)
        {
            for (int i = 0; i < 10; i++) await engine.InsertAsync(new float[] { snapshot, i });
            paths[snapshot] = await engine.SaveAsync();
        }
        for (int i = 0; i < 3; i++) await engine.InsertAsync(new float[] { -1, i });
        return (await engine.GetStateHashAsync(), paths);
    }

    private async Task<Digest> ReopenAsync()
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path);
        return await engine.GetStateHashAsync();
    }

    private static void Damage(string path, string how)
    {
        byte[] bytes = File.ReadAllBytes(path);
        File.Delete(path);
        if (how == "missing") return;
        File.WriteAllBytes(path, how switch
        {
            "flip" => Flip(bytes, bytes.Length / 2),
            "flip in the header" => Flip(bytes, 17), // in the sequence number
            "flip in the last byte" => Flip(bytes, bytes.Length - 1),
            "truncate" => bytes[..(bytes.Length / 2)],
            "truncate inside the header" => bytes[..(SnapshotHeader.SizeBytes - 1)],
            "truncate behind the header" => bytes[..SnapshotHeader.SizeBytes],
            "truncate by the last byte" => bytes[..^1],
            "lengthen" => [.. bytes, 0],
            "empty" => [],
            "foreign" => "this is no snapshot at all, but a text of some length that stands where one should be"u8.ToArray(),
            _ => throw new ArgumentException(how, nameof(how)),
        });
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 4;
        return bytes;
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0);
    }
}
