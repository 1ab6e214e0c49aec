using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios;

/// <summary>The leaves of a batch's records, hashed side by side on one thread; a batch is one sample.</summary>
internal static class LeavesScenario
{
    public static void Run(BenchmarkOptions options, Report report)
    {
        VectorBlock block = new DataSet(options).RowBlocks().First();
        ulong[] tags = new ulong[block.Count];
        Digest[] leaves = new Digest[block.Count];
        Action hash = KernelInternals.LeafHasher(options.Dimension, tags, block, leaves);
        double[] seconds = Stopwatches.Measure(options.Rounds * 20, _ => hash());
        report.Add("record leaves", "leaves/s", seconds.Select(s => block.Count / s));
    }
}
