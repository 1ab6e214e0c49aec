using Valori.Actors.Entries;

namespace Valori.Actors.Tests.Recovery;

/// <summary>A journal is held back until the engine has taken enough, and never for nothing.</summary>
public sealed class ReplayWindowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task It_opens_when_bytes_or_rows_are_few_enough()
    {
        ReplayWindow window = new();
        await window.UntilAtMostAsync(0, 0, Patience);
        for (int i = 0; i < 3; i++) window.Sent(100);
        await window.UntilAtMostAsync(300, 0, Patience);
        await window.UntilAtMostAsync(0, 3, Patience);
        Task waiting = window.UntilAtMostAsync(150, 0, Patience);
        window.Taken(100);
        Assert.False(waiting.IsCompleted);
        window.Taken(100);
        await waiting;
    }

    [Fact]
    public async Task One_whose_engine_is_gone_or_takes_nothing_ends()
    {
        ReplayWindow window = new();
        window.Sent(100);
        await Assert.ThrowsAsync<TimeoutException>(() => window.UntilAtMostAsync(0, 0, TimeSpan.FromMilliseconds(1)));
        Task waiting = window.UntilAtMostAsync(0, 0, Patience);
        window.Close();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
    }
}
