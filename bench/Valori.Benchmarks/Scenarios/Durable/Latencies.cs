using Valori.Benchmarks.Measuring;

namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>How long each of many calls took, in milliseconds.</summary>
internal sealed class Latencies(IEnumerable<double> milliseconds)
{
    private readonly double[] _sorted = [.. milliseconds.Order()];

    /// <summary>The least latency that 99 of 100 calls do not exceed.</summary>
    public double P99 => _sorted.Length > 0
        ? _sorted[(int)Math.Ceiling(0.99 * _sorted.Length) - 1]
        : throw new InvalidOperationException("no call fell into the time that is measured: take more rows or rounds");

    /// <summary>Two figures: all samples, whose median is p50, and p99 as one sample.</summary>
    public void AddTo(Report report, string name)
    {
        report.Add($"{name}, p50", "ms", _sorted);
        report.Add($"{name}, p99", "ms", [P99]);
    }
}
