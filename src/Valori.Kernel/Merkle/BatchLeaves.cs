using Valori.Kernel.Blake3;

namespace Valori.Kernel.Merkle;

/// <summary>
/// The leaves of a large batch, hashed in parts by the caller and the thread pool together: hashing is the most of what
/// applying a batch takes. Digests do not depend on who computes them.
/// </summary>
internal sealed class BatchLeaves
{
    /// <summary>Batches below this are not worth waking another thread for.</summary>
    public const int LeastRecords = 2 * RecordsPerPart;

    // Some hundred microseconds of work a part.
    private const int RecordsPerPart = 256;

    private readonly int _dimension;
    private readonly HashPart _hashPart;
    private readonly Digest[] _leaves;
    private readonly int _parts;
    private readonly Task[] _helpers;
    private int _nextPart;

    private BatchLeaves(int dimension, int count, HashPart hashPart)
    {
        (_dimension, _hashPart) = (dimension, hashPart);
        _leaves = new Digest[count];
        _parts = (count + RecordsPerPart - 1) / RecordsPerPart;
        _helpers = new Task[Math.Min(_parts, Environment.ProcessorCount) - 1];
        for (int i = 0; i < _helpers.Length; i++) _helpers[i] = Task.Run(HashParts);
    }

    /// <summary>Hashes some leaves of the batch, from the first one on, with a hasher of the thread's own.</summary>
    internal delegate void HashPart(RecordLeaves hasher, int first, Span<Digest> leaves);

    /// <summary>Begins, and returns at once.</summary>
    public static BatchLeaves Begin(int dimension, int count, HashPart hashPart) => new(dimension, count, hashPart);

    /// <summary>Takes part until all leaves are there.</summary>
    public Digest[] Finish()
    {
        HashParts();
        Task.WaitAll(_helpers);
        return _leaves;
    }

    private void HashParts()
    {
        RecordLeaves? hasher = null;
        for (int part; (part = Interlocked.Increment(ref _nextPart) - 1) < _parts;)
        {
            int first = part * RecordsPerPart;
            _hashPart(hasher ??= new RecordLeaves(_dimension), first, _leaves.AsSpan(first, Math.Min(RecordsPerPart, _leaves.Length - first)));
        }
    }
}
