using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;

namespace Valori.Benchmarks.Scenarios;

/// <summary>What the heap and the process grow by for each record, after full collections.</summary>
internal static class MemoryScenario
{
    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        // Code, buffers of the file reader and the like belong to no record.
        new DataSet(options).RowBlocks().First();
        (long heapBefore, long residentBefore) = Sizes();
        ValoriKernel kernel = data.BuildKernel();
        (long heapAfter, long residentAfter) = Sizes();
        GC.KeepAlive(kernel);

        report.Add("heap", "bytes/record", [(heapAfter - heapBefore) / (double)options.Rows]);
        report.Add("process", "bytes/record", [(residentAfter - residentBefore) / (double)options.Rows]);
        report.Notes.Add($"the components alone take {sizeof(short) * options.Dimension} bytes in 16 bits each");
    }

    private static (long Heap, long Resident) Sizes()
    {
        Stopwatches.Collect();
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
