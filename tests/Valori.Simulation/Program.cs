using System.Diagnostics;
using System.Globalization;
using Valori.Simulation;

// dotnet run -c Release --project tests/Valori.Simulation -- --seed 1 --count 1000 --ops 400 --faults All
int seed = 1, count = 1, operations = SimulationRuns.Operations;
Faults faults = Faults.All;
for (int i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--seed": seed = int.Parse(args[i + 1], CultureInfo.InvariantCulture); break;
        case "--count": count = int.Parse(args[i + 1], CultureInfo.InvariantCulture); break;
        case "--ops": operations = int.Parse(args[i + 1], CultureInfo.InvariantCulture); break;
        case "--faults": faults = Enum.Parse<Faults>(args[i + 1], ignoreCase: true); break;
        default: return Usage();
    }
}
if (args.Length % 2 != 0) return Usage();

long start = Stopwatch.GetTimestamp();
long events = 0, lives = 0, drops = 0;
for (int next = seed; next < seed + count; next++)
{
    SimulationResult result = Simulation.Run(next, operations, faults);
    (events, lives, drops) = (events + result.Events, lives + result.Lives, drops + result.Drops);
    if (result.Failure is not null)
    {
        Console.Out.WriteLine(SimulationRuns.Describe(next, operations, faults, result));
        return 1;
    }
}
Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{count} seeds from {seed}: {events} events in {lives} lives, {drops} drops, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s, no promise broken"));
return 0;

static int Usage()
{
    Console.Error.WriteLine($"usage: [--seed N] [--count N] [--ops N] [--faults {string.Join(',', Enum.GetNames<Faults>())}]");
    return 2;
}
