namespace Valori.Actors.Engine;

internal static class Clock
{
    /// <summary>Microseconds since 1970-01-01T00:00:00Z, the unit of an event's time.</summary>
    public static long GetUnixMicroseconds(this TimeProvider time) =>
        (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
