using Valori.Kernel.Search;
using Valori.Protocol;
using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Search;

/// <summary>Lists in every order, values of fields with counts, and records that are asked for one by one.</summary>
public sealed class ListTests(ITestOutputHelper output)
{
    private const int Dimension = 2;

    private static readonly Filter[] Filters = [Filter.All, Filter.Eq("user", "user 3"), Filter.Lt("n", 30), Filter.Key("key 40"), Filter.Eq("common", 1) & Filter.Gt("n", 2), Filter.Eq("user", "nobody")];

    private static readonly RecordOrder[] Orders = [RecordOrder.ById, RecordOrder.ByKey, RecordOrder.By("n"), RecordOrder.By("user"), RecordOrder.By("at"), RecordOrder.By("late"), RecordOrder.By("topics"), RecordOrder.By("nothing")];

    [Fact]
    public void Pages_in_every_order_are_those_of_the_naive_model_now_and_as_of_every_earlier_view()
    {
        const int seed = 21;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        foreach ((View view, NaiveModel then) in States(random, steps: 5))
        {
            foreach (Filter filter in Filters)
            {
                FilteredRecord[] matching = Matching(then, filter);
                foreach (RecordOrder order in Orders.Concat(Orders.Select(order => order with { IsDescending = true })))
                {
                    ListQuery query = new(filter, 1 + random.Next(200)) { Order = order };
                    ulong[] expected = [.. Sorted(matching, order).Select(record => record.Id)], found = Listed(view, query);
                    Assert.True(expected.AsSpan().SequenceEqual(found), $"{filter} by {order}, {query.Limit} a page of {view.RecordSlots} records: {string.Join(' ', found)}, expected {string.Join(' ', expected)}");
                }
            }
        }
    }

    [Fact]
    public void A_first_list_by_key_that_is_cancelled_while_it_sorts_leaves_the_next_one_right()
    {
        const int rows = 5_000;
        ValoriKernel kernel = new(1);
        string[] keys = [.. Enumerable.Range(0, rows).Select(i => $"{i * 7_919 % rows:D4}")];
        kernel.Apply(new PutRecords(VectorBlock.FromComponents(1, new float[rows]).Value!, new ulong[rows], [.. keys.Select(key => new RecordAttributes { Key = key })]));
        View view = kernel.TakeView();
        using CancellationTokenSource stop = new();
        stop.Cancel();
        ListQuery query = new(Filter.All, 3) { Order = RecordOrder.ByKey };
        Assert.Throws<OperationCanceledException>(() => view.List(query, stop.Token));
        Assert.Equal(["0000", "0001", "0002"], view.List(query).Value!.Records.Select(record => record.Key!.ToString()));
    }

    [Fact]
    public void Values_of_every_type_have_one_order_and_numbers_go_by_their_exact_value()
    {
        FieldValue[] ascending =
        [
            false, true, double.MinValue, long.MinValue, -1.5, -1, 0, double.Epsilon, 1, 1.5, 9_007_199_254_740_992, 9_007_199_254_740_993, 9_007_199_254_740_994.0, long.MaxValue, 9_223_372_036_854_775_808.0, double.MaxValue,
            "", "a", "a\0", "aaaaaaaa", "aaaaaaaab", "b", "z", "\u00e9", "\ud83d\ude00", FieldValue.Timestamp(-1), FieldValue.Timestamp(0), FieldValue.Timestamp(1),
        ];
        int[] shuffled = [.. Enumerable.Range(0, ascending.Length)];
        new Random(8).Shuffle(shuffled);
        // Two without such a value come last in both directions.
        View view = ViewOf([.. shuffled.Select(i => new FieldsBuilder { ["v"] = ascending[i] }.Build()), new FieldsBuilder { ["v"] = new[] { 1 } }.Build(), Fields.Empty]);
        ulong[] expected = [.. Enumerable.Range(0, ascending.Length).Select(i => (ulong)Array.IndexOf(shuffled, i))], last = [(ulong)ascending.Length, (ulong)ascending.Length + 1];
        for (int limit = 1; limit <= 5; limit++)
        {
            ListQuery query = new(Filter.All, limit) { Order = RecordOrder.By("v") };
            Assert.Equal(expected.Concat(last), Listed(view, query));
            Assert.Equal(expected.Reverse().Concat(last.Reverse()), Listed(view, query with { Order = query.Order with { IsDescending = true } }));
        }
        // An int64 and the same float64 are ordered by id.
        Assert.Equal([0UL, 1, 2], Listed(ViewOf([.. new FieldValue[] { 1.0, 1, 1.0 }.Select(value => new FieldsBuilder { ["v"] = value }.Build())]), new ListQuery(Filter.All, 1) { Order = RecordOrder.By("v") }));
    }

