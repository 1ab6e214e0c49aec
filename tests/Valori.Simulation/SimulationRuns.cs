using System.Diagnostics;

namespace Valori.Simulation;

/// <summary>Runs of many seeds, and what to say about one that fails.</summary>
internal static class SimulationRuns
{
    /// <summary>Of one seed, where nothing else is said.</summary>
    public const int Operations = 400;

    private const int LinesShown = 80;

    // A seed under which somebody waits for ever takes minutes for each try.
    private static readonly TimeSpan MostForShrinking = TimeSpan.FromMinutes(2);

    /// <summary>The failure in its smallest form, the command that repeats it, and the end of its trace.</summary>
    public static string Describe(int seed, int operations, Faults faults, SimulationResult result)
    {
        (int fewest, Faults least, SimulationResult shrunk) = Shrink(seed, operations, faults, result);
        return $"""
            seed {seed}: {result.Failure}
            in its smallest form: {shrunk.Failure}
            dotnet run -c Release --project tests/Valori.Simulation -- --seed {seed} --ops {fewest} --faults "{least}"
            {string.Join('\n', shrunk.Trace.TakeLast(LinesShown))}
            """;
    }

    /// <summary>Leaves out faults that do not matter, then operations after the one that does, as far as it gets in its time.</summary>
    private static (int Operations, Faults Faults, SimulationResult Result) Shrink(int seed, int operations, Faults faults, SimulationResult result)
    {
        long start = Stopwatch.GetTimestamp();
        bool IsTimeLeft() => Stopwatch.GetElapsedTime(start) < MostForShrinking;
        foreach (Faults fault in Enum.GetValues<Faults>().Where(fault => fault is not (Faults.None or Faults.All)))
        {
            if (IsTimeLeft() && Simulation.Run(seed, operations, faults & ~fault) is { Failure: not null } without) (faults, result) = (faults & ~fault, without);
        }
        for (int step = operations / 2; step > 0; step /= 2)
        {
            while (operations > step && IsTimeLeft() && Simulation.Run(seed, operations - step, faults) is { Failure: not null } shorter)
                (operations, result) = (operations - step, shorter);
        }
        return (operations, faults, result);
    }
}
