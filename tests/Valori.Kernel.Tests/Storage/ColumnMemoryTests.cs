using System.Runtime.CompilerServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Tests.Storage;

public sealed class ColumnMemoryTests
{
    [Fact]
    public void Columns_start_at_cache_lines_and_never_share_a_byte()
    {
        ColumnMemory memory = new();
        Random random = new(1);
        List<AlignedArray<short>> columns = [];
        for (int i = 0; i < 400; i++)
        {
            AlignedArray<short> column = memory.Allocate<short>(i % 50 == 49 ? 600_000 : random.Next(0, 5_000));
            Assert.Equal(0, Address(column) % CacheLine.Bytes);
            column.AsSpan().Fill((short)i);
            columns.Add(column);
        }
        for (int i = 0; i < columns.Count; i++)
            Assert.True(columns[i].AsSpan().IndexOfAnyExcept((short)i) < 0, $"column {i} of seed 1 was overwritten");
    }

    [Fact]
    public void A_part_that_does_not_fit_its_memory_is_refused()
    {
        byte[] memory = GC.AllocateUninitializedArray<byte>(4 * CacheLine.Bytes, pinned: true);
        Assert.Equal(2 * CacheLine.Bytes, new AlignedArray<byte>(memory, 1, 2 * CacheLine.Bytes).AsSpan().Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedArray<int>(memory, 0, CacheLine.Bytes + 1));
    }

    private static unsafe long Address(AlignedArray<short> column) => (long)Unsafe.AsPointer(ref column.Reference);
}