    [Fact]
    public void A_list_by_key_goes_on_while_keys_are_added_deleted_and_taken_over()
    {
        const int seed = 5;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        ValoriKernel kernel = new(Dimension);
        SortedSet<string> live = new(StringComparer.Ordinal);
        for (int step = 0; step < 40; step++)
        {
            // Long enough that the order of the keys is merged, and short enough that it is not.
            string[] keys = [.. Enumerable.Range(0, step % 10 == 0 ? 1_500 : 20).Select(_ => $"note/{random.Next(40_000):x}").Distinct()];
            kernel.Apply(new PutRecords(Vectors(keys.Length), new ulong[keys.Length], [.. keys.Select(key => new RecordAttributes { Key = key })], Replace: true));
            live.UnionWith(keys);
            string gone = live.ElementAt(random.Next(live.Count));
            kernel.Apply(new DeleteKey(gone));
            live.Remove(gone);
            foreach (bool isDescending in (bool[])[false, true])
            {
                ListQuery query = new(Filter.All, 700) { Order = RecordOrder.ByKey with { IsDescending = isDescending }, With = RecordParts.Key };
                Assert.Equal(isDescending ? live.Reverse() : live, Pages(kernel.TakeView(), query).Select(record => record.Key!.ToString()));
            }
        }
    }

    [Fact]
    public void A_page_begins_after_the_record_that_the_one_before_ended_with_though_it_was_changed_or_deleted_meanwhile()
    {
        ValoriKernel kernel = KernelOf([.. Enumerable.Range(0, 10).Select(n => new FieldsBuilder { ["n"] = n }.Build())]);
        foreach (RecordOrder order in (RecordOrder[])[RecordOrder.By("n"), RecordOrder.ByKey, RecordOrder.ById])
        {
            ListQuery query = new(Filter.All, 3) { Order = order };
            RecordPage page = kernel.TakeView().List(query).Value!;
            RecordId last = page.Records[^1].Id;
            if (order.Name == "n") kernel.Apply(SetFields.Replace(last, new FieldsBuilder { ["n"] = 100 }.Build()));
            else kernel.Apply(new DeleteRecord(last));
            ulong[] rest = Listed(kernel.TakeView(), query with { Cursor = page.Cursor });
            // The record with the new value comes again, in its new place.
            Assert.Equal(order.Name == "n" ? [3UL, 4, 5, 6, 7, 8, 9, 2] : order == RecordOrder.ByKey ? [3UL, 4, 5, 6, 7, 8, 9] : [4UL, 5, 6, 7, 8, 9], rest);
        }
    }

