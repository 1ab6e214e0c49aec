using System.Reflection;
using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>Checks that stay on in production.</summary>
public sealed class InvariantTests
{
    [Fact]
    public void A_count_that_memory_lost_is_found_by_the_next_event()
    {
        ValoriKernel kernel = new(2);
        kernel.Apply(new InsertRecords(Golden.Block(2, 1, 1), new ulong[1]));
        KernelTables tables = TablesOf(kernel);
        typeof(KernelTables).GetProperty(nameof(KernelTables.LiveRecords))!.SetValue(tables, 100UL);
        InvariantException broken = Assert.Throws<InvariantException>(() => kernel.Apply(new InsertRecords(Golden.Block(2, 2, 2), new ulong[1])));
        Assert.Equal("broken in Apply: _tables.RecordTree.Count <= _tables.RecordSlots && _tables.LiveRecords <= _tables.RecordSlots", broken.Message);
    }

    [Fact]
    public void A_history_does_not_go_back_in_time()
    {
        History history = new();
        history.Extend(10, Digest.Zero, 0);
        history.Extend(10, Digest.Zero, 0);
        Assert.Throws<InvariantException>(() => history.Extend(9, Digest.Zero, 0));
    }

    internal static KernelTables TablesOf(ValoriKernel kernel) =>
        (KernelTables)typeof(ValoriKernel).GetField("_tables", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(kernel)!;
}
