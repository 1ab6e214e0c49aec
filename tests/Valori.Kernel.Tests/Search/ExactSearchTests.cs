using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search;

/// <summary>
/// Search over several segments, in every form, equals the naive one: whatever the bounds exclude, no hit is lost, none
/// comes twice, and ties come in id order.
/// </summary>
public sealed class ExactSearchTests
{
    public static TheoryData<string, int, Metric> Cases
    {
        get
        {
            TheoryData<string, int, Metric> cases = [];
            foreach (Metric metric in Enum.GetValues<Metric>())
            {
                foreach (string kind in AdversarialRows.Kinds)
                {
                    foreach (int dimension in new[] { 3, 100, 1500 }) cases.Add(kind, dimension, metric);
                }
                cases.Add("clustered", 20_000, metric); // above the largest dimension with a coarse column
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_form_of_search_gives_the_naive_answer(string kind, int dimension, Metric metric)
    {
        int seed = dimension + kind.Length;
        Random random = new(seed);
        AdversarialRows data = new(seed, dimension);
        int count = RecordSegment.RowsPerSegment(dimension) * 5 / 2;
        VectorBlock block = data.Rows(kind, count), queries = data.Queries(kind, block, 7), later = data.Rows(kind, count);
        if (metric == Metric.Cosine) (block, queries, later) = (AdversarialRows.Normalised(block), AdversarialRows.Normalised(queries), AdversarialRows.Normalised(later));
        ulong[] tags = [.. Enumerable.Range(0, count).Select(_ => random.Next(200) == 0 ? 5UL : (ulong)random.Next(2))];

        ValoriKernel kernel = new(new EngineSchema(dimension, metric));
        kernel.Apply(new InsertRecords(block, tags));
        for (int i = 0; i < 20; i++) Delete(random.Next(count));
        HashSet<int> deletedBefore = [.. Enumerable.Range(0, count).Where(id => kernel.TakeView().CheckRecord(new RecordId((ulong)id)) is not null)];
        View view = kernel.TakeView();
        for (int i = 0; i < 50; i++) Delete(random.Next(count)); // the View must not see these
        kernel.Apply(new InsertRecords(later, new ulong[count]));

        foreach (int k in new[] { 1, 10, 700 })
        {
            foreach (ulong? tag in new ulong?[] { null, 0, 5, 77 })
            {
                SearchHit[][] expected = [.. Enumerable.Range(0, queries.Count).Select(query => Naive(metric, block, tags, deletedBefore, queries, query, k, tag))];
                string place = $"{kind}, {metric}, dimension {dimension}, seed {seed}, k {k}, tag {tag}";
                Assert.Equal(expected, view.SearchBatch(queries, k, tag).Value!);
                for (int query = 0; query < queries.Count; query++)
                    Assert.True(expected[query].SequenceEqual(view.Search(Single(queries, query), k, tag).Value!), $"{place}, query {query}");
                for (int query = 0; query < queries.Count; query++)
                {
                    // Hits up to one in the middle, those that tie with it included.
                    if (expected[query] is not { Length: > 0 } all) continue;
                    long limit = all[all.Length / 2].Score;
                    SearchQuery limited = ViewSearches.Query(Single(queries, query), k, tag) with { ScoreLimit = limit };
                    SearchHit[] within = [.. all.Where(hit => metric == Metric.Dot ? hit.Score >= limit : hit.Score <= limit)];
                    Assert.True(within.SequenceEqual(view.Search(limited).Value!), $"{place}, query {query}, limit {limit}");
                }
                Assert.True(expected[1].SequenceEqual(InShares(view.BeginSearch(ViewSearches.Query(Single(queries, 1), k, tag)).Value!)[0]), place);
            }
        }

        void Delete(int id)
        {
            if (kernel.Decide(new DeleteRecord(new RecordId((ulong)id))).TryGet(out Event? happened, out _)) kernel.Apply(happened);
        }
    }

    [Fact]
    public async Task Shares_on_several_threads_give_the_hits_of_one()
    {
        AdversarialRows data = new(3, 64);
        VectorBlock block = data.Rows("clustered", 30_000), queries = data.Queries("clustered", block, 9);
        ValoriKernel kernel = new(64);
        kernel.Apply(new InsertRecords(block, new ulong[30_000]));
        View view = kernel.TakeView();
        SearchHit[][] expected = view.SearchBatch(queries, 20, null).Value!;
        for (int round = 0; round < 20; round++)
        {
            SearchRun run = view.BeginSearch(new SearchQuery(queries, 20)).Value!;
            bool[] finished = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(run.RunShare)));
            Assert.Single(finished, true);
            Assert.Equal(expected, run.Hits());
        }
    }

    [Theory]
    [InlineData(Metric.L2, long.MinValue, 0)]
    [InlineData(Metric.L2, -1, 0)]
    [InlineData(Metric.L2, long.MaxValue, 2_000)]
    [InlineData(Metric.Dot, long.MinValue, 2_000)]
    [InlineData(Metric.Dot, long.MinValue + 1, 2_000)]
    [InlineData(Metric.Dot, long.MaxValue, 0)]
    public void A_limit_at_the_end_of_all_numbers_keeps_out_every_record_or_none(Metric metric, long limit, int expected)
    {
        AdversarialRows data = new(3, 64);
        VectorBlock block = data.Rows("clustered", 2_000), query = Single(data.Queries("clustered", block, 1), 0);
        ValoriKernel kernel = new(new EngineSchema(64, metric));
        kernel.Apply(new InsertRecords(block, new ulong[2_000]));
        foreach (int k in new[] { 2_000, 10 })
            Assert.Equal(Math.Min(k, expected), kernel.TakeView().Search(new SearchQuery(query, k) { ScoreLimit = limit }).Value!.Length);
    }

    [Fact]
    public void An_empty_view_and_no_queries_give_empty_answers()
    {
        View view = new ValoriKernel(3).TakeView();
        Assert.Equal([[], []], view.SearchBatch(Golden.Block(3, 0, 0, 0, 1, 1, 1), 5, null).Value!);
        Assert.Empty(view.SearchBatch(Golden.Block(3), 5, null).Value!);
    }

    private static SearchHit[][] InShares(SearchRun run)
    {
        // The first share takes everything; further ones find nothing and must not finish again.
        Assert.True(run.RunShare());
        Assert.False(run.Pieces > 1 && run.RunShare());
        return run.Hits();
    }

    private static VectorBlock Single(VectorBlock queries, int row)
    {
        int rowBytes = queries.Raw.Length / queries.Count;
        return VectorBlock.FromRaw(queries.Dimension, queries.IsNarrow, queries.Raw.Slice(row * rowBytes, rowBytes));
    }

    private static SearchHit[] Naive(Metric metric, VectorBlock block, ulong[] tags, HashSet<int> deleted, VectorBlock queries, int query, int k, ulong? tag)
    {
        int[] q = new int[block.Dimension], raw = new int[block.Dimension];
        queries.CopyRow(query, q);
        List<SearchHit> hits = [];
        for (int row = 0; row < block.Count; row++)
        {
            if (deleted.Contains(row) || (tag is { } wanted && tags[row] != wanted)) continue;
            block.CopyRow(row, raw);
            long score = 0;
            for (int i = 0; i < raw.Length; i++) score += metric == Metric.Dot ? (long)raw[i] * q[i] : ((long)raw[i] - q[i]) * ((long)raw[i] - q[i]);
            hits.Add(new SearchHit(new RecordId((ulong)row), score) { Unit = new ScoreUnit(metric, 0) });
        }
        return [.. hits.OrderBy(hit => metric == Metric.Dot ? -hit.Score : hit.Score).ThenBy(hit => hit.Id).Take(k)];
    }
}
