namespace Valori.Kernel.Search;

/// <summary>
/// What one query reads: bytes of its answer, each counted before it is copied, and steps over the graph. A query that begins where only short
/// ones belong is ended by it as soon as it is known to be long. Not thread-safe.
/// </summary>
/// <param name="maximumBytes">Of the answer.</param>
/// <param name="maximumSteps">Nodes and edges that are looked at.</param>
/// <param name="reserve">Is told the bytes before they are copied, and refuses by throwing; null if nobody asks for it.</param>
internal sealed class ReadMeter(long maximumBytes, long maximumSteps, Action<long>? reserve)
{
    private long _steps;

    /// <summary>Bytes that were counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts bytes that are about to become part of the answer.</summary>
    /// <exception cref="ReadLimitException">They are more than there may be.</exception>
    public void Read(long bytes)
    {
        if (Bytes + bytes > maximumBytes) throw new ReadLimitException();
        reserve?.Invoke(bytes);
        Bytes += bytes;
    }

    /// <summary>Counts a node or an edge that is looked at.</summary>
    /// <exception cref="ReadLimitException">It is one more than there may be.</exception>
    public void Step()
    {
        if (++_steps > maximumSteps) throw new ReadLimitException();
    }
}

/// <summary>A query has reached a limit of its <see cref="ReadMeter"/>. It can be begun again with another one.</summary>
internal sealed class ReadLimitException() : Exception("the query reads more than its meter allows");
