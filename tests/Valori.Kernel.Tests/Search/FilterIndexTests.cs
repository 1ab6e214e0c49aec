using Valori.Kernel.Search;
using Valori.Kernel.Tests.Snapshots;
using Valori.Protocol;
using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Search;

/// <summary>Searches by filter, through the index and without it: now, as of the past, and while a writer runs.</summary>
public sealed class FilterIndexTests(ITestOutputHelper output)
{
    private const int Dimension = 2;

    // Each matches so few of the records that its list is read, and no filter of the others does.
    private static readonly Filter[] Rare =
    [
        Filter.Eq("user", "user 3"), Filter.Eq("n", 5), Filter.Eq("n", 5.0), Filter.Eq("at", "1970-01-01T00:00:07Z"), Filter.Contains("topics", "topic 9"),
        Filter.In("user", "user 1", "user 2", "nobody"), Filter.ContainsAny("topics", "topic 3", "topic 4"), Filter.Eq("user", "nobody"), Filter.Tag(11), Filter.Id(17),
        Filter.Key("key 40"), Filter.In("id", 3, 4, 3, 99_999), Filter.Eq("user", "user 5") & Filter.Ge("n", 20) & Filter.Ne("tag", 3),
        Filter.Eq("user", "user 6") | Filter.Key("key 2") | Filter.Eq("n", 7), (Filter.Eq("user", "user 1") | Filter.Eq("user", "user 4")) & !Filter.Exists("late"),
        Filter.Eq("late", true),
    ];

    private static readonly Filter[] Common = [Filter.All, Filter.Ne("user", "user 3"), Filter.Lt("n", 30), Filter.Exists("topics"), !Filter.Eq("user", "user 1"), Filter.Eq("common", 1) & Filter.Gt("n", 2)];

    [Fact]
    public void Every_filter_finds_what_the_naive_model_does_now_and_as_of_every_earlier_view()
    {
        const int seed = 9;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        ValoriKernel kernel = new(Dimension);
        NaiveModel model = new(new EngineSchema(Dimension));
        List<(View View, NaiveModel Model)> states = [];
        for (int step = 0; step < 12; step++)
        {
            foreach (Command command in RecordScript.Commands(random, model.Records.Count))
            {
                Assert.True(model.Execute(command), $"{command}");
                kernel.Apply(command);
            }
            states.Add((kernel.TakeView(), model.Copy()));
        }
        foreach ((View view, NaiveModel then) in states)
        {
            foreach (Filter filter in Rare.Concat(Common))
            {
                SearchQuery query = new(Vector(random), 1 + random.Next(40)) { Filter = filter };
                Assert.True(then.Search(query).SequenceEqual(Pairs(view.Search(query))), $"{filter} of {view.RecordSlots} records");

                ulong[] expected = [.. then.Search(query with { K = int.MaxValue }).Select(hit => hit.Id).Order()];
                Assert.Equal((ulong)expected.Length, view.Count(filter));
                Assert.Equal(expected, Listed(view, filter, limit: 1 + random.Next(100)));
            }
        }
    }

    [Fact]
    public void A_page_has_one_to_a_thousand_records()
    {
        ValoriKernel kernel = new(Dimension);
        foreach (Command command in RecordScript.Commands(new Random(3), 0)) kernel.Apply(command);
        View view = kernel.TakeView();
        RecordContent record = view.List(new ListQuery(Filter.All, 1)).Value!.Records[0];
        Assert.Equal(view.GetRecord(record.Id).Value! with { Vector = default }, record);

        AssertRefused(view.List(new ListQuery(Filter.All, 0)), "limit is 0; it must be in 1..1000");
        AssertRefused(view.List(new ListQuery(Filter.All, 1_001)), "limit is 1001; it must be in 1..1000");
    }

