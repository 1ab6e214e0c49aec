using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Valori.Simulation;

/// <summary>Seeds that once failed, fresh ones, and that a seed replays exactly.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>Each found something: what, is in the changelog.</summary>
    public static TheoryData<int> PastSeeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(PastSeeds))]
    public void A_past_seed_breaks_no_promise(int seed) => Check(seed);

    [Fact]
    public void Fresh_seeds_break_no_promise()
    {
        // VALORI_SIMULATION_SECONDS for longer, VALORI_SIMULATION_SEED to begin somewhere.
        int seconds = Number("VALORI_SIMULATION_SECONDS") ?? 60;
        int first = Number("VALORI_SIMULATION_SEED") ?? Random.Shared.Next(1_000_000_000);
        long start = Stopwatch.GetTimestamp();
        int seed = first;
        for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; seed++) Check(seed);
        output.WriteLine($"seeds {first} to {seed - 1}");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void A_seed_replays_exactly(int seed)
    {
        SimulationResult first = Simulation.Run(seed, SimulationRuns.Operations, Faults.All), again = Simulation.Run(seed, SimulationRuns.Operations, Faults.All);
        Assert.Equal(first.Hash, again.Hash);
        Assert.Equal(first.Trace, again.Trace);
        Assert.NotEqual(first.Hash, Simulation.Run(seed + 100, SimulationRuns.Operations, Faults.All).Hash);
    }

    private static void Check(int seed)
    {
        SimulationResult result = Simulation.Run(seed, SimulationRuns.Operations, Faults.All);
        if (result.Failure is not null) Assert.Fail(SimulationRuns.Describe(seed, SimulationRuns.Operations, Faults.All, result));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
