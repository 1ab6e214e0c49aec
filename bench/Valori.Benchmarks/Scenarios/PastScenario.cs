using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// Proofs of records as of earlier events: before a tenth of all records changed, each in an event of its own; in the middle of that; and
/// in the middle of 100,000 changes of one record. Also what each change takes, of time and of memory. A proof is one sample.
/// </summary>
internal static class PastScenario
{
    private const int Proofs = 100;
    private const int ChangesOfOne = 100_000;
    private const int ChangesPerSample = 100;

    // The most that one question of a comparison asks for.
    private const int Subtrees = 4_096;

    public static void Run(BenchmarkOptions options, Report report)
    {
        ValoriKernel kernel = new DataSet(options).BuildKernel();
        Random random = new((int)options.Seed);
        View before = kernel.TakeView();
        report.Add("proof, nothing changed since", "us", Sampled(i => before.Prove(Some(i))));

        int changes = options.Rows / 10;
        double bytesBefore = kernel.ApproximateMemoryBytes;
        double[] microseconds = new double[changes / ChangesPerSample];
        for (int i = 0; i < microseconds.Length; i++)
            microseconds[i] = 1e6 / ChangesPerSample * Stopwatches.Seconds(() => Change(ChangesPerSample, () => new RecordId((ulong)random.Next(options.Rows))));
        report.Add("one change, in an event of its own", "us", microseconds);
        report.Add("memory of a change", "B", [(kernel.ApproximateMemoryBytes - bytesBefore) / (microseconds.Length * ChangesPerSample)]);
        View after = kernel.TakeView(), middle = after.AsOf(after.Version - (ulong)(changes / 2));
        report.Add($"proof, {changes:N0} records changed since", "us", Sampled(i => before.Prove(Some(i))));
        report.Add($"proof, {changes / 2:N0} before and after", "us", Sampled(i => middle.Prove(Some(i))));
        foreach (int level in (int[])[0, 4, 5, 11])
        {
            int complete = Math.Min(Subtrees, options.Rows >> level);
            TreePlace[] places = [.. Enumerable.Range(0, complete).Select(i => new TreePlace(level, (ulong)i))];
            if (complete > 0) report.Add($"{complete:N0} digests of level {level}", "us", Sampled(_ => before.GetDigests(ContentKind.Record, places)));
        }

        RecordId one = new((ulong)options.Rows / 2);
        Change(ChangesOfOne, () => one);
        View last = kernel.TakeView(), among = last.AsOf(last.Version - ChangesOfOne / 2);
        report.Add($"one of {ChangesOfOne:N0} states of a record", "us", Sampled(_ => among.Prove(one)));

        void Change(int count, Func<RecordId> which)
        {
            for (int i = 0; i < count; i++)
            {
                byte[] metadata = new byte[16];
                random.NextBytes(metadata);
                kernel.Apply(kernel.Decide(new SetMetadata(which(), metadata)).OrThrow());
                kernel.Mark();
            }
        }

        RecordId Some(int i) => new((ulong)((long)i * options.Rows / Proofs));
    }

    /// <summary>Everything twice: the first time warms up.</summary>
    private static double[] Sampled<T>(Func<int, Outcome<T>> work) where T : class
    {
        for (int i = 0; i < Proofs; i++) work(i).OrThrow();
        double[] microseconds = new double[Proofs];
        for (int i = 0; i < Proofs; i++) microseconds[i] = 1e6 * Stopwatches.Seconds(() => work(i).OrThrow());
        return microseconds;
    }
}
