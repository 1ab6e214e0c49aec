using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Storage;

public sealed class PostingListsTests
{
    [Fact]
    public void Lists_that_grow_beside_each_other_have_every_row_at_every_length()
    {
        PostingLists lists = new();
        ulong one = PostingLists.Of(7), other = PostingLists.Of(9);
        List<uint> expected = [7], second = [9];
        for (uint i = 0; i < 20_000; i++)
        {
            one = lists.Append(one, 3 * i + 10);
            expected.Add(3 * i + 10);
            if (i % 7 == 0)
            {
                other = lists.Append(other, i * 2);
                second.Add(i * 2);
            }
            if (i < 300 || i % 997 == 0) Assert.Equal(expected, Rows(lists, one));
        }
        Assert.Equal(expected, Rows(lists, one));
        Assert.Equal(second, Rows(lists, other));
    }

    [Fact]
    public void A_list_read_earlier_stays_as_it_was()
    {
        PostingLists lists = new();
        List<ulong> all = [PostingLists.Of(0)];
        for (uint row = 1; row < 5_000; row++) all.Add(lists.Append(all[^1], row));
        for (int i = 0; i < all.Count; i += 37) Assert.Equal(Enumerable.Range(0, i + 1).Select(row => (uint)row), Rows(lists, all[i]));
    }

    [Fact]
    public void The_newest_row_is_not_added_again()
    {
        PostingLists lists = new();
        ulong list = PostingLists.Of(5);
        Assert.Equal(list, lists.Append(list, 5));
        list = lists.Append(list, 6);
        Assert.Equal(list, lists.Append(list, 6));
        Assert.Equal([5u, 6u], Rows(lists, list));
    }

    [Fact]
    public void A_list_without_repetitions_has_each_row_once_and_the_old_one_stays()
    {
        PostingLists lists = new();
        ulong list = PostingLists.Of(3);
        for (int i = 0; i < 99; i++) list = lists.Append(list, (uint)(i % 2));
        uint[] before = Rows(lists, list);
        Assert.Equal([0u, 1u, 3u], Rows(lists, lists.WithoutRepetitions(list)));
        Assert.Equal(before, Rows(lists, list));

        ulong distinct = PostingLists.Of(9);
        for (uint row = 0; row < 9; row++) distinct = lists.Append(distinct, row);
        Assert.Equal(distinct, lists.WithoutRepetitions(distinct));
    }

    [Fact]
    public void A_list_without_room_says_so()
    {
        PostingLists lists = new(maximumSlabs: 2);
        ulong list = PostingLists.Of(0);
        for (uint row = 1; row < 100_000 && list != 0; row++) list = lists.Append(list, row);
        Assert.Equal(0UL, list);
    }

    private static uint[] Rows(PostingLists lists, ulong list)
    {
        uint[] rows = new uint[PostingLists.CountOf(list)];
        lists.CopyTo(list, rows);
        return rows;
    }
}
