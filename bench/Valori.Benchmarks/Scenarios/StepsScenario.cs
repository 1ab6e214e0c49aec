using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// Steps on 1,000 records each, decided and applied with the state hash: by a filter that an index knows and by one that needs a scan, by
/// their expiry, and one record at a time for comparison. Each in turn, so that all meet the same state. What a step takes, everybody else waits.
/// </summary>
internal static class StepsScenario
{
    private const int Records = Limits.MaximumChangedRecords;
    private const int Groups = 50;
    private const int Kinds = 4;

    public static void Run(BenchmarkOptions options, Report report)
    {
        ValoriKernel kernel = new DataSet(options).BuildKernel();
        for (int i = 0; i < options.Rows; i++)
        {
            RecordId id = new((ulong)i);
            kernel.Apply(kernel.Decide(SetFields.Replace(id, new FieldsBuilder { ["group"] = i % Groups, ["n"] = i }.Build())).OrThrow());
            // The last ones end first, so that what expires is not what the others find.
            kernel.Apply(kernel.Decide(new SetExpiry(id, options.Rows - i)).OrThrow());
        }
        report.Add("a step that looks at as much as it may and finds nothing", "ms", Sampled(() => kernel.Decide(new DeleteWhere(Filter.Lt("n", -1)))));

        List<double> byOne = [], byIndex = [], byScan = [], byTime = [], fields = [];
        int samples = options.Rows / Records / Kinds / 2;
        ulong next = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            fields.Add(Milliseconds(() => Apply(new SetFieldsWhere(Filter.Ge("n", 0), 0, Records, FieldsMode.Merge, new FieldsBuilder { ["seen"] = sample }.Build(), []))));
            byScan.Add(Milliseconds(() => Apply(new DeleteWhere(Filter.Ge("n", 0)))));
            byIndex.Add(Milliseconds(() => Apply(new DeleteWhere(Filter.Eq("group", sample % Groups)))));
            byTime.Add(Milliseconds(() => Apply(new ExpireRecords((long)(sample + 1) * Records))));
            byOne.Add(Milliseconds(() =>
            {
                int left = Records;
                for (next = Math.Max(next, (ulong)(sample * Records)); left > 0; next++)
                {
                    if (!kernel.Decide(new DeleteRecord(new RecordId(next))).TryGet(out Event? deleted, out _)) continue;
                    kernel.Apply(deleted);
                    left--;
                }
                _ = kernel.StateHash;
            }));
        }
        report.Add("1,000 records changed by a filter, scan", "ms", [.. fields]);
        report.Add("1,000 records deleted by a filter, scan", "ms", [.. byScan]);
        report.Add("records of one group deleted by a filter, index", "ms", [.. byIndex]);
        report.Add("1,000 records expired", "ms", [.. byTime]);
        report.Add("1,000 records deleted one by one, one state hash", "ms", [.. byOne]);

        Digest Apply(Command command)
        {
            kernel.Apply(kernel.Decide(command).OrThrow());
            return kernel.StateHash;
        }
    }

    private static double Milliseconds(Action work) => 1e3 * Stopwatches.Seconds(work);

    private static double Milliseconds(Func<Digest> work) => 1e3 * Stopwatches.Seconds(() => work());

    private static double[] Sampled(Func<Outcome<Event>> work)
    {
        const int samples = 10;
        for (int i = 0; i < samples; i++) work().OrThrow();
        return [.. Enumerable.Range(0, samples).Select(_ => 1e3 * Stopwatches.Seconds(() => work().OrThrow()))];
    }
}
