using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// One query at a time with filters on fields. Each query is asked without a filter and with each of them in turn, so that the ratios are of
/// interleaved pairs. Every record has a key and three fields (60 bytes with their names).
/// </summary>
internal static class FieldFilterScenario
{
    /// <summary>The user of 1% of the records.</summary>
    public const int OnePercent = 1;

    private const int OneInTenThousand = 2, Others = 1_000, WarmUps = 15;

    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        Xoshiro256 random = new(options.Seed);
        long before = Heap();
        long plain = HeapOfPlain(data) - before;
        View view = Build(data, options, random).TakeView();
        long withFields = Heap() - before;
        VectorBlock[] queries = data.Queries();
        (string Name, Filter Filter)[] filters =
        [
            ("= of 1%", Filter.Eq("user", OnePercent)),
            ("= of 0.01%", Filter.Eq("user", OneInTenThousand)),
            (">= of half", Filter.Ge("at", options.Rows / 2)),
            ("= of 2% and >= of half of those", Filter.Eq("pair", true) & Filter.Ge("at", options.Rows / 2)),
            ("= of 2% and >= of half of those, in no order", Filter.Eq("pair", true) & Filter.Ge("user", 3 + Others / 2)),
            (">= of 1%, in no order", Filter.Ge("user", 3 + Others - Others / 100)),
            ("!= of 99%", Filter.Ne("user", OnePercent)),
        ];
        double[] all = new double[queries.Length];
        double[][] filtered = [.. filters.Select(_ => new double[queries.Length])];
        // Some times for what is compiled and cached, and for the columns of fields.
        for (int query = 0; query < Math.Min(WarmUps, queries.Length); query++)
        {
            foreach ((string _, Filter filter) in filters) Search(view, queries[query], options.K, filter);
        }
        for (int query = 0; query < queries.Length; query++)
        {
            all[query] = Seconds(() => Search(view, queries[query], options.K, Filter.All));
            for (int i = 0; i < filters.Length; i++) filtered[i][query] = Seconds(() => Search(view, queries[query], options.K, filters[i].Filter));
        }
        report.Add("unfiltered", "us", all.Select(s => 1e6 * s));
        for (int i = 0; i < filters.Length; i++)
        {
            report.Add(filters[i].Name, "us", filtered[i].Select(s => 1e6 * s));
            report.Add($"unfiltered / {filters[i].Name}", "times", all.Zip(filtered[i], (without, with) => without / with));
        }
        GC.KeepAlive(view);
        report.Add("heap of a key, three fields and their index", "bytes/record", [(withFields - plain) / (double)options.Rows]);
    }

    /// <summary>All rows, each with a key and three fields.</summary>
    public static ValoriKernel Build(DataSet data, BenchmarkOptions options, Xoshiro256 random)
    {
        ValoriKernel kernel = new(options.Dimension);
        int row = 0;
        foreach (VectorBlock block in data.RowBlocks())
        {
            RecordAttributes[] attributes = new RecordAttributes[block.Count];
            for (int i = 0; i < attributes.Length; i++, row++)
            {
                attributes[i] = new RecordAttributes
                {
                    Key = KeyOf(row),
                    Fields = new FieldsBuilder { ["user"] = User(random), ["at"] = row, ["pair"] = random.Next(50) == 0 }.Build(),
                };
            }
            kernel.Apply(kernel.Decide(new PutRecords(block, new ulong[block.Count], attributes, Replace: false)).OrThrow());
        }
        return kernel;
    }

    public static string KeyOf(int row) => $"record-{row:D9}";

    private static long HeapOfPlain(DataSet data)
    {
        ValoriKernel kernel = data.BuildKernel();
        long heap = Heap();
        GC.KeepAlive(kernel);
        return heap;
    }

    private static int User(Xoshiro256 random) => random.Next(10_000) switch
    {
        0 => OneInTenThousand,
        <= 100 => OnePercent,
        _ => 3 + (int)random.Next(Others),
    };

    private static SearchHit[] Search(View view, VectorBlock query, int k, Filter filter) => view.Search(new SearchQuery(query, k) { Filter = filter }).OrThrow();

    private static double Seconds(Action action)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        action();
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static long Heap()
    {
        Stopwatches.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
