using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;

namespace Valori.Actors.Tests;

/// <summary>A save that is given up takes nothing with it: Akka's base deletes what it could not save, and the name may be an earlier one's.</summary>
public sealed class FileSnapshotStoreTests : IAsyncLifetime
{
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
        Assert.IsType<SaveSnapshotSuccess>(await SnapshotStoreCalls.SaveAsync(_store));
        _files.BeforeCreate = () => throw new IOException("no space left on device");
        Assert.Equal("no space left on device", Assert.IsType<SaveSnapshotFailure>(await SnapshotStoreCalls.SaveAsync(_store)).Cause.Message);
        Assert.Equal(1, await SnapshotStoreCalls.NewestAsync(_store));
    }

    [Fact]
    public async Task A_save_that_takes_too_long_does_so_too_and_is_there_when_it_is_done()
    {
        Assert.IsType<SaveSnapshotSuccess>(await SnapshotStoreCalls.SaveAsync(_store));
        using ManualResetEventSlim gate = new();
        TaskCompletionSource waits = new();
        _files.BeforeCreate = () =>
        {
            waits.SetResult();
            gate.Wait();
        };
        Task<object> save = SnapshotStoreCalls.SaveAsync(_store);
        await waits.Task.WaitAsync(SnapshotStoreCalls.Patience);
        Assert.IsType<SaveSnapshotFailure>(await save);
        Assert.Equal(1, await SnapshotStoreCalls.NewestAsync(_store));
        gate.Set();
        Assert.Equal(1, await SnapshotStoreCalls.NewestAsync(_store));
    }
}
