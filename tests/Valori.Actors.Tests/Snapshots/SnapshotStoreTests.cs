using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;

namespace Valori.Actors.Tests.Snapshots;

/// <summary>
/// A save that is given up takes nothing with it: Akka's base deletes what it could not save, and it may be an earlier one's. What
/// is saved is an empty engine at event 1.
/// </summary>
public abstract class SnapshotStoreTests : IAsyncLifetime
{
    private const string PersistenceId = "valori-test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly IActorRef _store;

    /// <param name="configuration">What the store needs, given a directory.</param>
    protected SnapshotStoreTests(string pluginId, Func<string, string> configuration)
    {
        DirectoryPath = _directory.Path;
        System = ActorSystem.Create($"test-{Guid.NewGuid():N}", ConfigurationFactory.ParseString($$"""
            akka { loglevel = OFF, stdout-loglevel = OFF }
            valori.data-directory = {{ReferenceConfig.Quote(DirectoryPath)}}
            {{configuration(DirectoryPath)}}
            """));
        System.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(System.Settings.Config));
        _store = Persistence.Instance.Apply(System).SnapshotStoreFor(pluginId);
    }

    protected ActorSystem System { get; }

    protected string DirectoryPath { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await System.Terminate();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_save_that_fails_leaves_what_an_earlier_one_of_the_same_state_wrote()
    {
        Assert.IsType<SaveSnapshotSuccess>(await SaveAsync());
        LetSavesFail("no space left");
        Assert.Contains("no space left", Assert.IsType<SaveSnapshotFailure>(await SaveAsync()).Cause.Message);
        Assert.Equal(1, await NewestAsync());
    }

    [Fact]
    public async Task One_that_somebody_asks_to_delete_is_deleted()
    {
        Assert.IsType<SaveSnapshotSuccess>(await SaveAsync());
        Assert.IsType<DeleteSnapshotSuccess>(await _store.Ask(new DeleteSnapshot(new SnapshotMetadata(PersistenceId, 1, DateTime.UnixEpoch)), Patience));
        Assert.Null(await NewestAsync());
    }

    protected abstract void LetSavesFail(string why);

    protected Task<object> SaveAsync()
    {
        ValoriKernel kernel = new(2);
        History history = new();
        history.Extend(1, kernel.StateHash, kernel.Mark());
        DurableView view = new(kernel.TakeView(), history, 1, 1, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false);
        return _store.Ask(new SaveSnapshot(new SnapshotMetadata(PersistenceId, 1, DateTime.UnixEpoch), view), Patience);
    }

    /// <summary>The event of the newest snapshot that is there, or null if there is none.</summary>
    protected async Task<long?> NewestAsync()
    {
        object answer = await _store.Ask(new LoadSnapshot(PersistenceId, SnapshotSelectionCriteria.Latest, long.MaxValue), Patience);
        return Assert.IsType<LoadSnapshotResult>(answer).Snapshot is { } found ? Assert.IsType<SnapshotContent>(found.Snapshot).Header.SequenceNr : null;
    }
}
