using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Storage;

public sealed class FieldIndexTests
{
    [Fact]
    public void A_row_whose_field_goes_to_and_fro_keeps_its_list_short()
    {
        FieldIndex index = new();
        Fields[] states = [Of(0), Of(1)];
        // Rows beside each other: the newest row of a list is never the one that comes.
        for (int step = 0; step < 10_000; step++)
        {
            for (uint row = 0; row < 3; row++) index.Append(row, states[step % 2].Canonical.Span, step == 0 ? [] : states[(step + 1) % 2].Canonical.Span);
        }
        foreach (int value in new[] { 0, 1 })
        {
            uint[] rows = Rows(index, value);
            Assert.InRange(rows.Length, 3, 128);
            Assert.Equal([0u, 1u, 2u], rows.Distinct().Order());
        }
    }

    [Fact]
    public void A_full_table_takes_nothing_more_and_says_so()
    {
        FieldIndex index = new(maximumSlots: 64);
        for (uint row = 0; row < 40; row++) index.Append(row, Of((int)row).Canonical.Span, before: []);
        Assert.True(index.IsComplete);
        Assert.Equal([39u], Rows(index, 39));
        for (uint row = 40; row < 100; row++) index.Append(row, Of((int)row).Canonical.Span, before: []);
        Assert.False(index.IsComplete);
    }

    [Fact]
    public void Full_lists_take_nothing_more_and_say_so()
    {
        FieldIndex index = new(maximumSlabs: 1);
        for (uint row = 0; row < 10; row++) index.Append(row, Of(0).Canonical.Span, before: []);
        Assert.True(index.IsComplete);
        for (uint row = 10; row < 100_000 && index.IsComplete; row++) index.Append(row, Of(0).Canonical.Span, before: []);
        Assert.False(index.IsComplete);
    }

    [Fact]
    public void An_index_that_is_full_is_not_asked_any_more()
    {
        RecordTable table = new(new EngineSchema(2), new FieldIndex(maximumSlots: 16));
        for (uint row = 0; row < 40; row++)
        {
            table.Append(Golden.Block(2, 1, row), 0, [row]);
            table.SetFirstAttributes(new RecordId(row), [], Of((int)row).Canonical.Span, null, version: row + 1);
            ViewRecords records = new(table, table.Count, Version: row + 1);
            Assert.Equal(row < 12, CandidateRows.For(records, Filter.Eq("n", 3)) is not null);
            Assert.Equal(row < 12, CandidateRows.For(records, Filter.In("n", 3, 4)) is not null);
            Assert.NotNull(CandidateRows.For(records, Filter.Tag(3)));
        }
    }

    [Theory]
    [InlineData(1, 7, 100_000)]
    [InlineData(2, 100_000, 100_000)]
    [InlineData(3, 1_000, 512)]
    [InlineData(4, 100_000, 5_000)]
    public void Rows_that_are_added_together_are_found_as_those_that_are_added_one_by_one(int seed, int values, int mostWaiting)
    {
        const int rows = 20_000;
        Random random = new(seed);
        FieldIndex together = new(), oneByOne = new();
        HashSet<int> used = [];
        for (uint row = 0; row < rows; row++)
        {
            if (row == 1_000) together.BeginMany(mostWaiting);
            int value = random.Next(values);
            used.Add(value);
            Fields fields = new FieldsBuilder { ["n"] = value, ["s"] = new[] { "same", "same", $"{row}" } }.Build();
            foreach (FieldIndex index in (FieldIndex[])[together, oneByOne]) index.Append(row, fields.Canonical.Span, before: []);
        }
        together.EndMany();
        foreach (int value in used.Append(values)) Assert.True(Rows(oneByOne, value).SequenceEqual(Rows(together, value)), $"seed {seed}, value {value}");
        // No longer than it has to be.
        Assert.Equal(oneByOne.Bytes, together.Bytes);
        Assert.True(together.IsComplete);
        for (uint row = rows; row < rows + 100; row++) together.Append(row, Of(-1).Canonical.Span, before: []);
        Assert.Equal(Enumerable.Range(rows, 100), Rows(together, -1).Select(row => (int)row));
    }

    [Fact]
    public void A_table_that_many_rows_fill_says_so()
    {
        FieldIndex index = new(maximumSlots: 64);
        index.BeginMany();
        for (uint row = 0; row < 100; row++) index.Append(row, Of((int)row).Canonical.Span, before: []);
        Assert.True(index.IsComplete);
        index.EndMany();
        Assert.False(index.IsComplete);
    }

    private static Fields Of(int value) => new FieldsBuilder { ["n"] = value }.Build();

    private static uint[] Rows(FieldIndex index, int value)
    {
        ulong list = index.Find(Assert.Single(ValueHash.Of(FilterOperand.Parse("n", out _)!, new FilterLiteral(value))));
        if (list == 0) return [];
        uint[] rows = new uint[PostingLists.CountOf(list)];
        index.CopyTo(list, rows);
        return rows;
    }
}
