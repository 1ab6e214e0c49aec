using Microsoft.Extensions.VectorData;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests;

/// <summary>Records that match a filter come in order, after those that are skipped.</summary>
public sealed class OrderTests(OrderTests.Records records) : IClassFixture<OrderTests.Records>
{
    [Fact]
    public async Task Without_an_order_the_last_written_comes_last() => Assert.Equal((int[])[3, -2, 5, 1, -7, 4], await KeysAsync());

    [Fact]
    public async Task Records_are_ordered_by_the_key_and_by_properties()
    {
        Assert.Equal((int[])[-7, -2, 1, 3, 4, 5], await KeysAsync(o => o.Ascending(r => r.Key)));
        Assert.Equal((int[])[5, 4, 3, 1, -2, -7], await KeysAsync(o => o.Descending(r => r.Key)));
        Assert.Equal((int[])[-7, -2, 5, 3, 1, 4], await KeysAsync(o => o.Ascending(r => r.Number)));
        Assert.Equal((int[])[4, 1, 3, 5, -2, -7], await KeysAsync(o => o.Descending(r => r.Number)));
    }

    [Fact]
    public async Task Records_that_are_equal_are_ordered_by_the_next_property_and_nulls_come_last()
    {
        Assert.Equal((int[])[-2, 1, 5, 3, -7, 4], await KeysAsync(o => o.Ascending(r => r.Text).Ascending(r => r.Number)));
        Assert.Equal((int[])[1, -2, 3, 5, 4, -7], await KeysAsync(o => o.Ascending(r => r.Text).Descending(r => r.Number)));
        Assert.Equal((int[])[3, 5, 1, -2, 4, -7], await KeysAsync(o => o.Descending(r => r.Text).Descending(r => r.Number)));
    }

    /// <summary>They are stored with their kinds, and .NET compares them without.</summary>
    [Fact]
    public async Task Times_that_differ_in_their_kind_alone_are_equal()
    {
        await using StoreFixture fixture = new();
        ValoriCollection<long, ManyTypes> times = await fixture.NewAsync<long, ManyTypes>("times");
        DateTimeKind[] kinds = [DateTimeKind.Utc, DateTimeKind.Unspecified, DateTimeKind.Local];
        await times.UpsertAsync(Enumerable.Range(0, 9).Select(i => new ManyTypes { Key = i, Int = i % 4, DateTime = new DateTime(2026, 1, 1 + i / 5, 0, 0, 0, kinds[i % 3]) }));
        foreach (bool isAscending in new[] { true, false })
        {
            int[] expected = [.. Enumerable.Range(0, 9).OrderBy(i => isAscending ? i / 5 : -(i / 5)).ThenBy(i => i % 4).ThenBy(i => -i)];
            Assert.Equal(expected, await times.GetAsync(r => true, 9, new() { OrderBy = o => (isAscending ? o.Ascending(r => r.DateTime) : o.Descending(r => r.DateTime)).Ascending(r => r.Int).Descending(r => r.Key) })
                .Select(r => (int)r.Key).ToListAsync());
        }
        Assert.Equal((int[])[8, 0, 4, 5, 1, 6, 2, 7, 3], await times.GetAsync(r => true, 9, new() { OrderBy = o => o.Ascending(r => r.Int).Descending(r => r.DateTime).Ascending(r => r.Key) }).Select(r => (int)r.Key).ToListAsync());
    }

    [Fact]
    public async Task Some_are_skipped_and_at_most_so_many_come()
    {
        Assert.Equal((int[])[-2, 5], await KeysAsync(top: 2, skip: 1));
        Assert.Equal((int[])[4], await KeysAsync(top: 10, skip: 5));
        Assert.Equal((int[])[], await KeysAsync(top: 10, skip: 6));
        Assert.Equal((int[])[-2, 5], await KeysAsync(o => o.Ascending(r => r.Number), top: 2, skip: 1));
        Assert.Equal((int[])[1, 5, 3], await KeysAsync(o => o.Ascending(r => r.Text).Ascending(r => r.Number), top: 3, skip: 1));
        Assert.Equal((int[])[-7], await KeysAsync(o => o.Ascending(r => r.Text).Ascending(r => r.Number), top: 1, skip: 4));
        // The end lies within records that are equal.
        Assert.Equal((int[])[-2], await KeysAsync(o => o.Ascending(r => r.Text).Ascending(r => r.Number), top: 1));
        Assert.Equal((int[])[1, 5], await KeysAsync(o => o.Ascending(r => r.Text).Ascending(r => r.Number), top: 2, skip: 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => KeysAsync(top: 0));
    }

    [Fact]
    public async Task More_than_a_page_comes_whole_in_order()
    {
        Assert.Equal(Enumerable.Range(0, 2_300), await records.Large.GetAsync(r => true, 5_000, new() { OrderBy = o => o.Ascending(r => r.Key) }).Select(r => r.Key).ToListAsync());
        Assert.Equal(Enumerable.Range(1_500, 700), await records.Large.GetAsync(r => true, 700, new() { Skip = 1_500, OrderBy = o => o.Ascending(r => r.Key) }).Select(r => r.Key).ToListAsync());
        int[] expected = [.. Enumerable.Range(0, 2_300).OrderBy(i => i % 2).ThenByDescending(i => i).Skip(1_100).Take(100)];
        Assert.Equal(expected, await records.Large.GetAsync(r => true, 100, new() { Skip = 1_100, OrderBy = o => o.Ascending(r => r.Text).Descending(r => r.Key) }).Select(r => r.Key).ToListAsync());
    }

    [Fact]
    public async Task What_has_no_order_is_refused()
    {
        Assert.Contains("'Tags'", (await Assert.ThrowsAsync<NotSupportedException>(() => KeysAsync(o => o.Ascending(r => r.Tags)))).Message);
        Assert.Contains("'Vector'", (await Assert.ThrowsAsync<NotSupportedException>(() => KeysAsync(o => o.Ascending(r => r.Vector)))).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => KeysAsync(o => o.Ascending(r => r.Number + 1)));
    }

    private async Task<int[]> KeysAsync(
        Func<FilteredRecordRetrievalOptions<Note<int>>.OrderByDefinition, FilteredRecordRetrievalOptions<Note<int>>.OrderByDefinition>? order = null, int top = 100, int skip = 0) =>
        [.. await records.Few.GetAsync(r => true, top, new() { OrderBy = order, Skip = skip }).Select(r => r.Key).ToListAsync()];

    public sealed class Records : IAsyncLifetime
    {
        private readonly StoreFixture _fixture = new();

        public ValoriCollection<int, Note<int>> Few { get; private set; } = null!;

        public ValoriCollection<int, Note<int>> Large { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Few = await _fixture.NewAsync<int, Note<int>>("few");
            await Few.UpsertAsync([Note<int>.Of(3, 30, "b"), Note<int>.Of(-2, -5, "a"), Note<int>.Of(5, 2, "b"), Note<int>.Of(1, 31, "a"), Note<int>.Of(-7, -9)]);
            await Few.UpsertAsync(Note<int>.Of(4, 100));
            Large = await _fixture.NewAsync<int, Note<int>>("large");
            await Large.UpsertAsync(Enumerable.Range(0, 2_300).Reverse().Select(i => Note<int>.Of(i, 1, i % 2 == 0 ? "even" : "odd")));
        }

        public async Task DisposeAsync() => await _fixture.DisposeAsync();
    }
}
