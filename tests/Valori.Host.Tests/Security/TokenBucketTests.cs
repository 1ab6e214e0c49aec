using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Security;

public sealed class TokenBucketTests
{
    private readonly SetStopwatch _time = new();

    [Fact]
    public void A_pause_fills_it_up_to_its_capacity_and_no_further()
    {
        TokenBucket bucket = new(perSecond: 2, capacity: 3, _time);
        foreach (double pause in new[] { 0, 1_000_000 })
        {
            _time.Pass(pause);
            Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.TryTake(out TimeSpan _)));
        }
    }

    [Fact]
    public void Over_time_it_lets_through_what_comes_in_a_second_and_says_how_long_to_wait()
    {
        TokenBucket bucket = new(perSecond: 2, capacity: 1, _time);
        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out TimeSpan wait));
        Assert.Equal(0.5, wait.TotalSeconds, 3);
        _time.Pass(0.25);
        Assert.False(bucket.TryTake(out wait));
        Assert.Equal(0.25, wait.TotalSeconds, 3);
        _time.Pass(0.25);
        Assert.True(bucket.TryTake(out _));
    }
}
