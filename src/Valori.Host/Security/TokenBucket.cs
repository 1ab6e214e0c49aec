namespace Valori.Host.Security;

/// <summary>Lets so many things through in a second, and a number of them at once after a pause. Thread-safe.</summary>
/// <param name="perSecond">Tokens that come in a second.</param>
/// <param name="capacity">Tokens that it holds at most, and holds at first.</param>
internal sealed class TokenBucket(double perSecond, double capacity, TimeProvider time)
{
    private readonly Lock _lock = new();
    // What it lacks to be full.
    private double _taken;
    private long _seen = time.GetTimestamp();

    /// <summary>Takes a token; or says how long it is until there is one.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _taken = Math.Max(0, _taken - time.GetElapsedTime(_seen, now).TotalSeconds * perSecond);
            _seen = now;
            double missing = _taken + 1 - capacity;
            wait = missing > 0 ? TimeSpan.FromSeconds(missing / perSecond) : TimeSpan.Zero;
            if (missing > 0) return false;
            _taken++;
            return true;
        }
    }
}
