using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel.Vectors;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// float32 input to Q16.16: the rounding alone, and all the way to a block (limits checked, norms taken, narrowed). GB of
/// float input; a batch is one sample.
/// </summary>
internal static class ConvertScenario
{
    private const int Batches = 20;

    public static void Run(BenchmarkOptions options, Report report)
    {
        float[] components = FvecsFile.ReadBatches(new DataSet(options).RowsPath, options.Dimension, DataSet.BatchRows).First();
        int[] raw = new int[components.Length];
        double gigabytes = components.Length * sizeof(float) / 1e9;

        double[] blocks = Stopwatches.Measure(Batches, _ => VectorBlock.FromComponents(options.Dimension, components).OrThrow());
        double[] rounding = Stopwatches.Measure(Batches, _ => FixedPoint.Convert(components, raw));
        report.Add("to a block", "GB/s", blocks.Select(s => gigabytes / s));
        report.Add("rounding alone", "GB/s", rounding.Select(s => gigabytes / s));
    }
}
