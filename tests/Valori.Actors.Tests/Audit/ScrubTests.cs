using Akka.Actor;
using Akka.Configuration;
using Microsoft.Data.Sqlite;
using Valori.Actors.Settings;

namespace Valori.Actors.Tests.Audit;

/// <summary>A running process proves what is on disk, reports damage that a start does not read, and goes on serving.</summary>
[Trait("Category", "Slow")]
public sealed class ScrubTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Everything_that_is_what_was_written_is_proven_by_name()
    {
        await WriteAsync("a");
        await WriteAsync("b");
        ScrubReport report = await ScrubAsync();
        Assert.True(report.IsGood, string.Join('\n', report.BadPlaces));
        Assert.Equal(["a", "b"], report.Proven);
        Assert.Empty(report.Skipped);
        Assert.InRange(report.Finished, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    /// <summary>The start begins from the snapshot after the damage, and finds nothing.</summary>
    [Fact]
    public async Task Damage_before_the_snapshot_is_reported_with_its_place_while_the_engine_serves()
    {
        await WriteAsync("a");
        await WriteAsync("b");
        Execute("UPDATE journal SET message = (SELECT message FROM journal WHERE persistence_id = 'valori-a' AND sequence_number = 3) WHERE persistence_id = 'valori-a' AND sequence_number = 2");
        ScrubReport report = await ScrubAsync(async (system, _) =>
        {
            ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync("a");
            await engine.InsertAsync(new float[] { 7, 7 });
        });
        Assert.StartsWith($"'a': {_directory.File("journal.db")} at 2: expected ", Assert.Single(report.BadPlaces), StringComparison.Ordinal);
        Assert.Equal(["b"], report.Proven);
    }

    [Fact]
    public async Task Damage_at_the_same_place_of_two_collections_is_reported_with_the_name_of_each()
    {
        await WriteAsync("a");
        await WriteAsync("b");
        foreach (string name in new[] { "a", "b" })
            Execute($"UPDATE journal SET message = (SELECT message FROM journal WHERE persistence_id = 'valori-{name}' AND sequence_number = 3) WHERE persistence_id = 'valori-{name}' AND sequence_number = 2");
        ScrubReport report = await ScrubAsync();
        Assert.Empty(report.Proven);
        Assert.Collection(report.BadPlaces,
            place => Assert.StartsWith($"'a': {_directory.File("journal.db")} at 2: expected ", place, StringComparison.Ordinal),
            place => Assert.StartsWith($"'b': {_directory.File("journal.db")} at 2: expected ", place, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_snapshot_is_reported()
    {
        await WriteAsync("a");
        string path = Directory.GetFiles(_directory.File("snapshots")).Single();
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        Assert.StartsWith($"'a': {path} at ", Assert.Single((await ScrubAsync()).BadPlaces), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_without_room_for_a_second_copy_is_skipped_and_says_what_to_do()
    {
        await WriteAsync("a");
        ScrubReport report = await ScrubAsync(async (system, _) => await ValoriExtension.Get(system).OpenAsync("a"), "valori.max-memory-bytes = 70000");
        Assert.StartsWith("'a' was not proven: that takes a second copy of its state, ", Assert.Single(report.Skipped), StringComparison.Ordinal);
        Assert.Empty(report.Proven);
        Assert.True(report.IsGood);
    }

    /// <summary>Of two collections in one journal, a bad row stops its own alone, and is not taken for a database that cannot be reached.</summary>
    [Theory]
    [InlineData("identifier = 1, manifest = 'System.Text.StringBuilder, mscorlib'")]
    [InlineData("message = x'00'")]
    [InlineData("identifier = 'text'")]
    [InlineData("message = 5")]
    public async Task A_bad_row_of_one_collection_leaves_the_others_alone(string assignment)
    {
        await WriteAsync("a");
        await WriteAsync("b");
        foreach (string snapshot in Directory.GetFiles(_directory.File("snapshots"))) File.Delete(snapshot);
        Execute($"UPDATE journal SET {assignment} WHERE persistence_id = 'valori-a' AND sequence_number = 3");
        ActorSystem system = NewSystem("valori.scrub.interval = 0s");
        try
        {
            ValoriExtension valori = ValoriExtension.Get(system);
            for (int i = 0; i < 2; i++)
            {
                EngineException refused = await Assert.ThrowsAsync<EngineException>(() => valori.OpenAsync("a"));
                Assert.Equal(Valori.EngineFailureKind.Stopped, refused.Kind);
                Assert.Contains("journal of valori-a at ", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("connection", refused.Message, StringComparison.Ordinal);
                ValoriEngine other = await valori.OpenAsync("b");
                await other.InsertAsync(new float[] { 8, i });
            }
            Assert.Equal(["a", "b"], await valori.ListAsync());
        }
        finally
        {
            await system.Terminate();
            ValoriExtension.Get(system).Release();
        }
    }

    [Fact]
    public async Task It_stops_with_its_system_in_the_middle()
    {
        await WriteAsync("a");
        ActorSystem system = NewSystem("valori.scrub.bytes-per-second = 1");
        _ = ValoriExtension.Get(system);
        Assert.True(await system.Terminate().WaitAsync(TimeSpan.FromSeconds(30)).ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default));
        ValoriExtension.Get(system).Release();
    }

    private async Task WriteAsync(string name)
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Name = name, Dimension = 2 });
        for (int i = 0; i < 4; i++) await engine.InsertAsync(new float[] { i, i });
        await engine.SaveAsync();
    }

    /// <summary>Starts a system that scrubs at once, and waits for its report.</summary>
    private async Task<ScrubReport> ScrubAsync(Func<ActorSystem, ValoriExtension, Task>? meanwhile = null, string more = "")
    {
        ActorSystem system = NewSystem(more);
        try
        {
            ValoriExtension valori = ValoriExtension.Get(system);
            if (meanwhile is not null) await meanwhile(system, valori);
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
            using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(20));
            // The second one from here has begun after what happened meanwhile.
            HashSet<ScrubReport> reports = new(ReferenceEqualityComparer.Instance);
            while (reports.Count < 3)
            {
                await looks.WaitForNextTickAsync(patience.Token);
                if (valori.LastScrub is { } report) reports.Add(report);
            }
            return valori.LastScrub!;
        }
        finally
        {
            await system.Terminate();
            ValoriExtension.Get(system).Release();
        }
    }

    private ActorSystem NewSystem(string more) => ActorSystem.Create("scrub", ConfigurationFactory.ParseString($"""
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        valori.data-directory = {ReferenceConfig.Quote(_directory.Path)}
        valori.scrub.interval = 50ms
        {more}
        """));

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
