using Valori.Actors.Text;

namespace Valori.Actors.State;

internal static class Clock
{
    /// <summary>
    /// Microseconds since 1970-01-01T00:00:00Z, the unit of an event's time. A clock that stands outside the years 1 to 9999 counts as
    /// standing at their end: every time of an event can then be written, and read again, as ISO 8601.
    /// </summary>
    public static long GetUnixMicroseconds(this TimeProvider time) => ToUnixMicroseconds(time.GetUtcNow().UtcTicks);

    // The system's clock can be set past what DateTimeOffset is documented to hold, and is handed on unchecked.
    internal static long ToUnixMicroseconds(long utcTicks) => Math.Clamp(
        (utcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond, Iso8601.MinimumUnixMicroseconds, Iso8601.MaximumUnixMicroseconds);
}
