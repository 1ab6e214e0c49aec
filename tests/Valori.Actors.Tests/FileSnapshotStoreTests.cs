using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Engine;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Tests;

/// <summary>A save that is given up takes nothing with it: Akka's base deletes what it could not save, and the name may be an earlier one's.</summary>
public sealed class FileSnapshotStoreTests : IAsyncLifetime
{
    private const string PersistenceId = "valori-test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly ActorSystem _system;
    private readonly FaultyFiles _files;
    private readonly IActorRef _store;

    public FileSnapshotStoreTests()
    {
        _system = ActorSystem.Create($"test-{Guid.NewGuid():N}", ConfigurationFactory.ParseString($$"""
            akka { loglevel = OFF, stdout-loglevel = OFF }
            valori.data-directory = {{ReferenceConfig.Quote(_directory.Path)}}
            valori.snapshot-store.class = "Valori.Actors.Tests.{{nameof(FaultyFileStore)}}, Valori.Actors.Tests"
            valori.snapshot-store.circuit-breaker.call-timeout = 2s
            """));
        _system.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(_system.Settings.Config));
        _files = FaultyFiles.Of(_system);
        _store = Persistence.Instance.Apply(_system).SnapshotStoreFor("valori.snapshot-store");
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
        Assert.IsType<SaveSnapshotSuccess>(await SaveAsync());
        _files.BeforeCreate = () => throw new IOException("no space left on device");
        Assert.Equal("no space left on device", Assert.IsType<SaveSnapshotFailure>(await SaveAsync()).Cause.Message);
        await ExpectOneAsync();
    }

    [Fact]
    public async Task A_save_that_takes_too_long_does_so_too_and_is_there_when_it_is_done()
    {
        Assert.IsType<SaveSnapshotSuccess>(await SaveAsync());
        using ManualResetEventSlim gate = new();
        TaskCompletionSource waits = new();
        _files.BeforeCreate = () =>
        {
            waits.SetResult();
            gate.Wait();
        };
        Task<object> save = SaveAsync();
        await waits.Task.WaitAsync(Patience);
        Assert.IsType<SaveSnapshotFailure>(await save);
        await ExpectOneAsync();
        gate.Set();
        await ExpectOneAsync();
    }

    private Task<object> SaveAsync()
    {
        ValoriKernel kernel = new(2);
        History history = new();
        history.Extend(1, kernel.StateHash, kernel.Mark());
        DurableView view = new(kernel.TakeView(), history, 1, 1, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false);
        return _store.Ask(new SaveSnapshot(new SnapshotMetadata(PersistenceId, 1, DateTime.UnixEpoch), view), Patience);
    }

    private async Task ExpectOneAsync()
    {
        object answer = await _store.Ask(new LoadSnapshot(PersistenceId, SnapshotSelectionCriteria.Latest, long.MaxValue), Patience);
        Assert.Equal(1, Assert.IsType<SnapshotContent>(Assert.IsType<LoadSnapshotResult>(answer).Snapshot?.Snapshot).Header.SequenceNr);
    }
}
