using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios;

/// <summary>How fast the state machine takes records in, state hash included; a batch or a record is one sample.</summary>
internal static class BuildScenario
{
    private const int SingleRecords = 1000;

    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        Fill(new ValoriKernel(options.Dimension), data.RowBlocks().Take(3));
        Stopwatches.Collect();

        ValoriKernel kernel = new(options.Dimension);
        report.Add("records in batches", "records/s", Fill(kernel, data.RowBlocks()));
        report.Add("one record", "us", FillSingly(kernel, options));
        report.Notes.Add($"state hash {kernel.StateHash}");
    }

    private static List<double> Fill(ValoriKernel kernel, IEnumerable<VectorBlock> blocks)
    {
        List<double> rates = [];
        foreach (VectorBlock block in blocks)
        {
            ulong[] tags = new ulong[block.Count];
            rates.Add(block.Count / Stopwatches.Seconds(() => Insert(kernel, block, tags)));
        }
        return rates;
    }

    private static IEnumerable<double> FillSingly(ValoriKernel kernel, BenchmarkOptions options)
    {
        // Rows that were not used yet, from a stream of their own.
        ClusteredVectors vectors = new(options.Dimension, options.Seed, stream: 3);
        float[] vector = new float[options.Dimension];
        ulong[] tag = [0];
        double[] microseconds = new double[2 * SingleRecords];
        for (int i = 0; i < microseconds.Length; i++)
        {
            vectors.Next(vector);
            VectorBlock block = VectorBlock.FromVector(options.Dimension, vector).OrThrow();
            microseconds[i] = 1e6 * Stopwatches.Seconds(() => Insert(kernel, block, tag));
        }
        return microseconds.Skip(SingleRecords); // the first half warms up
    }

    private static void Insert(ValoriKernel kernel, VectorBlock block, ulong[] tags)
    {
        kernel.Apply(kernel.Decide(new InsertRecords(block, tags)).OrThrow());
        _ = kernel.StateHash; // computed when asked for: it belongs to the work
    }
}
