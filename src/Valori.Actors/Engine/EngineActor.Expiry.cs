using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori.Actors.Engine;

internal sealed partial class EngineActor
{
    // The clock may be set forward, and a machine that sleeps does not count the time: so the clock is looked at again at least so often.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // So many events are decided before a write, some milliseconds each: with one, records that end together would wait for as many writes.
    private const int EventsAtOnce = 8;

    // What the timer waits for: this expiry, and whether it had come already.
    private (long Expiry, bool HasCome)? _awaited;

    /// <summary>Lets the timer wake the engine when the next record expires.</summary>
    private void AwaitNextExpiry()
    {
        if (_isStopping || _follow.IsOn || _state.Kernel.NextExpiryUnixMicroseconds is not { } next) return;
        double milliseconds = Math.Ceiling(Math.Max(0, next - UnixMicroseconds()) / 1_000d);
        if (_awaited == (next, milliseconds == 0)) return;
        AwaitExpiry((next, milliseconds == 0), milliseconds < LongestWait.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : LongestWait);
    }

    /// <summary>
    /// The same after a recovery. If the one before ended because a write failed, the next one of our own would fail likewise and bring about
    /// another recovery: so it waits for a command that is written, or for a while.
    /// </summary>
    private void AwaitFirstExpiry(bool isFirstRecovery)
    {
        if (isFirstRecovery) AwaitNextExpiry();
        else if (!_follow.IsOn && _state.Kernel.NextExpiryUnixMicroseconds is not null) AwaitExpiry(null, LongestWait);
    }

    private void AwaitExpiry((long Expiry, bool HasCome)? awaited, TimeSpan wait)
    {
        _awaited = awaited;
        Timers.StartSingleTimer(nameof(ExpireDue), ExpireDue.Instance, wait);
    }

    /// <summary>
    /// Deletes some of the records that have expired. When that is durable, the timer fires at once for the others, so that commands
    /// go on between the steps.
    /// </summary>
    private void ExpireSome()
    {
        _awaited = null;
        if (_isStopping || _follow.IsOn) return;
        CloseChanges();
        // The event has the time of its entry, and no entry is before the one before it.
        long now = Math.Max(UnixMicroseconds(), _state.UnixMicroseconds);
        int events = 0;
        for (; events < EventsAtOnce && _state.Kernel.Decide(new ExpireRecords(now)).TryGet(out Event? expired, out _); events++) _state.Change(new Change(expired));
        if (events == 0)
        {
            AwaitNextExpiry();
            return;
        }
        Add(_state.CloseChanges(now));
        Flush();
    }
}
