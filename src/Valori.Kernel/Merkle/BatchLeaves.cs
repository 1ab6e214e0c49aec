using Valori.Kernel.Blake3;
using Valori.Kernel.Vectors;

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

    private readonly RecordId _firstId;
    private readonly ReadOnlyMemory<ulong> _tags;
    private readonly VectorBlock _vectors;
    private readonly Digest[] _leaves;
    private readonly int _parts;
    private readonly Task[] _helpers;
    private int _nextPart;

    private BatchLeaves(RecordId firstId, ReadOnlyMemory<ulong> tags, VectorBlock vectors)
    {
        (_firstId, _tags, _vectors) = (firstId, tags, vectors);
        _leaves = new Digest[vectors.Count];
        _parts = (vectors.Count + RecordsPerPart - 1) / RecordsPerPart;
        _helpers = new Task[Math.Min(_parts, Environment.ProcessorCount) - 1];
        for (int i = 0; i < _helpers.Length; i++) _helpers[i] = Task.Run(HashParts);
    }

    /// <summary>Begins, and returns at once.</summary>
    public static BatchLeaves Begin(RecordId firstId, ReadOnlyMemory<ulong> tags, VectorBlock vectors) => new(firstId, tags, vectors);

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
            hasher ??= new RecordLeaves(_vectors.Dimension);
            int first = part * RecordsPerPart, count = Math.Min(RecordsPerPart, _leaves.Length - first);
            hasher.Hash(new RecordId(_firstId.Value + (ulong)first), _tags.Span.Slice(first, count), _vectors, first, _leaves.AsSpan(first, count));
        }
    }
}