    [Fact]
    public void A_cursor_belongs_to_its_filter_order_direction_and_scope_and_to_nothing_else()
    {
        View view = ViewOf([.. Enumerable.Range(0, 10).Select(n => new FieldsBuilder { ["n"] = n, ["m"] = n }.Build())]);
        foreach (RecordOrder order in (RecordOrder[])[RecordOrder.ById, RecordOrder.ByKey, RecordOrder.By("n")])
        {
            ListQuery query = new(Filter.Ge("n", 0), 3) { Order = order, Scope = "notes" };
            ListQuery next = query with { Cursor = view.List(query).Value!.Cursor };
            Assert.Equal([3UL, 4], view.List(next with { Limit = 2, With = RecordParts.None }).Value!.Records.Select(record => record.Id.Value));
            ListQuery[] others =
            [
                next with { Filter = Filter.All }, next with { Filter = Filter.Ge("n", 1) }, next with { Scope = "other" }, next with { Order = order with { IsDescending = true } }, next with { Order = RecordOrder.By("m") },
                next with { Cursor = "" }, next with { Cursor = "x" }, next with { Cursor = next.Cursor![1..] }, next with { Cursor = next.Cursor + "A" }, next with { Cursor = next.Cursor + "=" }, next with { Cursor = next.Cursor + " " },
                next with { Cursor = next.Cursor[..^1] + (next.Cursor[^1] == 'B' ? 'C' : 'B') }, next with { Cursor = "\u00e9" + next.Cursor[1..] },
                // Made by somebody who knows how, with what cannot be there.
                next with { Cursor = ListCursor.Make(query with { Order = RecordOrder.ById }, new ListPlace(1, "k", Fields.Empty)), Order = RecordOrder.ById },
            ];
            foreach (ListQuery other in others)
            {
                string? refused = view.List(other).Refusal?.Message;
                Assert.True(refused == "the cursor is not one of this list: it comes from a page of the same collection with the same filter, order, direction and as_of, and is sent back as it is", $"{other}: {refused}");
            }
            if (order == RecordOrder.ById) Assert.Empty(view.List(next with { Cursor = ListCursor.Make(query, new ListPlace(ulong.MaxValue, null, Fields.Empty)) }).Value!.Records);
        }
    }

    [Theory]
    [InlineData("tag", "not by tag: write $fields.tag")]
    [InlineData("Key", "'Key' is neither 'key' nor clearly a field")]
    [InlineData("", "name")]
    [InlineData("a..b", "name")]
    [InlineData("a..b", "the direction is in descending")]
    [InlineData("-at", "write 'at' and set descending, or write $fields.-at for a field of that name")]
    [InlineData("-key", "write 'key' and set descending")]
    public void What_is_not_an_order_is_refused_by_name(string name, string reason)
    {
        Assert.Contains(reason, RecordOrder.Parse(name).Refusal?.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RecordOrder.By(name));
    }

    [Theory]
    [InlineData("$fields.-at", "$fields.-at")]
    [InlineData("-", "-")]
    [InlineData("at desc", "at desc")]
    public void A_field_that_is_called_like_a_direction_can_still_be_meant(string name, string shown)
    {
        RecordOrder order = RecordOrder.By(name);
        Assert.Equal(shown, order.Name);
        Assert.Equal(order, RecordOrder.By(order.Name));
    }

    [Fact]
    public void Values_are_counted_as_the_naive_model_does_now_and_as_of_every_earlier_view()
    {
        const int seed = 22;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        foreach ((View view, NaiveModel then) in States(random, steps: 4))
        {
            foreach (Filter filter in Filters)
            {
                foreach (string field in (string[])["user", "n", "at", "topics", "late", "nothing"])
                {
                    int limit = 1 + random.Next(80);
                    DistinctValues found = view.Distinct(new DistinctQuery(field, filter, limit)).Value!;
                    // By type and text: an int64 and a float64 are two values.
                    (string Value, ulong Count)[] expected =
                    [
                        .. Matching(then, filter).SelectMany(record => record.Fields.TryGetValue(field, out object? value) ? (value as object[] ?? [value]).Distinct() : [])
                            .GroupBy(value => value).Select(group => (group.Key, Count: (ulong)group.Count())).OrderByDescending(value => value.Count)
                            .ThenBy(value => Rank(value.Key)).ThenBy(value => Comparable(value.Key)).ThenBy(value => value.Key is double).Select(value => (Text(value.Key), value.Count)),
                    ];
                    Assert.Equal(expected.Length, found.Total);
                    Assert.Equal(expected.Take(limit), found.Values.Select(value => ($"{value.Value}", value.Count)));
                }
            }
        }
    }

