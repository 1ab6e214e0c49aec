using Valori.Actors.Settings;

namespace Valori.Host.Security;

/// <summary>What each key may take of the service (<c>valori.http.keys</c>, reference.conf). Zero is no limit.</summary>
/// <param name="RequestsPerSecond">Over time.</param>
/// <param name="Burst">How many may come at once after a pause.</param>
/// <param name="MaximumConcurrentRequests">How many may be under way together.</param>
/// <param name="MaximumBodyBytes">Of one request, also decompressed, that of a restore included.</param>
internal sealed record KeyLimits(long RequestsPerSecond, long Burst, long MaximumConcurrentRequests, long MaximumBodyBytes)
{
    public static KeyLimits Of(SettingReader keys)
    {
        long rate = keys.WholeNumber("requests-per-second", 0), burst = keys.WholeNumber("burst", 0);
        if (rate == 0 && burst > 0) throw keys.Wrong("burst", "0 while requests-per-second is 0");
        return new KeyLimits(rate, burst > 0 ? burst : rate, keys.WholeNumber("max-concurrent-requests", 0), keys.WholeNumber("max-body-bytes", 0));
    }
}