    [Fact]
    public void A_hit_and_a_page_have_the_parts_of_the_record_that_were_asked_for_now_and_as_of_the_past()
    {
        ValoriKernel kernel = new(Dimension);
        foreach (Command command in RecordScript.Commands(new Random(5), 0)) kernel.Apply(command);
        kernel.Apply(new SetMetadata(new RecordId(1), new byte[] { 1 }));
        View before = kernel.TakeView();
        kernel.Apply(SetFields.Replace(new RecordId(1), new FieldsBuilder { ["new"] = true }.Build()));
        kernel.Apply(new SetMetadata(new RecordId(1), new byte[] { 2 }));
        foreach (View view in (View[])[before, kernel.TakeView()])
        {
            for (RecordParts with = RecordParts.None; with <= RecordParts.All; with++)
            {
                SearchQuery query = new(Vector(new Random(6)), 1_000) { With = with };
                SearchHit[] hits = view.Search(query).Value!;
                Assert.Equal(view.RecordCount, (ulong)hits.Length);
                Assert.All(hits, hit => AssertParts(view.GetRecord(hit.Id).Value!, with, hit.Record ?? new RecordContent(hit.Id, 0, default, null)));
                Assert.Equal(with == RecordParts.None, hits[0].Record is null);
                Assert.Equal(hits.Select(hit => hit.Record?.Key), view.SearchBatch(query).Value![0].Select(hit => hit.Record?.Key));
                Assert.All(view.List(new ListQuery(Filter.All, 1_000) { With = with }).Value!.Records, record => AssertParts(view.GetRecord(record.Id).Value!, with, record));
            }
        }
    }

    [Fact]
    public void Parts_that_do_not_fit_an_answer_refuse_a_search_and_end_a_page()
    {
        ValoriKernel kernel = new(Dimension);
        foreach (Command command in RecordScript.Commands(new Random(5), 0)) kernel.Apply(command);
        View view = kernel.TakeView();
        // A record has 64 bytes and a vector of 8.
        SearchHit[] hits = view.Search(new SearchQuery(Vector(new Random(6)), 10)).Value!;
        Assert.Contains("take more than 719 bytes", view.WithRecords([hits], RecordParts.Vector, 719).Refusal?.Message);
        Assert.All(view.WithRecords([hits], RecordParts.Vector, 720).Value![0], hit => Assert.Equal(Dimension, hit.Record!.Vector.Length));

        ListQuery vectors = new(Filter.All, 10) { With = RecordParts.Vector };
        RecordPage page = view.List(vectors, 3 * 72 + 71).Value!;
        Assert.Equal(3, page.Records.Count);
        Assert.Equal(view.List(vectors with { Limit = 4 }).Value!.Records[3].Id, view.List(vectors with { Limit = 1, Cursor = page.Cursor }).Value!.Records[0].Id);
        Assert.Single(view.List(vectors, 1).Value!.Records);

        AssertRefused(view.List(vectors with { With = (RecordParts)64 }), "the parts of a record are 64; they must be in 0..63");
        Assert.Contains("the parts of a record are -1", view.Search(new SearchQuery(Vector(new Random(6)), 1) { With = (RecordParts)(-1) }).Refusal?.Message);
    }

    [Fact]
    public void A_filter_that_few_records_match_reads_their_list_and_any_other_scans()
    {
        Random random = new(1);
        ValoriKernel kernel = new(Dimension);
        for (int step = 0; step < 3; step++)
        {
            foreach (Command command in RecordScript.Commands(random, (int)kernel.TakeView().RecordSlots)) kernel.Apply(command);
        }
        View view = kernel.TakeView();
        Assert.All(Rare, filter => Assert.IsType<RowListPlan>(view.PlanOf(filter)));
        Assert.All(Common, filter => Assert.IsType<ScanPlan>(view.PlanOf(filter)));
    }

    [Fact]
    public void Hits_after_an_offset_are_the_rest_of_those_without_one_and_a_digest_binds_it()
    {
        ValoriKernel kernel = new(Dimension);
        foreach (Command command in RecordScript.Commands(new Random(7), 0)) kernel.Apply(command);
        View view = kernel.TakeView();
        foreach (Filter filter in (Filter[])[Filter.All, Filter.Tag(3), Filter.Eq("common", 1), Filter.Eq("user", "user 3")])
        {
            SearchQuery query = new(Vector(new Random(8)), 20) { Filter = filter };
            SearchHit[] all = view.Search(query with { K = 1_000 }).Value!;
            foreach (int offset in (int[])[0, 1, 7, all.Length - 1, all.Length, all.Length + 1, int.MaxValue])
            {
                Assert.Equal(all.Skip(offset).Take(20), view.Search(query with { Offset = offset }).Value!);
                Assert.Equal(all.Skip(offset), view.SearchBatch(query with { K = int.MaxValue, Offset = offset }).Value![0]);
            }
            Digest[] digests = [.. new[] { 0, 1, 2 }.Select(offset => SearchDigest.Compute(view.StateHash, query with { Offset = offset }, all))];
            Assert.Equal(3, digests.Distinct().Count());
        }
        SearchQuery wrong = new(Vector(new Random(8)), 1);
        Assert.Equal("offset is -1; it must be at least 0", view.Search(wrong with { Offset = -1 }).Refusal?.Message);
    }

