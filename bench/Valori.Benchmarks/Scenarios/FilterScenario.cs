using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;

namespace Valori.Benchmarks.Scenarios;

/// <summary>One query at a time among few of the rows; a query is one sample.</summary>
internal static class FilterScenario
{
    private const ulong NoTag = 0;
    private const ulong OnePercent = 1;
    private const ulong OneInTenThousand = 2;

    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        Xoshiro256 random = new(options.Seed);
        View view = data.BuildKernel(tagOf: _ => RandomTag(random)).TakeView();
        VectorBlock[] queries = data.Queries();

        double all = Measure("unfiltered", null);
        double onePercent = Measure("tag of 1%", OnePercent);
        double oneInTenThousand = Measure("tag of 0.01%", OneInTenThousand);
        report.Add("unfiltered / tag of 1%", "times", [all / onePercent]);
        report.Add("unfiltered / tag of 0.01%", "times", [all / oneInTenThousand]);

        double Measure(string name, ulong? tag)
        {
            double[] seconds = Stopwatches.Measure(queries.Length, run => SearchCalls.One(view, queries[run], options.K, tag));
            report.Add(name, "us", seconds.Select(s => 1e6 * s));
            return report.Figures[^1].Median;
        }
    }

    private static ulong RandomTag(Xoshiro256 random) => random.Next(10_000) switch
    {
        0 => OneInTenThousand,
        <= 100 => OnePercent,
        _ => NoTag,
    };
}
