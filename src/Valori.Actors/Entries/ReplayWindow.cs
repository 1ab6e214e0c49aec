namespace Valori.Actors.Entries;

/// <summary>
/// The rows of one recovery that are read and not replayed yet: how the engine holds back a journal that reads faster than it
/// replays. Thread-safe.
/// </summary>
internal sealed class ReplayWindow
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _changed;
    private long _bytes;
    private int _rows;
    private bool _isClosed;

    /// <summary>A row is on its way to the engine.</summary>
    public void Sent(int bytes)
    {
        lock (_lock)
        {
            _bytes += bytes;
            _rows++;
        }
    }

    /// <summary>The engine has replayed a row.</summary>
    public void Taken(int bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
            _rows--;
            _changed?.TrySetResult();
        }
    }

    /// <summary>The engine takes no more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _changed?.TrySetResult();
        }
    }

    /// <summary>Waits until so little is on its way.</summary>
    /// <param name="rows">So many are enough whatever their size: a buffer between may hold them back until others come.</param>
    /// <exception cref="TimeoutException">The engine took nothing for that long.</exception>
    /// <exception cref="OperationCanceledException">The engine is gone.</exception>
    public async Task UntilAtMostAsync(long bytes, int rows, TimeSpan patience)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_isClosed) throw new OperationCanceledException("the engine is gone");
                if (_bytes <= bytes || _rows <= rows) return;
                changed = (_changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await changed.WaitAsync(patience).ConfigureAwait(false);
        }
    }
}
