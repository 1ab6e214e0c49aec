namespace Valori.Fuzz;

/// <summary>
/// <c>dotnet run --project tests/Valori.Fuzz -c Release -- TARGET...</c>: as long as VALORI_FUZZ_SECONDS says for each, a minute
/// otherwise; all targets where none is named. For coverage-guided runs: docs/reliability.md.
/// </summary>
internal static class FuzzProgram
{
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromMinutes(1);

    public static async Task<int> Main(string[] arguments)
    {
        int finds = 0;
        try
        {
            foreach (FuzzTarget target in arguments.Length == 0 ? FuzzTargets.All : arguments.Select(FuzzTargets.Named)) finds += Run(target) ? 0 : 1;
        }
        finally
        {
            await Sandbox.CloseAsync();
        }
        return finds == 0 ? 0 : 1;
    }

    private static bool Run(FuzzTarget target)
    {
        Console.WriteLine($"{target}, seed {FuzzSettings.Seed}");
        try
        {
            TimeSpan? duration = FuzzSettings.Duration ?? (FuzzSettings.Rounds is null ? DefaultDuration : null);
            Console.WriteLine($"{target}: {Harness.Run(target, FuzzSettings.Seed, FuzzSettings.Rounds, duration)}");
            return true;
        }
        catch (FuzzFailure failure)
        {
            Console.WriteLine(failure.Message);
            return false;
        }
    }
}