    [Fact]
    public void A_plan_says_which_index_was_used_and_what_was_read()
    {
        ValoriKernel kernel = new(Dimension);
        foreach (Command command in RecordScript.Commands(new Random(7), 0)) kernel.Apply(command);
        View view = kernel.TakeView();
        ulong users = view.Count(Filter.Eq("user", "user 3")), common = view.Count(Filter.Eq("common", 1));
        // As many hits as there are: every row that matches is scored.
        QueryPlan index = PlanOf(Filter.Eq("user", "user 3") & Filter.Ge("n", 20));
        Assert.Equal(("user = 'user 3'", index.EstimatedRows), (index.Index, index.RowsExamined));
        Assert.InRange(index.EstimatedRows, users, 20UL);
        // Each hit once more at the end.
        Assert.InRange(index.RowsFiltered, users, 2 * index.RowsExamined);
        Assert.Equal(view.Count(Filter.Eq("user", "user 3") & Filter.Ge("n", 20)), index.RowsScored);

        QueryPlan scan = PlanOf(Filter.Eq("common", 1));
        Assert.Equal((null, view.RecordSlots, view.RecordSlots, view.RecordCount, common), (scan.Index, scan.EstimatedRows, scan.RowsExamined, scan.RowsFiltered, scan.RowsScored));
        QueryPlan all = PlanOf(Filter.All);
        Assert.Equal((null, view.RecordSlots, 0UL, view.RecordCount), (all.Index, all.RowsExamined, all.RowsFiltered, all.RowsScored));
        QueryPlan none = PlanOf(Filter.Eq("user", "nobody"));
        Assert.Equal(("user = 'nobody'", 0UL, 0UL, 0UL), (none.Index, none.EstimatedRows, none.RowsExamined, none.RowsScored));

        QueryPlan PlanOf(Filter filter)
        {
            SearchRun run = view.BeginSearch(new SearchQuery(Vector(new Random(8)), 1_000) { Filter = filter }).Value!;
            Assert.True(run.RunShare());
            return run.Plan();
        }
    }

    [Fact]
    public void Whatever_may_run_long_stops_when_it_is_cancelled()
    {
        ValoriKernel kernel = new(Dimension);
        foreach (Command command in RecordScript.Commands(new Random(7), 0)) kernel.Apply(command);
        View view = kernel.TakeView();
        CancellationToken cancelled = new(canceled: true);
        foreach (Filter filter in (Filter[])[Filter.Ge("n", 1), Filter.Eq("user", "user 3")])
        {
            Assert.Throws<OperationCanceledException>(() => view.Count(filter, cancelled));
            Assert.Throws<OperationCanceledException>(() => view.Distinct(new DistinctQuery("n", filter, 1), cancelled));
            foreach (RecordOrder order in (RecordOrder[])[RecordOrder.ById, RecordOrder.ById with { IsDescending = true }, RecordOrder.ByKey, RecordOrder.By("n")])
                Assert.Throws<OperationCanceledException>(() => view.List(new ListQuery(filter, 1) { Order = order }, cancelled));
            SearchQuery query = new(Vector(new Random(8)), 1) { Filter = filter };
            Assert.Throws<OperationCanceledException>(() => view.Search(query, cancelled));
            // Within a piece too.
            SearchPart part = new([new QueryVector(query.Vectors, 0)], 1, long.MaxValue);
            Assert.Throws<OperationCanceledException>(() => view.PlanOf(filter, cancelled).Run(0, part));
        }
        Assert.Equal(view.RecordCount, view.Count(Filter.All, cancelled));
    }

    [Fact]
    public void A_long_list_is_read_in_pieces_that_threads_can_share()
    {
        const int records = 20_000;
        Random random = new(6);
        ValoriKernel kernel = new(Dimension);
        NaiveModel model = new(new EngineSchema(Dimension));
        InsertRecords insert = new(
            VectorBlock.FromComponents(Dimension, [.. Enumerable.Range(0, records * Dimension).Select(_ => random.Next(-50, 50) / 8f)]).Value!,
            Enumerable.Range(0, records).Select(i => (ulong)(i % 9)).ToArray());
        kernel.Apply(insert);
        Assert.True(model.Execute(insert));
        View view = kernel.TakeView();
        SearchQuery query = new(Vector(random), 2_200) { Filter = Filter.Tag(1) };
        Assert.Equal((typeof(RowListPlan), 2), (view.PlanOf(query.Filter).GetType(), view.PlanOf(query.Filter).Pieces));
        Assert.True(model.Search(query).SequenceEqual(Pairs(view.Search(query))));
    }