    [Fact]
    public void Values_past_the_limits_are_refused_and_so_is_what_is_not_a_field()
    {
        View view = ViewOf([.. Enumerable.Range(0, 10).Select(n => new FieldsBuilder { ["n"] = n, ["twice"] = new[] { 1, 1, n } }.Build())]);
        DistinctQuery query = new("n", Filter.All, 3);
        Assert.Equal((3, 10), (view.Distinct(query).Value!.Values.Count, view.Distinct(query).Value!.Total));
        // Nine bytes each.
        Assert.Equal(10, view.Distinct(query, 10, 90).Value!.Total);
        Assert.Contains("n has more than 9 values", view.Distinct(query, 9, 90).Refusal?.Message);
        Assert.Contains("more than 89 bytes of them", view.Distinct(query, 10, 89).Refusal?.Message);
        // A record that has a value twice counts once.
        Assert.Equal(new ValueCount(1, 10), view.Distinct(query with { Field = "twice" }).Value!.Values[0]);
        Assert.Equal("limit is 0; it must be in 1..1000", view.Distinct(query with { Limit = 0 }).Refusal?.Message);
        Assert.Equal("limit is 1001; it must be in 1..1000", view.Distinct(query with { Limit = 1_001 }).Refusal?.Message);
        Assert.Contains("not of key: write $fields.key", view.Distinct(query with { Field = "key" }).Refusal?.Message);
        Assert.Contains("the field whose values are asked for", view.Distinct(query with { Field = "a..b" }).Refusal?.Message);
    }

    [Fact]
    public void Records_by_id_and_key_come_in_the_order_of_the_question_and_null_for_what_does_not_exist()
    {
        ValoriKernel kernel = KernelOf([.. Enumerable.Range(0, 5).Select(n => new FieldsBuilder { ["n"] = n }.Build())]);
        View before = kernel.TakeView();
        kernel.Apply(new DeleteKey("key 3"));
        RecordRef[] asked = [new RecordId(4), (RecordKey)"key 3", new RecordId(99), (RecordKey)"key 0", new RecordId(4), new RecordId(3), (RecordKey)"nobody"];
        Assert.Equal([4UL, 3, null, 0, 4, 3, null], Ids(before));
        Assert.Equal([4UL, null, null, 0, 4, null, null], Ids(kernel.TakeView()));
        RecordContent first = before.GetMany(asked).Value!.Records[0]!, whole = before.GetRecord(new RecordId(4)).Value!;
        Assert.Equal(whole with { Vector = default }, first with { Vector = default });
        Assert.Equal(whole.Vector.ToArray(), first.Vector.ToArray());
        Assert.Equal(Fields.Empty, before.GetMany(asked, RecordParts.Key).Value!.Records[0]!.Fields);

        Assert.Empty(before.GetMany([]).Value!.Records);
        Assert.Contains("1001 records are asked for; the limit of one answer is 1000", before.GetMany(Enumerable.Repeat(asked[0], 1_001).ToArray()).Refusal?.Message);
        Assert.Equal(1_000, before.GetMany(Enumerable.Repeat(asked[0], 1_000).ToArray()).Value!.Records.Count);
        Assert.Contains("record 1: neither the record's id nor its key is given: name the record by one of them", before.GetMany([asked[0], default]).Refusal?.Message);
        Assert.Contains("the parts of a record are 64", before.GetMany(asked, (RecordParts)64).Refusal?.Message);
        // A record has 64 bytes and a vector of 8.
        Assert.Contains("take more than 143 bytes", before.GetMany([asked[0], asked[0]], RecordParts.Vector, 143).Refusal?.Message);
        Assert.Equal(2, before.GetMany([asked[0], asked[0]], RecordParts.Vector, 144).Value!.Records.Count);

        ulong?[] Ids(View view) => [.. view.GetMany(asked, RecordParts.None).Value!.Records.Select(record => record?.Id.Value)];
    }

    private static List<(View View, NaiveModel Model)> States(Random random, int steps)
    {
        ValoriKernel kernel = new(Dimension);
        NaiveModel model = new(new EngineSchema(Dimension));
        List<(View, NaiveModel)> states = [];
        for (int step = 0; step < steps; step++)
        {
            foreach (Command command in RecordScript.Commands(random, model.Records.Count))
            {
                Assert.True(model.Execute(command), $"{command}");
                kernel.Apply(command);
            }
            states.Add((kernel.TakeView(), model.Copy()));
        }
        return states;
    }

