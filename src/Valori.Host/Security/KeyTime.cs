using Valori.Actors.Text;

namespace Valori.Host.Security;

/// <summary>Times of keys as text: UTC with microseconds, as all answers have them.</summary>
internal static class KeyTime
{
    public static string Format(DateTimeOffset time) => Iso8601.Format((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Without what is finer than a microsecond, so that it is the same after it was written and read.</summary>
    public static DateTimeOffset Whole(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
