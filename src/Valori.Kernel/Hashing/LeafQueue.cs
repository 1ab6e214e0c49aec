using System.Buffers;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Hashing;

/// <summary>Records that a snapshot holds one after another, with what their leaves are made of.</summary>
/// <param name="Live">Of each record, whether it is none of the tombstones.</param>
/// <param name="Tags">Of the live ones.</param>
/// <param name="Vectors">Of the live ones.</param>
/// <param name="Metadata">Of each record; null where none of them has any.</param>
/// <param name="Rented">The memory behind the vectors, which goes back to its pool with the block.</param>
internal sealed record RecordBlock(RecordId FirstId, bool[] Live, ulong[] Tags, VectorBlock Vectors, byte[]?[]? Metadata, byte[] Rented);

/// <summary>
/// Appends the leaves of blocks to a tree, in the order of the blocks. They are hashed by the thread pool while the next
/// blocks are decoded: hashing is most of what reading a snapshot takes. Digests do not depend on who computes them.
/// </summary>
internal sealed class LeafQueue(int dimension, MerkleTree tree)
{
    // One being hashed and one waiting for each processor keeps them busy; each block holds about 1 MiB.
    private static readonly int MaximumBlocks = Environment.ProcessorCount * 2;

    private readonly Queue<(Task<Digest[]> Leaves, byte[] Rented)> _blocks = [];

    public void Add(RecordBlock block)
    {
        if (_blocks.Count == MaximumBlocks) AppendFirst();
        _blocks.Enqueue((Task.Run(() => LeavesOf(block)), block.Rented));
    }

    /// <summary>Waits for all that were added.</summary>
    public void Finish()
    {
        while (_blocks.Count > 0) AppendFirst();
    }

    private void AppendFirst()
    {
        (Task<Digest[]> leaves, byte[] rented) = _blocks.Dequeue();
        // Waiting for a task that nobody has begun carries it out here.
        tree.Append(leaves.GetAwaiter().GetResult());
        ArrayPool<byte>.Shared.Return(rented);
    }

    private Digest[] LeavesOf(RecordBlock block)
    {
        // Not for tombstones alone, which may be very many in few bytes.
        RecordLeaves? hasher = null;
        int[]? raw = null;
        Digest[] leaves = new Digest[block.Live.Length];
        for (int row = 0, next = 0; row < leaves.Length;)
        {
            RecordId id = new(block.FirstId.Value + (ulong)row);
            if (!block.Live[row])
            {
                leaves[row++] = Leaves.RecordTombstone(id);
                continue;
            }
            hasher ??= new RecordLeaves(dimension);
            if (block.Metadata?[row] is { } metadata)
            {
                raw ??= new int[dimension];
                block.Vectors.CopyRow(next, raw);
                leaves[row++] = hasher.Hash(id, block.Tags[next++], raw, metadata);
                continue;
            }
            // Leaves without metadata have one length: they are hashed side by side.
            int run = 1;
            while (row + run < leaves.Length && block.Live[row + run] && block.Metadata?[row + run] is null) run++;
            hasher.Hash(id, block.Tags.AsSpan(next, run), block.Vectors, next, leaves.AsSpan(row, run));
            row += run;
            next += run;
        }
        return leaves;
    }
}
