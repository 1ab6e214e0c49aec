namespace Valori.Kernel.Merkle;

/// <summary>
/// The leaves of a large batch, hashed in parts by the caller and the thread pool together: hashing is the most of what
/// applying a batch takes. Digests do not depend on who computes them.
/// </summary>
internal sealed class BatchLeaves(int dimension, int count, BatchLeaves.HashPart hashPart)
{
    /// <summary>Batches below this are not worth waking another thread for.</summary>
    public const int LeastRecords = 2 * RecordsPerPart;

    /// <summary>Some hundred microseconds of work.</summary>
    public const int RecordsPerPart = 256;

    private readonly Digest[] _leaves = new Digest[count];
    private readonly List<Task> _helpers = [];

    // Parts that may be hashed, and those that were taken.
    private int _released;
    private int _taken;

    /// <summary>Hashes some leaves of the batch, from the first one on, with a hasher of the thread's own.</summary>
    internal delegate void HashPart(RecordLeaves hasher, int first, Span<Digest> leaves);

    /// <summary>Lets the thread pool hash the first so many records, whose content is there, and returns at once.</summary>
    public void Release(int records)
    {
        int parts = records == count ? (count + RecordsPerPart - 1) / RecordsPerPart : records / RecordsPerPart;
        int helpers = Math.Min(parts - _released, Environment.ProcessorCount - 1);
        if (helpers <= 0) return;
        Volatile.Write(ref _released, parts);
        for (int i = 0; i < helpers; i++) _helpers.Add(Task.Run(HashParts));
    }

    /// <summary>Takes part until all leaves are there.</summary>
    public Digest[] Finish()
    {
        Volatile.Write(ref _released, (count + RecordsPerPart - 1) / RecordsPerPart);
        HashParts();
        foreach (Task helper in _helpers) helper.GetAwaiter().GetResult();
        return _leaves;
    }

    private void HashParts()
    {
        RecordLeaves? hasher = null;
        for (int part; TryTake(out part);)
        {
            int first = part * RecordsPerPart;
            hashPart(hasher ??= new RecordLeaves(dimension), first, _leaves.AsSpan(first, Math.Min(RecordsPerPart, count - first)));
        }
    }

    private bool TryTake(out int part)
    {
        while ((part = Volatile.Read(ref _taken)) < Volatile.Read(ref _released))
        {
            if (Interlocked.CompareExchange(ref _taken, part + 1, part) == part) return true;
        }
        return false;
    }
}
