using Akka.Persistence;

namespace Valori.Actors.Tests.Snapshots;

public sealed class FileSnapshotStoreTests : SnapshotStoreTests
{
    private readonly FaultyFiles _files;

    public FileSnapshotStoreTests()
        : base("valori.snapshot-store", _ => $$"""
            valori.snapshot-store.class = "{{typeof(FaultyFileStore).AssemblyQualifiedName}}"
            valori.snapshot-store.circuit-breaker.call-timeout = 2s
            """) =>
        _files = FaultyFiles.Of(System);

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
        await waits.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.IsType<SaveSnapshotFailure>(await save);
        Assert.Equal(1, await NewestAsync());
        gate.Set();
        Assert.Equal(1, await NewestAsync());
    }

    protected override void LetSavesFail(string why) => _files.BeforeCreate = () => throw new IOException(why);
}
