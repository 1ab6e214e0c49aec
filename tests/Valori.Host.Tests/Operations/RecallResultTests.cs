using Valori.Host.Operations;

namespace Valori.Host.Tests.Operations;

public sealed class RecallResultTests
{
    /// <summary>The values were computed by another program from the formula of Wilson (1927).</summary>
    [Theory]
    [InlineData(950, 1_000, 0.9346862, 0.9618697)]
    [InlineData(10, 10, 0.7224672, 1)]
    [InlineData(0, 10, 0, 0.2775328)]
    [InlineData(1, 2, 0.0945312, 0.9054688)]
    public void The_interval_is_wilson_s(long found, long wanted, double low, double high)
    {
        (double foundLow, double foundHigh) = new RecallResult(64, found, wanted, 1, null).Interval;
        Assert.Equal((low, high), (Math.Round(foundLow, 7), Math.Round(foundHigh, 7)));
    }

    [Fact]
    public void Of_nothing_nothing_is_known() => Assert.Equal((1, (0.0, 1.0)), (new RecallResult(64, 0, 0, 1, null).Recall, new RecallResult(64, 0, 0, 1, null).Interval));
}
