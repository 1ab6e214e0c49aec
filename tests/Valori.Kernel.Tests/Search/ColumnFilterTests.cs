using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Kernel.Tests.Snapshots;
using Valori.Protocol;
using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Search;

/// <summary>
/// Filters through columns, beside a naive evaluation of each: searches, counts, lists in both directions. There are full segments and one that
/// is not, fields of all types and of several types under one name, deleted records, and fields that are set before and after the columns are made.
/// </summary>
public sealed class ColumnFilterTests(ITestOutputHelper output)
{
    // 64 rows a segment.
    private const int Dimension = 8_000, Batch = 90;

    // Texts that share the bytes of a key, or differ in the last of them.
    private static readonly string[] Texts = ["", "a", "a\0", "a\0\0", "prefix", "prefixe", "prefixed", "prefixes", "prefixed and longer", "prefixf", "\uFF5A\uFF5A\uFF5A"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_filter_finds_what_a_naive_evaluation_does_now_and_as_of_every_earlier_view(int seed)
    {
        output.WriteLine($"seed {seed}");
        Script script = new(seed);
        List<State> states = [];
        for (int step = 0; step < 6; step++)
        {
            script.Step();
            states.Add(script.State());
            // Columns are made amid the changes, and of states that are older than some that have them.
            for (int i = 0; i < 12; i++) Compare(states[script.Random.Next(states.Count)], script.NextFilter(), script.Random);
        }
        foreach (State state in states)
        {
            for (int i = 0; i < 40; i++) Compare(state, script.NextFilter(), script.Random);
        }
        // Memory is freed: segments are packed, and no column is there.
        Assert.True(script.Kernel.BeginFreeing(long.MaxValue));
        script.Kernel.FinishFreeing();
        script.Step();
        states.Add(script.State());
        foreach (State state in states)
        {
            for (int i = 0; i < 15; i++) Compare(state, script.NextFilter(), script.Random);
        }
        // And what a snapshot brings has none either.
        View restored = SnapshotReader.Read(new MemoryStream(SnapshotTests.Write(script.Kernel.TakeView(), 9)), "test").Kernel.TakeView();
        for (int i = 0; i < 30; i++) Compare(states[^1] with { View = restored }, script.NextFilter(), script.Random);
    }

    [Fact]
    public async Task Readers_make_columns_while_a_writer_runs()
    {
        const int seed = 5;
        output.WriteLine($"seed {seed}");
        Script script = new(seed);
        script.Step();
        State published = script.State();
        using CancellationTokenSource written = new();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(reader => Task.Run(() =>
        {
            Random own = new(seed + reader);
            int compared = 0;
            for (; compared < 20 || !written.IsCancellationRequested; compared++) Compare(Volatile.Read(ref published), Script.FilterOf(own), own);
            return compared;
        }))];
        for (int step = 0; step < 6; step++)
        {
            script.Step();
            Volatile.Write(ref published, script.State());
        }
        await written.CancelAsync();
        Assert.All(await Task.WhenAll(readers), compared => Assert.True(compared >= 20));
    }

    [Fact]
    public void What_a_column_decides_is_not_looked_at_in_the_fields()
    {
        Script script = new(7);
        for (int step = 0; step < 3; step++) script.Step();
        View view = script.Kernel.TakeView();
        Filter filter = Filter.Ge("order", 70);
        SearchQuery query = new(Script.Vector(script.Random), 20) { Filter = filter };
        // The first ones may make columns, which takes several of them.
        for (int i = 0; i < 10; i++) _ = view.Search(query);
        SearchRun run = view.BeginSearch(query).Value!;
        Assert.True(run.RunShare());
        Assert.True(run.Plan().RowsFiltered <= Batch, $"{run.Plan()}");
        Assert.True(view.Matching(filter).MostRows > 0);
        RecordTable table = new(new EngineSchema(Dimension));
        Assert.Equal(0, table.Columns.Bytes);
    }

    [Fact]
    public void Only_so_many_fields_have_columns_and_those_asked_for_last_keep_them()
    {
        Script script = new(8);
        for (int step = 0; step < 3; step++) script.Step();
        View view = script.Kernel.TakeView();
        long before = script.Kernel.ApproximateMemoryBytes;
        long eight = 0;
        for (int i = 0; i < 3 * FieldColumns.MaximumFields; i++)
        {
            Assert.Equal(0UL, view.Count(Filter.Eq($"nothing {i}", 1)));
            _ = view.Count(Filter.Ge("order", i));
            if (i == FieldColumns.MaximumFields) eight = script.Kernel.ApproximateMemoryBytes;
        }
        Assert.True(eight > before, "columns are not counted");
        Assert.Equal(eight, script.Kernel.ApproximateMemoryBytes);
    }

