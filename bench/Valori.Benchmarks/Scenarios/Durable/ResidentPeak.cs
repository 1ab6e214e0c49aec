namespace Valori.Benchmarks.Scenarios.Durable;

/// <summary>Watches the resident memory of this process from a thread of its own, from now on until it is stopped.</summary>
internal sealed class ResidentPeak
{
    // Reading it takes some ten microseconds.
    private const int IntervalMilliseconds = 2;

    private readonly Thread _watcher;
    private long _peak;
    private volatile bool _isStopped;

    public ResidentPeak()
    {
        Start = _peak = Environment.WorkingSet;
        _watcher = new Thread(Watch) { IsBackground = true };
        _watcher.Start();
    }

    /// <summary>Bytes at the beginning.</summary>
    public long Start { get; }

    /// <summary>Ends the watch and returns the most bytes that were seen.</summary>
    public long Stop()
    {
        _isStopped = true;
        _watcher.Join();
        return Math.Max(_peak, Environment.WorkingSet);
    }

    private void Watch()
    {
        while (!_isStopped)
        {
            _peak = Math.Max(_peak, Environment.WorkingSet);
            Thread.Sleep(IntervalMilliseconds);
        }
    }
}
