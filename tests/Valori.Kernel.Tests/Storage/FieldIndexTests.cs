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

    private static Fields Of(int value) => new FieldsBuilder { ["n"] = value }.Build();

    private static uint[] Rows(FieldIndex index, int value)
    {
        ulong list = index.Find(Assert.Single(ValueHash.Of(FilterOperand.Parse("n", out _)!, new FilterLiteral(value))));
        uint[] rows = new uint[PostingLists.CountOf(list)];
        index.CopyTo(list, rows);
        return rows;
    }
}
