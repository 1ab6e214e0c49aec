using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Valori.Simulation;

/// <summary>Seeds that once failed, fresh ones, and that a seed replays exactly.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>
    /// Each found something: what, is in the changelog. It takes another course once a size on the disk changes, so what one
    /// finds needs a test of its own.
    /// </summary>
    public static TheoryData<int> PastSeeds => [1, 2, 3, 28, 5012, 118126602, 800500507];

    [Theory]
    [MemberData(nameof(PastSeeds))]
    public void A_past_seed_breaks_no_promise(int seed) => Check(seed);

    [Fact]
    [Trait("Category", "Slow")]
    public void Fresh_seeds_break_no_promise()
    {
        // VALORI_SIMULATION_SECONDS for longer, VALORI_SIMULATION_SEED to begin somewhere.
        int seconds = Number("VALORI_SIMULATION_SECONDS") ?? 30;
        int first = Number("VALORI_SIMULATION_SEED") ?? Random.Shared.Next(1_000_000_000);
        long start = Stopwatch.GetTimestamp();
        int seed = first;
        for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; seed++) Check(seed);
        output.WriteLine($"seeds {first} to {seed - 1}");
    }

    [Fact]
    public void Every_seed_replays_exactly_and_is_another_one()
    {
        HashSet<string> hashes = [];
        for (int seed = 11; seed <= 20; seed++)
        {
            SimulationResult first = Simulation.Run(seed, SimulationRuns.Operations, Faults.All), again = Simulation.Run(seed, SimulationRuns.Operations, Faults.All);
            int difference = first.Trace.Zip(again.Trace).TakeWhile(lines => lines.Item1 == lines.Item2).Count();
            Assert.True(first.Hash == again.Hash, $"seed {seed}, line {difference}:\n{first.Trace.ElementAtOrDefault(difference)}\n{again.Trace.ElementAtOrDefault(difference)}");
            hashes.Add(first.Hash);
        }
        Assert.Equal(10, hashes.Count);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void A_journal_that_confirms_what_it_did_not_keep_is_found_out()
    {
        int found = 0;
        for (int seed = 1; seed <= 10; seed++)
        {
            string? failure = Simulation.Run(seed, SimulationRuns.Operations, Faults.All | Faults.Lies).Failure;
            output.WriteLine($"seed {seed}: {failure}");
            if (failure is null) continue;
            Assert.Matches("is acknowledged with .* and not in the journal|an answer of event|a search of event|expected events up to \\d+, which were durable", failure);
            found++;
        }
        // Where the process dies before anybody was answered, nothing was promised.
        Assert.InRange(found, 8, 10);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void An_older_journal_and_another_engine_s_snapshot_are_never_served()
    {
        int first = Number("VALORI_SIMULATION_SEED") ?? Random.Shared.Next(1_000_000_000), found = 0;
        output.WriteLine($"from seed {first}");
        for (int seed = first; seed < first + 30; seed++)
        {
            SimulationResult result = Simulation.Run(seed, SimulationRuns.Operations, Faults.All | Faults.Swaps);
            if (result.Failure is not null) Assert.Fail(SimulationRuns.Describe(seed, SimulationRuns.Operations, Faults.All | Faults.Swaps, result));
            found += result.SwapsFound;
        }
        Assert.InRange(found, 10, int.MaxValue);
    }

    [Fact]
    public void A_dropped_collection_is_whole_or_gone_and_the_next_one_of_its_name_has_nothing_of_it()
    {
        int first = Number("VALORI_SIMULATION_SEED") ?? 1, seeds = Number("VALORI_SIMULATION_DROP_SEEDS") ?? 10, drops = 0, acrossLives = 0;
        for (int seed = first; seed < first + seeds; seed++)
        {
            SimulationResult result = Simulation.Run(seed, SimulationRuns.Operations, Faults.All | Faults.Drops);
            if (result.Failure is not null) Assert.Fail(SimulationRuns.Describe(seed, SimulationRuns.Operations, Faults.All | Faults.Drops, result));
            (drops, acrossLives) = (drops + result.Drops, acrossLives + result.DropsAcrossLives);
        }
        output.WriteLine($"from seed {first}: {drops} drops, {acrossLives} of them over the death of a process");
        Assert.InRange(drops, seeds, int.MaxValue);
        Assert.InRange(acrossLives, seeds / 5, int.MaxValue);
    }

    private static void Check(int seed)
    {
        SimulationResult result = Simulation.Run(seed, SimulationRuns.Operations, Faults.All);
        if (result.Failure is not null) Assert.Fail(SimulationRuns.Describe(seed, SimulationRuns.Operations, Faults.All, result));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