    private static void Compare(State state, Filter filter, Random random)
    {
        Func<FilteredRecord, bool> matches = NaiveFilter.Of(filter);
        ulong[] expected = [.. state.Records.Values.Where(matches).Select(record => record.Id).Order()];
        string place = $"{filter} of {state.View.RecordSlots} records at version {state.View.Version}";
        Assert.True((ulong)expected.Length == state.View.Count(filter), place);
        Assert.True(expected.SequenceEqual(state.View.Matching(filter).From(0).Select(id => (ulong)id)), place);
        Assert.True(expected.Reverse().SequenceEqual(state.View.Matching(filter).DownFrom(ulong.MaxValue).Select(id => (ulong)id)), place);
        ulong from = (ulong)random.Next(1 + (int)state.View.RecordSlots);
        Assert.True(expected.Where(id => id >= from).SequenceEqual(state.View.Matching(filter).From(from).Select(id => (ulong)id)), $"{place}, from {from}");
        Assert.True(expected.Where(id => id < from).Reverse().SequenceEqual(state.View.Matching(filter).DownFrom(from).Select(id => (ulong)id)), $"{place}, down from {from}");

        VectorBlock vector = Script.Vector(random);
        int k = random.Next(4) == 0 ? 1_000 : 1 + random.Next(12);
        // Without a filter no column is read.
        IEnumerable<ulong> nearest = state.View.Search(new SearchQuery(vector, 10_000)).Value!.Select(hit => hit.Id.Value).Where(expected.ToHashSet().Contains).Take(k);
        Assert.True(nearest.SequenceEqual(state.View.Search(new SearchQuery(vector, k) { Filter = filter }).Value!.Select(hit => hit.Id.Value)), $"{k} nearest: {place}");
    }

    private sealed record State(View View, Dictionary<ulong, FilteredRecord> Records);

    /// <summary>A kernel and what is live in it, by random commands.</summary>
    private sealed class Script(int seed)
    {
        private readonly Dictionary<ulong, FilteredRecord> _records = [];
        private ulong _next;

        public Random Random { get; } = new(seed);

        public ValoriKernel Kernel { get; } = new(Dimension);

        /// <summary>A batch, changes and deletions.</summary>
        public void Step()
        {
            Fields[] fields = [.. Enumerable.Range(0, Batch).Select(i => FieldsOf((int)_next + i))];
            ulong[] tags = [.. fields.Select(_ => (ulong)Random.Next(5))];
            VectorBlock vectors = VectorBlock.FromComponents(Dimension, [.. fields.SelectMany(_ => Components(Random))]).Value!;
            Kernel.Apply(new PutRecords(vectors, tags, [.. fields.Select(each => new RecordAttributes { Fields = each })], Replace: false));
            for (int i = 0; i < Batch; i++) _records[_next + (ulong)i] = FilteredRecord.Of(_next + (ulong)i, tags[i], null, fields[i]);
            _next += Batch;
            for (int i = 0; i < 12; i++)
            {
                ulong id = _records.Keys.ElementAt(Random.Next(_records.Count));
                if (i % 4 == 3)
                {
                    Kernel.Apply(new DeleteRecord(new RecordId(id)));
                    _records.Remove(id);
                    continue;
                }
                Fields replaced = FieldsOf(Random.Next(200));
                Kernel.Apply(SetFields.Replace(new RecordId(id), replaced));
                _records[id] = FilteredRecord.Of(id, _records[id].Tag, null, replaced);
            }
        }

        public State State() => new(Kernel.TakeView(), new Dictionary<ulong, FilteredRecord>(_records));

        public Filter NextFilter() => FilterOf(Random);

        public static Filter FilterOf(Random random)
        {
            switch (random.Next(8))
            {
                case 0: return RandomFilters.Build(random);
                case 1: return Filter.Eq("rare", random.Next(30)) & RandomFilters.Build(random, 2);
                case 2: return Filter.Eq("rare", random.Next(30)) & Filter.Ge("order", random.Next(400));
                case 3: return Filter.Eq("rare", random.Next(30)) | RandomFilters.Build(random, 2);
                case 4: return Filter.Ge("order", random.Next(400)) & !Filter.Gt("order", random.Next(400));
                case 5: return Filter.In("text", [.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => (FieldValue)Text(random))]);
                case 6: return Filter.StartsWith("text", Text(random));
            }
            string text = Text(random);
            return random.Next(6) switch
            {
                0 => Filter.Lt("text", text),
                1 => Filter.Le("text", text),
                2 => Filter.Gt("text", text),
                3 => Filter.Ge("text", text),
                4 => Filter.Eq("text", text),
                _ => Filter.Ne("text", text),
            };
        }

        public static VectorBlock Vector(Random random) => VectorBlock.FromComponents(Dimension, Components(random)).Value!;

        private static float[] Components(Random random)
        {
            float[] components = new float[Dimension];
            for (int i = 0; i < 4; i++) components[random.Next(40)] = random.Next(-50, 50) / 8f;
            return components;
        }

        private static string Text(Random random) => Texts[random.Next(Texts.Length)];

        private Fields FieldsOf(int order)
        {
            FieldsBuilder builder = [];
            foreach ((string name, FieldValue value) in RandomFields.Pairs(Random)) builder.Add(name, value);
            if (Random.Next(20) > 0) builder.Add("order", Random.Next(9) == 0 ? order + 0.5 : order);
            if (Random.Next(8) > 0) builder.Add("text", Text(Random));
            builder.Add("rare", Random.Next(5) == 0 ? new[] { Random.Next(30) } : Random.Next(30));
            return builder.Build();
        }
    }
}