    private static FilteredRecord[] Matching(NaiveModel model, Filter filter)
    {
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(filter);
        return [.. model.Records.Select((record, id) => record is { } live ? FilteredRecord.Of((ulong)id, live.Tag, live.Key, live.Fields is null ? null : Fields.Read(live.Fields)) : null).OfType<FilteredRecord>().Where(matches)];
    }

    private static IEnumerable<FilteredRecord> Sorted(FilteredRecord[] records, RecordOrder order)
    {
        ILookup<bool, FilteredRecord> byValue = records.ToLookup(record => Rank(ValueOf(record)) < 9);
        IEnumerable<FilteredRecord> with = byValue[true].OrderBy(record => Rank(ValueOf(record))).ThenBy(record => Comparable(ValueOf(record)!)).ThenBy(record => record.Id);
        IEnumerable<FilteredRecord> without = byValue[false].OrderBy(record => record.Id);
        return order.IsDescending ? with.Reverse().Concat(without.Reverse()) : with.Concat(without);

        object? ValueOf(FilteredRecord record) => order.Name switch { "id" => (long)record.Id, "key" => record.Key, _ => record.Fields.GetValueOrDefault(order.Name) };
    }

    private static int Rank(object? value) => value switch { bool => 1, long or double => 2, string => 3, DateTimeOffset => 4, _ => 9 };

    // The numbers of the script are small, and its texts are ASCII.
    private static IComparable Comparable(object value) => value switch
    {
        string text => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text)),
        long whole => (decimal)whole,
        double real => (decimal)real,
        _ => (IComparable)value,
    };

    private static string Text(object value) => value switch
    {
        bool flag => $"{(FieldValue)flag}",
        long whole => $"{(FieldValue)whole}",
        double real => $"{(FieldValue)real}",
        string text => $"{(FieldValue)text}",
        _ => $"{(FieldValue)(DateTimeOffset)value}",
    };

    private static ulong[] Listed(View view, ListQuery query) => [.. Pages(view, query).Select(record => record.Id.Value)];

    private static IEnumerable<RecordContent> Pages(View view, ListQuery query)
    {
        while (true)
        {
            RecordPage page = view.List(query).Value!;
            foreach (RecordContent record in page.Records) yield return record;
            if (page.Cursor is null) yield break;
            Assert.Equal(query.Limit, page.Records.Count);
            query = query with { Cursor = page.Cursor };
        }
    }

    private static View ViewOf(params Fields[] records) => KernelOf(records).TakeView();

    private static ValoriKernel KernelOf(Fields[] records)
    {
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(new PutRecords(Vectors(records.Length), new ulong[records.Length], [.. records.Select((fields, i) => new RecordAttributes { Key = $"key {i}", Fields = fields })], Replace: false));
        return kernel;
    }

    private static VectorBlock Vectors(int count) => VectorBlock.FromComponents(Dimension, [.. Enumerable.Range(0, count * Dimension).Select(i => 1f + i % 7)]).Value!;

    /// <summary>As in a filter: a list that says nothing of it would come by id, and values of it there are none.</summary>
    [Theory]
    [InlineData("expires_at")]
    [InlineData("metadata")]
    [InlineData("Expires_At")]
    public void What_a_record_has_besides_fields_is_no_order_and_has_no_values(string name)
    {
        string reason = $"is '{name}', which is not a field: store what you ask for as a field of another name. A field of that name is $fields.{name}";
        Assert.Equal($"the order of a list {reason}", RecordOrder.Parse(name).Refusal!.Message);
        Assert.Equal($"the field whose values are asked for {reason}", new ValoriKernel(2).TakeView().Distinct(new DistinctQuery(name, Filter.All, 10)).Refusal!.Message);
        // A field of that name is one, also after its name was sent.
        RecordOrder order = RecordOrder.By($"$fields.{name}");
        Assert.Equal(order, RecordOrder.By(order.Name));
        Assert.NotNull(new ValoriKernel(2).TakeView().Distinct(new DistinctQuery($"$fields.{name}", Filter.All, 10)).Value);
    }
}
