using Valori.Kernel.Coarse;
using Valori.Kernel.Memory;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Search;

/// <summary>The bound never excludes a row that is as near as the worst hit.</summary>
public sealed class CoarseBoundTests
{
    public static TheoryData<string, int, Metric> Cases
    {
        get
        {
            TheoryData<string, int, Metric> cases = [];
            foreach (Metric metric in new[] { Metric.L2, Metric.Dot })
            {
                foreach (string kind in AdversarialRows.Kinds)
                {
                    foreach (int dimension in new[] { 1, 7, 63, 64, 129, 384 }) cases.Add(kind, dimension, metric);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_row_is_never_excluded_when_the_worst_hit_is_exactly_as_far(string kind, int dimension, Metric metric)
    {
        int seed = dimension * 31 + kind.Length;
        AdversarialRows data = new(seed, dimension);
        int rows = RecordSegment.RowsPerSegment(dimension);
        VectorBlock block = data.Rows(kind, rows), queries = data.Queries(kind, block, 10);
        RecordSegment segment = new(new EngineSchema(dimension, metric), new ColumnMemory(), new AttributeStore());
        segment.Append(0, block, 0, new ulong[rows]);
        segment.Coarsen(null);
        bool canBound = block.SquaredNorms.ToArray().Max() <= CoarseBound.LargestSquaredNorm;
        Assert.Equal(canBound, segment.Coarse is not null);
        if (segment.Coarse is not { } column) return;

        int excludedOfOthers = 0;
        FoundRow[] found = new FoundRow[CoarseColumn.BlockRows];
        for (int query = 0; query < queries.Count; query++)
        {
            QueryVector vector = new(queries, query);
            if (!CoarseQuery.CanBound(vector.SquaredNorm)) continue;
            CoarseQuery coarse = vector.For(column);
            for (int row = 0; row < rows; row += 1 + rows / 200)
            {
                if (!CoarseLimits.TryMake(column, coarse, Cost(metric, block, row, vector.Wide), out CoarseLimits limits)) continue;
                int first = row / CoarseColumn.BlockRows * CoarseColumn.BlockRows;
                foreach (bool readsWhole in new[] { false, true })
                {
                    string what = $"{kind}, {metric}, dimension {dimension}, seed {seed}: query {query}, row {row}, {(readsWhole ? "both parts" : "first part")}";
                    int count = readsWhole
                        ? CoarseScan.FindByWhole(column, coarse, limits, first, first + CoarseColumn.BlockRows, found)
                        : CoarseScan.FindByFirst(column, coarse, limits, first, first + CoarseColumn.BlockRows, found);
                    Assert.True(Has(count), what);
                    if (!readsWhole) count = CoarseScan.KeepByRest(column, coarse, limits, found.AsSpan(0, count));
                    Assert.True(Has(count), $"{what}, then the rest");
                    count = CoarseScan.Refine(column, coarse, limits, found.AsSpan(0, count));
                    Assert.True(Has(count), $"{what}, refined");
                    bool Has(int count) => found.Take(count).Any(next => next.Row == row);
                    excludedOfOthers += CoarseColumn.BlockRows - count;
                }
            }
        }
        if (kind is "clustered" or "uniform" && dimension >= 7) Assert.True(excludedOfOthers > 0, "the bound excludes nothing at all");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData((1L << 60) - 1, 1L << 30)]
    [InlineData(1L << 60, 1L << 30)]
    [InlineData((1L << 60) + 1, (1L << 30) + 1)]
    public void The_root_is_rounded_up(long square, long root) => Assert.Equal(root, CoarseBound.RootUp(square));

    private static long Cost(Metric metric, VectorBlock block, int row, int[] query)
    {
        int[] raw = new int[query.Length];
        block.CopyRow(row, raw);
        long cost = 0;
        for (int i = 0; i < raw.Length; i++) cost += metric == Metric.Dot ? -(long)raw[i] * query[i] : ((long)raw[i] - query[i]) * ((long)raw[i] - query[i]);
        return cost;
    }
}