    [Fact]
    public void A_state_that_a_snapshot_brought_has_the_index_too()
    {
        Random random = new(2);
        ValoriKernel kernel = new(Dimension);
        for (int step = 0; step < 3; step++)
        {
            foreach (Command command in RecordScript.Commands(random, (int)kernel.TakeView().RecordSlots)) kernel.Apply(command);
        }
        View before = kernel.TakeView(), after = SnapshotReader.Read(new MemoryStream(SnapshotTests.Write(kernel.TakeView(), 9)), "test").Kernel.TakeView();
        foreach (Filter filter in Rare)
        {
            SearchQuery query = new(Vector(random), 10) { Filter = filter };
            Assert.Equal(Pairs(before.Search(query)), Pairs(after.Search(query)));
            Assert.IsType<RowListPlan>(after.PlanOf(filter));
        }
    }

    [Fact]
    public async Task Views_find_the_same_while_a_writer_runs()
    {
        const int seed = 4;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        ValoriKernel kernel = new(Dimension);
        NaiveModel model = new(new EngineSchema(Dimension));
        Tuple<View, NaiveModel> published = new(kernel.TakeView(), model.Copy());
        using CancellationTokenSource written = new();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            Random own = new(seed + reader);
            int searches = 0;
            do
            {
                (View view, NaiveModel then) = Volatile.Read(ref published);
                SearchQuery query = new(Vector(own), 5) { Filter = Rare[own.Next(Rare.Length)] };
                Assert.True(then.Search(query).SequenceEqual(Pairs(view.Search(query))), $"{query.Filter} of {view.RecordSlots} records");
                searches++;
            }
            while (!written.IsCancellationRequested);
            return searches;
        }))];
        for (int step = 0; step < 15; step++)
        {
            foreach (Command command in RecordScript.Commands(random, model.Records.Count))
            {
                Assert.True(model.Execute(command));
                kernel.Apply(command);
            }
            Volatile.Write(ref published, new(kernel.TakeView(), model.Copy()));
        }
        await written.CancelAsync();
        Assert.All(await Task.WhenAll(readers), searches => Assert.True(searches > 0));
    }

    private static ulong[] Listed(View view, Filter filter, int limit)
    {
        List<ulong> ids = [];
        for (string? cursor = null; ;)
        {
            RecordPage page = view.List(new ListQuery(filter, limit) { Cursor = cursor }).Value!;
            Assert.InRange(page.Records.Count, 0, limit);
            ids.AddRange(page.Records.Select(record => record.Id.Value));
            if ((cursor = page.Cursor) is null) return [.. ids];
            Assert.Equal(limit, page.Records.Count);
        }
    }

    private static void AssertParts(RecordContent all, RecordParts with, RecordContent some)
    {
        Assert.Equal(all.Id, some.Id);
        Assert.Equal(Has(RecordParts.Key) ? all.Key : null, some.Key);
        Assert.Equal(Has(RecordParts.Fields) ? all.Fields : Fields.Empty, some.Fields);
        Assert.Equal(Has(RecordParts.Metadata) ? all.Metadata?.ToArray() : null, some.Metadata?.ToArray());
        Assert.Equal(Has(RecordParts.Vector) ? all.Vector.ToArray() : [], some.Vector.ToArray());
        Assert.Equal(Has(RecordParts.Tag) ? all.Tag : 0, some.Tag);
        Assert.Equal(Has(RecordParts.ExpiresAt) ? all.ExpiresAtUnixMicroseconds : null, some.ExpiresAtUnixMicroseconds);

        bool Has(RecordParts part) => (with & part) != 0;
    }

    private static void AssertRefused(Outcome<RecordPage> outcome, string reason) => Assert.Contains(reason, outcome.Refusal?.Message);

    private static VectorBlock Vector(Random random) => VectorBlock.FromComponents(Dimension, [random.Next(-50, 50) / 8f, random.Next(-50, 50) / 8f]).Value!;

    private static (ulong, long)[] Pairs(Outcome<SearchHit[]> hits) => [.. hits.Value!.Select(hit => (hit.Id.Value, hit.Score))];
}
