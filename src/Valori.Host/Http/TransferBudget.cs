using Valori.Actors.Client;

namespace Valori.Host.Http;

/// <summary>
/// What bodies that were read, and answers that are not sent yet, take of memory together. Small ones are always let through: they
/// are bounded by the number of connections. Thread-safe.
/// </summary>
/// <param name="whole">What it is a part of; null if it is the whole.</param>
internal sealed class TransferBudget(long limitBytes, TransferBudget? whole = null)
{
    /// <summary>Bytes of each body and of each answer that are not counted.</summary>
    public const long FreeBytes = 64 << 10;

    private long _takenBytes;

    private string Whose => whole is null ? "" : " of one API key";

    /// <summary>What is counted now.</summary>
    public long TakenBytes => Interlocked.Read(ref _takenBytes);

    /// <summary>The budget of one of several, who together still have no more than this one. Each has a part, so that none takes all.</summary>
    public TransferBudget PartOf(int divisor) => new(limitBytes / divisor, this);

    /// <summary>The budget that the bodies and answers of a request count against: the part of its key, or all of it.</summary>
    public static TransferBudget Of(HttpContext context) => context.Features.Get<KeyTraffic>()?.Budget ?? context.RequestServices.GetRequiredService<TransferBudget>();

    /// <summary>A place for one body or one answer, empty yet.</summary>
    /// <param name="what">What it is, for the message of a refusal: "the body", "the answer".</param>
    public TransferHold Hold(string what) => new(this, what);

    /// <exception cref="RefusedException">It would not fit if it were alone.</exception>
    /// <exception cref="EngineException">It does not fit beside what is in flight now.</exception>
    internal void Take(string what, long heldBytes, long bytes)
    {
        if (heldBytes + bytes > limitBytes)
        {
            throw new RefusedException(new Refusal(RefusalKind.LimitExceeded,
                $"{what} takes more than {limitBytes} bytes of memory, which is the limit for all bodies and answers{Whose} together (valori.http.max-bytes-in-flight); ask in smaller parts"));
        }
        whole?.Take(what, heldBytes, bytes);
        if (Interlocked.Add(ref _takenBytes, bytes) <= limitBytes) return;
        Return(bytes);
        throw new EngineException(EngineFailureKind.Overloaded,
            $"bodies and answers{Whose} in flight take {TakenBytes} bytes of memory, and {what} needs {bytes} more; the limit is {limitBytes} (valori.http.max-bytes-in-flight). Try again");
    }

    internal void Return(long bytes)
    {
        Interlocked.Add(ref _takenBytes, -bytes);
        whole?.Return(bytes);
    }
}

/// <summary>What one body, or one answer, takes of the budget. Disposing returns it. Thread-safe: an answer may still be built when its client goes.</summary>
internal sealed class TransferHold(TransferBudget budget, string what) : IAnswerRoom, IDisposable
{
    private readonly Lock _lock = new();
    private long _bytes;
    private long _counted;
    private bool _isDisposed;

    /// <summary>Bytes of memory that it takes now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes more, before the memory is allocated.</summary>
    /// <exception cref="RefusedException">It would not fit if it were alone.</exception>
    /// <exception cref="EngineException">It does not fit beside what is in flight now.</exception>
    /// <exception cref="OperationCanceledException">It was disposed of.</exception>
    public void Grow(long bytes)
    {
        lock (_lock)
        {
            if (_isDisposed) throw new OperationCanceledException($"nobody waits for {what} any more");
            Take(bytes);
        }
    }

    /// <summary>Returns some.</summary>
    public void Shrink(long bytes)
    {
        lock (_lock)
        {
            if (!_isDisposed) Return(bytes);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            Return(_bytes);
            _isDisposed = true;
        }
    }

    private void Take(long bytes)
    {
        long counted = Math.Max(0, _bytes + bytes - TransferBudget.FreeBytes);
        if (counted > _counted) budget.Take(what, _counted, counted - _counted);
        _bytes += bytes;
        _counted = Math.Max(_counted, counted);
    }

    private void Return(long bytes)
    {
        _bytes -= bytes;
        long counted = Math.Max(0, _bytes - TransferBudget.FreeBytes);
        if (counted < _counted) budget.Return(_counted - counted);
        _counted = Math.Min(_counted, counted);
    }
}
