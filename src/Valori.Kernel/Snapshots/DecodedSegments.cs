using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Snapshots;

/// <summary>
/// What is computed of the segments of a snapshot: leaves, which are appended to a tree in the order of the segments, and the
/// coarse forms. The thread pool does it while the next segments are read: it is most of what reading a snapshot takes.
/// Digests do not depend on who computes them.
/// </summary>
internal sealed class DecodedSegments(RecordTable records, MerkleTree tree)
{
    // One being worked on and one waiting for each processor keeps them busy.
    private static readonly int MaximumWaiting = Environment.ProcessorCount * 2;

    private readonly Queue<Work> _waiting = [];

    /// <summary>Adds a segment that is filled. No View may be read before <see cref="Finish"/>.</summary>
    /// <param name="version">The version of the rows.</param>
    public void Add(RecordSegment segment, RecordId firstId, int rows, ulong version)
    {
        if (_waiting.Count == MaximumWaiting) AppendFirst();
        Work work = new(() => Complete(segment, firstId, rows, version));
        _waiting.Enqueue(work);
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.TryRun(), work, preferLocal: false);
    }

    /// <summary>Waits for all that were added.</summary>
    public void Finish()
    {
        while (_waiting.Count > 0) AppendFirst();
    }

    private void AppendFirst()
    {
        Work first = _waiting.Peek();
        // Who has to wait takes part.
        while (!first.IsDone && _waiting.Any(work => work.TryRun()))
        {
        }
        tree.Append(first.Result);
        _waiting.Dequeue();
    }

    private Digest[] Complete(RecordSegment segment, RecordId firstId, int rows, ulong version)
    {
        Digest[] leaves = LeavesOf(segment, firstId, rows, version);
        if (rows == segment.Capacity) records.Coarsen(segment);
        return leaves;
    }

    private static Digest[] LeavesOf(RecordSegment segment, RecordId firstId, int rows, ulong version)
    {
        // Not if there are only tombstones, which may be very many in few bytes.
        Digest[] leaves = new Digest[rows];
        new RecordLeaves(segment.Dimension).Hash(firstId, segment, 0, leaves, version);
        return leaves;
    }

    /// <summary>What the first caller does, once.</summary>
    private sealed class Work(Func<Digest[]> function)
    {
        private readonly Task<Digest[]> _task = new(function);
        private int _isBegun;

        public bool IsDone => _task.IsCompleted;

        /// <summary>Waits for it; throws what it threw.</summary>
        public Digest[] Result => _task.GetAwaiter().GetResult();

        public bool TryRun()
        {
            if (Interlocked.Exchange(ref _isBegun, 1) != 0) return false;
            _task.RunSynchronously(TaskScheduler.Default);
            return true;
        }
    }
}
