using System.Globalization;

namespace Valori.Actors;

/// <summary>Times as people and other programs read them.</summary>
public static class Iso8601
{
    /// <summary>ISO 8601 in UTC with microseconds, as in <c>2026-11-25T13:00:00.000000Z</c>: nothing of an event's time is lost.</summary>
    public static string Format(long unixMicroseconds)
    {
        // Times come from journals and from clients, so any number may be here.
        long ticks = DateTimeOffset.UnixEpoch.Ticks;
        if (unixMicroseconds < -ticks / TimeSpan.TicksPerMicrosecond || unixMicroseconds > (DateTimeOffset.MaxValue.Ticks - ticks) / TimeSpan.TicksPerMicrosecond)
            return string.Create(CultureInfo.InvariantCulture, $"{unixMicroseconds} microseconds since 1970");
        return DateTimeOffset.UnixEpoch.AddTicks(unixMicroseconds * TimeSpan.TicksPerMicrosecond)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a time, UTC where it says nothing else. False where it is none, or finer than microseconds.</summary>
    public static bool TryParse(string text, out long unixMicroseconds)
    {
        unixMicroseconds = 0;
        if (!text.Contains('-', StringComparison.Ordinal)
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return false;
        }
        (unixMicroseconds, long finer) = Math.DivRem((time - DateTimeOffset.UnixEpoch).Ticks, TimeSpan.TicksPerMicrosecond);
        return finer == 0;
    }
}
