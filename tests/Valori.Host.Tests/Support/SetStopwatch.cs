namespace Valori.Host.Tests.Support;

/// <summary>Time that passes when a test says so.</summary>
internal sealed class SetStopwatch : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Pass(double seconds) => _ticks += (long)(seconds * TimeSpan.TicksPerSecond);
}
