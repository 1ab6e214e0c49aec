using System.Globalization;
using System.Runtime.CompilerServices;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>What the requests of one key take now, so that it leaves the service to the others. Thread-safe.</summary>
internal sealed class KeyTraffic(KeyLimits limits, TransferBudget all, TimeProvider time)
{
    // Of the memory for bodies and answers: whatever one key sends, as much is left for the others together.
    private const int Share = 2;

    private readonly TokenBucket? _rate = limits.RequestsPerSecond > 0 ? new TokenBucket(limits.RequestsPerSecond, limits.Burst, time) : null;
    private long _underWay;

    /// <summary>For its bodies and answers.</summary>
    public TransferBudget Budget { get; } = all.PartOf(Share);

    /// <summary>The largest body of a request; null if there is no limit.</summary>
    public long? MaximumBodyBytes => limits.MaximumBodyBytes > 0 ? limits.MaximumBodyBytes : null;

    /// <summary>Begins a request, which is to be ended (<see cref="End"/>) if it is let through.</summary>
    /// <returns>Why it is not, and after how many seconds to try again.</returns>
    public (string Detail, string RetryAfter)? Begin(string name)
    {
        if (_rate is not null && !_rate.TryTake(out TimeSpan wait))
        {
            return ($"the key '{name}' sent more than {limits.RequestsPerSecond} requests a second (valori.http.keys.requests-per-second); try again later",
                Math.Ceiling(Math.Max(1, wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        }
        if (Interlocked.Increment(ref _underWay) <= limits.MaximumConcurrentRequests || limits.MaximumConcurrentRequests == 0) return null;
        End();
        return ($"{limits.MaximumConcurrentRequests} requests of the key '{name}' are under way, which is the limit (valori.http.keys.max-concurrent-requests); try again when one has ended", "1");
    }

    public void End() => Interlocked.Decrement(ref _underWay);
}

/// <summary>The traffic of each key, for as long as the service knows the key.</summary>
internal sealed class KeyTraffics(HttpSettings settings, TransferBudget all, TimeProvider time)
{
    private readonly ConditionalWeakTable<KeyUse, KeyTraffic> _byKey = [];

    public KeyTraffic Of(KeyUse use) => _byKey.GetValue(use, _ => new KeyTraffic(settings.Keys, all, time));
}
