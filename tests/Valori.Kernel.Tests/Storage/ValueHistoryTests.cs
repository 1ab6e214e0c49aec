using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Storage;

public sealed class ValueHistoryTests
{
    [Fact]
    public void There_is_room_up_to_the_limit_and_no_further()
    {
        ValueHistory history = new(maximumEntries: 5);
        uint head = 0;
        for (ulong value = 1; value <= 3; value++) head = history.Append(head, value, value);
        Assert.True(history.HasRoom(2));
        Assert.False(history.HasRoom(3));
        head = history.Append(history.Append(head, 4, 4), 5, 5);
        Assert.False(history.HasRoom(1));
        Assert.Equal(5UL, history.Newest(head));
    }
}
