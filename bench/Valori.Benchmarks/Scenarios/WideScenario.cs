using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// <see cref="ScanScenario"/> over rows that do not fit 16 bits a component. Times 4 (exact in binary) every batch of unit
/// vectors has components of 0.5 and more, which is where 16 bits end.
/// </summary>
internal static class WideScenario
{
    private const float Scale = 4;

    public static void Run(BenchmarkOptions options, Report report) => ScanScenario.Run(options, report, Scale);
}
