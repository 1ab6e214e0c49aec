namespace Valori.Benchmarks.Measuring;

/// <summary>One measured quantity: the median of its samples, and how far they lie apart.</summary>
internal sealed record Figure(string Name, string Unit, double Median, double Min, double Max, int Samples)
{
    private const int Decimals = 6;

    public static Figure Of(string name, string unit, IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Figure(name, unit, Math.Round(median, Decimals), Math.Round(sorted[0], Decimals), Math.Round(sorted[^1], Decimals), sorted.Length);
    }
}
