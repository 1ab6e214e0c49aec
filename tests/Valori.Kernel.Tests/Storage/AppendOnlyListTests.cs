using Valori.Kernel.Memory;

namespace Valori.Kernel.Tests.Storage;

public sealed class AppendOnlyListTests
{
    [Fact]
    public void Rows_keep_their_values_and_places_however_they_were_appended()
    {
        for (int step = 1; step < 3_000; step = step * 3 / 2 + 1)
        {
            AppendOnlyList<int> list = new();
            while (list.Count < 3_000)
            {
                for (int left = step; left > 0;)
                {
                    int first = (int)list.Count;
                    Span<int> room = list.Extend(left);
                    for (int i = 0; i < room.Length; i++) room[i] = first + i;
                    left -= room.Length;
                }
            }
            for (ulong i = 0; i < list.Count; i++) Assert.Equal((int)i, list[i]);
            Assert.Equal([.. Enumerable.Range(20, 10)], list.Run(20)[..10].ToArray());
        }
    }

    [Fact]
    public void A_short_list_takes_little_and_a_reader_of_its_first_rows_never_sees_less()
    {
        AppendOnlyList<long> list = new();
        Assert.Equal(0, list.Bytes);
        list.Append(7);
        Assert.Equal(16 * sizeof(long), list.Bytes);
        ref long early = ref list[0];
        for (int i = 1; i < 5_000; i++) list.Append(i);
        Assert.Equal(7, early);
        list[0] = 9;
        Assert.Equal(9, list[0]);
        Assert.Equal(5 * 1_024 * sizeof(long), list.Bytes);
    }

    [Fact]
    public async Task Readers_that_race_the_growth_read_what_was_there_when_they_learned_of_it()
    {
        for (int round = 0; round < 200; round++)
        {
            AppendOnlyList<long> list = new();
            long published = 0;
            Task reader = Task.Run(() =>
            {
                while (true)
                {
                    long known = Volatile.Read(ref published);
                    for (long i = 0; i < known; i++) Assert.Equal(i + 1, list[(ulong)i]);
                    if (known == 1_500) return;
                }
            });
            for (long i = 1; i <= 1_500; i++)
            {
                list.Append(i);
                Volatile.Write(ref published, i);
            }
            await reader;
        }
    }
}
