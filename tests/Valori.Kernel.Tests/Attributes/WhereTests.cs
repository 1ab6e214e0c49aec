using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>What matches a filter is deleted and changed in bounded steps, each on the state that it is decided on.</summary>
public sealed class WhereTests
{
    private static readonly Filter Odd = Filter.Eq("odd", true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_delete_exactly_what_the_filter_lets_through_by_an_index_and_by_a_scan(bool isRare)
    {
        // One in eight is where lists of rows begin.
        int every = isRare ? 20 : 3, records = 5_000;
        ValoriKernel kernel = new(1), one = new(1);
        foreach (ValoriKernel each in new[] { kernel, one })
        {
            for (int i = 0; i < records; i++) each.Apply(Put($"k{i}", new FieldsBuilder { ["odd"] = i % every == 1 }.Build()));
        }
        List<RecordsDeleted> steps = [];
        for (ulong from = 0; steps.Count == 0 || from != 0; from = steps[^1].Next) steps.Add(Apply<RecordsDeleted>(kernel, new DeleteWhere(Odd, from, 100)));
        ulong[] deleted = [.. steps.SelectMany(step => step.Records.ToArray())];
        Assert.Equal(Enumerable.Range(0, records).Where(i => i % every == 1).Select(i => (ulong)i), deleted);
        Assert.All(steps.SkipLast(1), step => Assert.Equal(100, step.Records.Length));
        Assert.Equal((ulong)(records - deleted.Length), kernel.TakeView().RecordCount);
        foreach (ulong id in deleted) one.Apply(new DeleteRecord(new RecordId(id)));
        Assert.Equal(one.StateHash, kernel.StateHash);
        Assert.Empty(Apply<RecordsDeleted>(kernel, new DeleteWhere(Odd)).Records.ToArray());
    }

    [Fact]
    public void Fields_of_what_a_filter_lets_through_are_set_replaced_and_removed_as_one_by_one()
    {
        ValoriKernel kernel = WithRecords(40), one = WithRecords(40);
        foreach ((FieldsMode mode, Fields fields, string[] names) in new[]
        {
            (FieldsMode.Merge, new FieldsBuilder { ["seen"] = true }.Build(), (string[])[]),
            (FieldsMode.Replace, new FieldsBuilder { ["odd"] = true, ["n.of"] = 2 }.Build(), []),
            (FieldsMode.Remove, Fields.Empty, ["n", "odd"]),
        })
        {
            RecordsFieldsSet set = Apply<RecordsFieldsSet>(kernel, new SetFieldsWhere(Odd, 0, 1_000, mode, fields, names));
            Assert.Equal(20, set.Records.Length);
            Assert.Equal(0UL, set.Next);
            foreach (ulong id in set.Records.ToArray()) one.Apply(new SetFields(new RecordId(id), mode, fields, names));
            Assert.Equal(one.StateHash, kernel.StateHash);
        }
        Assert.Empty(Apply<RecordsFieldsSet>(kernel, new SetFieldsWhere(Odd, 0, 1_000, FieldsMode.Merge, Fields.Empty, [])).Records.ToArray());
    }

    [Fact]
    public void All_is_all_and_a_step_begins_where_it_is_told_to()
    {
        ValoriKernel kernel = WithRecords(10);
        kernel.Apply(new DeleteRecord(new RecordId(4)));
        RecordsDeleted step = Apply<RecordsDeleted>(kernel, new DeleteWhere(Filter.All, 3, 2));
        Assert.Equal([3, 5], step.Records.ToArray());
        Assert.Equal((6UL, (3UL, 2)), (step.Next, step.Ids));
        Assert.Equal((6UL, 2), step.ReceiptIds);
        step = Apply<RecordsDeleted>(kernel, new DeleteWhere(Filter.All, step.Next));
        Assert.Equal([6, 7, 8, 9], step.Records.ToArray());
        Assert.Equal(0UL, step.Next);
        foreach (ulong from in new[] { 10UL, uint.MaxValue, ulong.MaxValue })
        {
            Assert.Empty(Apply<RecordsDeleted>(kernel, new DeleteWhere(Filter.All, from)).Records.ToArray());
            Assert.Empty(Apply<RecordsDeleted>(kernel, new DeleteWhere(Filter.Id(1), from)).Records.ToArray());
        }
        Assert.Equal(3UL, kernel.TakeView().RecordCount);
    }

    /// <summary>Otherwise a filter that finds nothing would keep everybody waiting.</summary>
    [Fact]
    public void A_step_looks_at_so_much_and_no_more()
    {
        ValoriKernel kernel = new(1);
        Fields large = new FieldsBuilder { ["text"] = new string('x', 60_000) }.Build();
        for (int i = 0; i < 600; i++) kernel.Apply(Put($"k{i}", large));
        List<ulong> begins = [0];
        do begins.Add(Apply<RecordsDeleted>(kernel, new DeleteWhere(Filter.StartsWith("text", "y"), begins[^1])).Next);
        while (begins[^1] != 0);
        Assert.Equal([0, 279, 558, 0], begins);
        Assert.Equal(600UL, kernel.TakeView().RecordCount);
    }

    [Fact]
    public void A_step_looks_at_fewer_records_the_more_comparisons_each_element_takes()
    {
        ValoriKernel kernel = new(1);
        Fields large = new FieldsBuilder { ["a"] = FieldValue.Array([.. Enumerable.Range(0, 7_500).Select(i => (FieldValue)(2 * i))]) }.Build();
        for (int i = 0; i < 150; i++) kernel.Apply(Put($"k{i}", large));
        FieldValue[] odd = [.. Enumerable.Range(0, 1_000).Select(i => (FieldValue)(2 * i + 1))];
        Filter one = Filter.Contains("a", odd[0]), many = Filter.ContainsAny("a", odd), several = Filter.Or([.. odd.Chunk(16).Take(60).Select(values => Filter.ContainsAny("a", values))]);
        Assert.Equal((1, 10, 300), (one.ElementComparisons, many.ElementComparisons, several.ElementComparisons));
        Assert.Equal((140UL, 26UL, 1UL), (Next(one), Next(many), Next(several)));

        // No index knows what does not match.
        ulong Next(Filter filter) => Apply<RecordsDeleted>(kernel, new DeleteWhere(Filter.And(!filter, !Filter.Exists("a")), 0)).Next;
    }

    [Fact]
    public void A_step_that_would_make_many_large_fields_ends_early()
    {
        ValoriKernel kernel = WithRecords(200);
        Fields large = new FieldsBuilder { ["text"] = new string('x', 60_000) }.Build();
        RecordsFieldsSet step = Apply<RecordsFieldsSet>(kernel, new SetFieldsWhere(Filter.All, 0, 1_000, FieldsMode.Merge, large, []));
        Assert.InRange(step.Records.Length, 60, 70);
        Assert.Equal((ulong)step.Records.Length, step.Next);
    }

    [Fact]
    public void A_record_that_cannot_have_the_fields_ends_a_step_and_is_named_by_the_next_one()
    {
        ValoriKernel kernel = WithRecords(6);
        kernel.Apply(SetFields.Replace(new RecordId(3), new FieldsBuilder { ["odd"] = true, ["a"] = 1 }.Build()));
        SetFieldsWhere change = new(Odd, 0, 1_000, FieldsMode.Merge, new FieldsBuilder { ["a.b"] = 1 }.Build(), []);
        RecordsFieldsSet step = Apply<RecordsFieldsSet>(kernel, change);
        Assert.Equal([1], step.Records.ToArray());
        Assert.Equal(3UL, step.Next);
        Digest before = kernel.StateHash;
        Assert.Equal("record 3: the fields 'a' and 'a.b' exclude each other: a field is a value, or it has fields below it", kernel.Decide(change with { From = 3 }).Refusal!.Message);
        Assert.Equal(before, kernel.StateHash);
        Assert.Equal([5], Apply<RecordsFieldsSet>(kernel, change with { From = 4 }).Records.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_number_of_records_that_no_step_can_have_is_refused(int count)
    {
        ValoriKernel kernel = WithRecords(2);
        string message = $"count is {count}; it must be at least 1";
        Assert.Equal(message, kernel.Decide(new DeleteWhere(Filter.All, 0, count)).Refusal!.Message);
        Assert.Equal(message, kernel.Decide(new SetFieldsWhere(Filter.All, 0, count, FieldsMode.Merge, Fields.Empty, [])).Refusal!.Message);
        Assert.Equal("no field to remove is named: give at least one field name", kernel.Decide(new SetFieldsWhere(Filter.All, 0, 1, FieldsMode.Remove, Fields.Empty, [])).Refusal!.Message);
    }

    public static TheoryData<string, ulong, int, ulong, ulong[]> Forged => new()
    {
        { "one that was deleted", 0, 10, 0, [2] },
        { "one that is not there", 0, 10, 0, [6] },
        { "one twice", 0, 10, 0, [1, 1] },
        { "in another order", 0, 10, 0, [3, 1] },
        { "before the first", 3, 10, 0, [1] },
        { "after the next step's begin", 0, 10, 3, [1, 3] },
        { "more than it may have", 0, 1, 0, [1, 3] },
        { "a number that none may have", 0, 0, 0, [] },
        { "a next step that gets no further", 3, 10, 3, [] },
        { "a next step after the end", 0, 10, 6, [1] },
    };

    [Theory]
    [MemberData(nameof(Forged))]
    public void A_forged_event_is_refused_and_changes_nothing(string what, ulong from, int count, ulong next, ulong[] records)
    {
        ValoriKernel kernel = WithRecords(6);
        kernel.Apply(new DeleteRecord(new RecordId(2)));
        Digest before = kernel.StateHash;
        foreach (Event forged in new Event[] { new RecordsDeleted(Odd, from, count, next, records), new RecordsFieldsSet(Odd, from, count, next, records, FieldsMode.Merge, Fields.Empty, []) })
            Assert.True(Assert.Throws<ArgumentException>(() => kernel.Apply(forged)).Message.Length > 10, what);
        Assert.Equal(before, kernel.StateHash);
        Assert.Throws<ArgumentException>(() => kernel.Apply(new RecordsFieldsSet(Odd, 0, 10, 0, new ulong[] { 1 }, FieldsMode.Remove, Fields.Empty, [])));
        Assert.Throws<ArgumentException>(() => kernel.Apply(new RecordsFieldsSet(Odd, 0, 10, 0, new ulong[] { 1 }, FieldsMode.Merge, new FieldsBuilder { ["odd.x"] = 1 }.Build(), [])));
        Assert.Equal(before, kernel.StateHash);
    }

    /// <summary>A journal can be read whatever a filter meant to the version that wrote it.</summary>
    [Fact]
    public void An_event_is_applied_without_asking_its_filter()
    {
        ValoriKernel kernel = WithRecords(4);
        kernel.Apply(new RecordsDeleted(Odd, 0, 10, 0, new ulong[] { 0, 1 }));
        Assert.Equal(2UL, kernel.TakeView().RecordCount);
    }

    private static T Apply<T>(ValoriKernel kernel, Command command) where T : Event
    {
        T happened = (T)kernel.Decide(command).Value!;
        kernel.Apply(happened);
        return happened;
    }

    private static PutRecords Put(string key, Fields fields) =>
        new(Golden.Block(1, 1), new ulong[1], [new RecordAttributes { Key = key, Fields = fields }]);

    /// <summary>Every second one is odd.</summary>
    private static ValoriKernel WithRecords(int count)
    {
        ValoriKernel kernel = new(1);
        for (int i = 0; i < count; i++) kernel.Apply(Put($"k{i}", new FieldsBuilder { ["odd"] = i % 2 == 1 }.Build()));
        return kernel;
    }
}
