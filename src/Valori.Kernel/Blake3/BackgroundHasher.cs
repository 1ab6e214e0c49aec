namespace Valori.Kernel.Blake3;

/// <summary>
/// Hashes one input in parts, in the order in which they are added: on the thread pool, or on the thread that waits for them
/// if the pool has no time. Parts are added, waited for and finished by one thread.
/// </summary>
internal sealed class BackgroundHasher(StreamHasher hasher)
{
    private readonly object _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _waiting = [];
    private StreamHasher _hasher = hasher;
    private bool _isHashing;
    private bool _isScheduled;
    private long _added;
    private long _hashed;

    /// <param name="part">Not to be changed before it is hashed.</param>
    /// <returns>What <see cref="WaitFor"/> takes to wait until it is.</returns>
    public long Add(ReadOnlyMemory<byte> part)
    {
        lock (_lock)
        {
            _waiting.Enqueue(part);
            ScheduleIfNeeded();
            return ++_added;
        }
    }

    /// <summary>Returns when the part was hashed, and those before it.</summary>
    public void WaitFor(long part)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_hashed >= part) return;
                if (_isHashing)
                {
                    Monitor.Wait(_lock);
                    continue;
                }
            }
            TryHashNext();
        }
    }

    /// <summary>Returns when all that was added was hashed.</summary>
    public void WaitForAll() => WaitFor(_added);

    /// <summary>The hash of all that was added.</summary>
    public Digest Finish()
    {
        WaitForAll();
        return _hasher.Finalize();
    }

    private void HashWaiting()
    {
        while (TryHashNext())
        {
        }
        lock (_lock)
        {
            _isScheduled = false;
            ScheduleIfNeeded();
        }
    }

    /// <summary>False if there is no part, or another thread hashes one.</summary>
    private bool TryHashNext()
    {
        ReadOnlyMemory<byte> part;
        lock (_lock)
        {
            if (_isHashing || _waiting.Count == 0) return false;
            part = _waiting.Dequeue();
            _isHashing = true;
        }
        _hasher.Update(part.Span);
        lock (_lock)
        {
            _isHashing = false;
            _hashed++;
            ScheduleIfNeeded();
            Monitor.Pulse(_lock);
        }
        return true;
    }

    private void ScheduleIfNeeded()
    {
        if (_isScheduled || _isHashing || _waiting.Count == 0) return;
        _isScheduled = true;
        ThreadPool.UnsafeQueueUserWorkItem(static self => self.HashWaiting(), this, preferLocal: false);
    }
}
