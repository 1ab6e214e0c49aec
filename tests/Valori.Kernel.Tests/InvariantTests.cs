using System.Reflection;

namespace Valori.Kernel.Tests;

/// <summary>Checks that stay on in production.</summary>
public sealed class InvariantTests
{
    [Fact]
    public void A_count_that_memory_lost_is_found_by_the_next_event()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 1, 1), new ulong[1]));
        typeof(ValoriKernel).GetField("_liveRecords", BindingFlags.NonPublic | BindingFlags.Instance)!.SetValue(kernel, 100UL);
        InvariantException broken = Assert.Throws<InvariantException>(() => kernel.Apply(new InsertRecords(Golden.Block(2, 2, 2), new ulong[1])));
        Assert.Equal("broken in Apply: _recordTree.Count <= _records.Count && _liveRecords <= _records.Count", broken.Message);
    }

    [Fact]
    public void A_history_does_not_go_back_in_time()
    {
        History history = new();
        history.Extend(10, Digest.Zero, 0);
        history.Extend(10, Digest.Zero, 0);
        Assert.Throws<InvariantException>(() => history.Extend(9, Digest.Zero, 0));
    }
}
