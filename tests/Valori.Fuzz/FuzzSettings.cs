using System.Globalization;

namespace Valori.Fuzz;

/// <summary>How much, and from which seed: environment variables, so that a run can be made longer without changing code.</summary>
internal static class FuzzSettings
{
    /// <summary>The seed of the test that takes a fresh one; also that of the program.</summary>
    public static long Seed { get; } = Number("VALORI_FUZZ_SEED") ?? Random.Shared.Next();

    /// <summary>How long each target is attacked, in the place of its number of rounds.</summary>
    public static TimeSpan? Duration { get; } = Number("VALORI_FUZZ_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>How many inputs each target gets, in the place of its own number.</summary>
    public static long? Rounds { get; } = Number("VALORI_FUZZ_ROUNDS");

    /// <summary>A file that holds the input that is being tried: what a process that died was doing.</summary>
    public static string? LastInputFile { get; } = Environment.GetEnvironmentVariable("VALORI_FUZZ_LAST_INPUT") is { Length: > 0 } path ? path : null;

    private static long? Number(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
