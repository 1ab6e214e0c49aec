using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Tests;

/// <summary>As for files: a save that fails takes nothing with it, although Akka's base deletes what it could not save.</summary>
public sealed class TableSnapshotStoreTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ActorSystem _system;
    private readonly IActorRef _store;
    private readonly string _connectionString;

    public TableSnapshotStoreTests()
    {
        _connectionString = $"Data Source={Path.Combine(_directory.Path, "snapshots.db")};Pooling=False";
        _system = ActorSystem.Create($"test-{Guid.NewGuid():N}", ConfigurationFactory.ParseString($$"""
            akka { loglevel = OFF, stdout-loglevel = OFF }
            valori.data-directory = {{ReferenceConfig.Quote(_directory.Path)}}
            valori.sql-snapshot-store.connection-string = {{ReferenceConfig.Quote(_connectionString)}}
            """));
        _system.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(_system.Settings.Config));
        _store = Persistence.Instance.Apply(_system).SnapshotStoreFor("valori.sql-snapshot-store");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_save_that_fails_leaves_what_an_earlier_one_of_the_same_state_wrote()
    {
        Assert.IsType<SaveSnapshotSuccess>(await SnapshotStoreCalls.SaveAsync(_store));
        Run("CREATE TRIGGER refuses_inserts BEFORE INSERT ON snapshot BEGIN SELECT RAISE(ABORT, 'no space'); END");
        Run("CREATE TRIGGER refuses_updates BEFORE UPDATE ON snapshot BEGIN SELECT RAISE(ABORT, 'no space'); END");
        Assert.Contains("no space", Assert.IsType<SaveSnapshotFailure>(await SnapshotStoreCalls.SaveAsync(_store)).Cause.Message);
        Assert.Equal(1, await SnapshotStoreCalls.NewestAsync(_store));
    }

    [Fact]
    public async Task One_that_somebody_asks_to_delete_is_deleted()
    {
        Assert.IsType<SaveSnapshotSuccess>(await SnapshotStoreCalls.SaveAsync(_store));
        Assert.IsType<DeleteSnapshotSuccess>(await _store.Ask(new DeleteSnapshot(new SnapshotMetadata(SnapshotStoreCalls.PersistenceId, 1, DateTime.UnixEpoch)), SnapshotStoreCalls.Patience));
        Assert.Null(await SnapshotStoreCalls.NewestAsync(_store));
    }

    private void Run(string statement)
    {
        using SqliteConnection connection = new(_connectionString);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
