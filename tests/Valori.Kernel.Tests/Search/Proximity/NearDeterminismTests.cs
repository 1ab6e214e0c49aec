using Valori.Kernel.Proximity;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>What an approximate search answers is a function of state, graph and query: not of what the index of fields or the tables remember.</summary>
public sealed class NearDeterminismTests
{
    private const int Count = 4_000, Dimension = 16;

    private static readonly NearRows _rows = new("clustered", Dimension, seed: 11);

    // Lists of an index, many and few; none; and both.
    private static readonly Filter[] _filters =
    [
        Filter.All, Filter.Eq("often", true), Filter.Eq("group", 7), Filter.In("group", 1, 2, 3), Filter.Gt("group", 5), Filter.Eq("often", true) & Filter.Lt("group", 9),
    ];

    [Fact]
    public void Fields_that_were_set_and_set_back_change_no_answer()
    {
        ValoriKernel kernel = Filled();
        ProximityGraph graph = GraphOf(kernel);
        string[] before = Answers(kernel.TakeView(), graph);
        Digest hash = kernel.TakeView().StateHash;
        for (int id = 0; id < Count; id += 2) SetFields(kernel, id, new FieldsBuilder { ["often"] = true, ["group"] = 7 }.Build());
        Assert.NotEqual(before, Answers(kernel.TakeView(), graph));
        for (int id = 0; id < Count; id += 2) SetFields(kernel, id, FieldsOf(id));
        Assert.Equal(hash, kernel.TakeView().StateHash);
        Assert.Equal(before, Answers(kernel.TakeView(), graph));
    }

    [Fact]
    public void Records_that_were_deleted_and_memory_that_was_freed_change_no_answer()
    {
        ValoriKernel kernel = Filled();
        ProximityGraph graph = GraphOf(kernel);
        NearRows.Delete(kernel, Enumerable.Range(0, Count).Where(id => id % 3 == 0));
        string[] before = Answers(kernel.TakeView(), graph);
        Assert.True(kernel.BeginFreeing(long.MaxValue));
        while (!kernel.FreeStep())
        {
        }
        kernel.FinishFreeing();
        Assert.Equal(before, Answers(kernel.TakeView(), graph));
    }

    [Fact]
    public void A_search_of_the_past_is_not_changed_by_what_is_inserted_later()
    {
        ValoriKernel kernel = Filled();
        ProximityGraph graph = GraphOf(kernel);
        View past = kernel.TakeView();
        string[] before = Answers(past, graph);
        Put(kernel, _rows.Rows(500, 5), _ => new FieldsBuilder { ["often"] = true, ["group"] = 7 }.Build());
        Assert.Equal(before, Answers(past, graph));
    }

    private static string[] Answers(View view, ProximityGraph graph)
    {
        ProximityIndex index = view.IndexWith(graph)!;
        VectorBlock queries = _rows.Rows(20, 9);
        List<string> answers = [];
        foreach (Filter filter in _filters)
        {
            for (int i = 0; i < queries.Count; i++)
            {
                SearchQuery query = new(NearRows.Part(queries, i, 1), 10) { Filter = filter, Mode = SearchMode.Approximate(10) };
                NearAnswer answer = view.SearchAsAsked(index, query).Value!;
                SearchHit[] hits = answer.Hits is { } near ? near[0] : view.Search(query with { Mode = SearchMode.Exact }).Value!;
                answers.Add($"{filter}: {answer.ExactBecause}: {string.Join(' ', hits.Select(hit => $"{hit.Id}={hit.Score}"))}");
            }
        }
        // Some walk, so that there is something to be told apart.
        Assert.Contains(answers, answer => answer.StartsWith($"{_filters[1]}: :", StringComparison.Ordinal));
        return [.. answers];
    }

    private static ValoriKernel Filled()
    {
        ValoriKernel kernel = new(new EngineSchema(Dimension, Metric.L2));
        Put(kernel, _rows.Rows(Count, 1), FieldsOf);
        return kernel;
    }

    private static ProximityGraph GraphOf(ValoriKernel kernel) => kernel.TakeView().BuildProximityGraph(ProximityParameters.Default, new ProximityBuildOptions(2));

    private static Fields FieldsOf(int id) => new FieldsBuilder { ["often"] = id % 10 < 5, ["group"] = id / 10 % 12 }.Build();

    private static void Put(ValoriKernel kernel, VectorBlock rows, Func<int, Fields> fields) =>
        kernel.Apply(kernel.Decide(new PutRecords(rows, new ulong[rows.Count], [.. Enumerable.Range(0, rows.Count).Select(id => new RecordAttributes { Fields = fields(id) })], Replace: false)).Value!);

    private static void SetFields(ValoriKernel kernel, int id, Fields fields) =>
        kernel.Apply(kernel.Decide(new SetFields(new RecordId((ulong)id), FieldsMode.Merge, fields, [])).Value!);
}
