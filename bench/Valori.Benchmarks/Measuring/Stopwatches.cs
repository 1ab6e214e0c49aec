using System.Diagnostics;

namespace Valori.Benchmarks.Measuring;

/// <summary>How the scenarios take time.</summary>
internal static class Stopwatches
{
    // Long enough for the runtime to have compiled what is hot for the last time.
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(1);
    private const int WarmUpRuns = 3;

    /// <summary>Runs the work until it has run often and long enough, then collects the garbage of it.</summary>
    public static void WarmUp(Action<int> work)
    {
        long start = Stopwatch.GetTimestamp();
        for (int run = 0; run < WarmUpRuns || Stopwatch.GetElapsedTime(start) < WarmUpTime; run++) work(run);
        Collect();
    }

    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds of the process on a processor, of all its threads: others on the machine count less.</summary>
    public static double ProcessorSeconds(Action work)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }

    /// <summary>The seconds of each of <paramref name="count"/> runs, behind a warm-up.</summary>
    public static double[] Measure(int count, Action<int> work)
    {
        WarmUp(run => work(run % count));
        double[] seconds = new double[count];
        for (int run = 0; run < count; run++) seconds[run] = Seconds(() => work(run));
        return seconds;
    }

    /// <summary>A full, compacting collection, finalizers included.</summary>
    public static void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
