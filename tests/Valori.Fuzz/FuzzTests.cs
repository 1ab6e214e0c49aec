using Valori.Fuzz.Corpus;
using Valori.Fuzz.Targets;
using Valori.Host.Operations;
using Xunit.Abstractions;

// Allocation is measured over the process where a target has threads of its own, so one thing runs at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Valori.Fuzz;

/// <summary>Every target, from a seed that is always the same and from a fresh one.</summary>
[Collection(nameof(SandboxCollection))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const long FixedSeed = 20_261_125;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    public static TheoryData<string> KnownInputs => [.. Regressions.All.Select(known => known.Name)];

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Targets))]
    public void Nothing_but_the_declared_comes_out_from_a_fixed_seed(string target) => Run(target, FixedSeed);

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Targets))]
    public void Nothing_but_the_declared_comes_out_from_a_fresh_seed(string target) => Run(target, FuzzSettings.Seed);

    [Theory]
    [MemberData(nameof(KnownInputs))]
    public void What_was_found_once_stays_found(string name)
    {
        Regression known = Regressions.All.Single(known => known.Name == name);
        Harness.Replay(FuzzTargets.Named(known.Target), known.Input());
    }

    [Fact]
    public void Every_manifest_is_in_the_corpus() =>
        Assert.Equal(SampleMessages.Manifests.Value.Except(["J", "S"]), SampleMessages.All().Select(sample => sample.Manifest).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_operation_of_the_table_is_carried_out_by_a_line_of_the_corpus()
    {
        string[] carriedOut = await ExecTarget.CarriedOutAsync(SampleRequests.Lines());
        Assert.Equal(OperationTable.Names.Order(), carriedOut.Distinct().Order());
    }

    private void Run(string name, long seed)
    {
        FuzzTarget target = FuzzTargets.Named(name);
        // Half of the rounds each, but for a run that was asked to be longer.
        long? rounds = FuzzSettings.Rounds ?? (FuzzSettings.Duration is null ? target.Rounds / 2 : null);
        output.WriteLine($"{name}, seed {seed}: {Harness.Run(target, seed, rounds, FuzzSettings.Duration)}");
    }
}

/// <summary>Takes the sandbox down after the last test that uses it.</summary>
public sealed class SandboxLifetime : IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Sandbox.CloseAsync();
}

[CollectionDefinition(nameof(SandboxCollection))]
public sealed class SandboxCollection : ICollectionFixture<SandboxLifetime>;
