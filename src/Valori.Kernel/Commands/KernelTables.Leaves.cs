using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Commands;

/// <summary>The leaves of records.</summary>
internal sealed partial class KernelTables
{
    private readonly RecordLeaves _recordLeaves;

    // Null as long as others have it.
    private MerkleTree? _recordTree;

    /// <summary>Records whose leaf changed while others have the tree, and how often that was.</summary>
    public Queue<RecordId> ChangedElsewhere { get; } = [];

    public ulong ChangesElsewhere { get; private set; }

    /// <summary>
    /// The leaves of the records that have none yet. Side by side, one of 384 components takes 0.8 us in place of 5.2 (AVX2, AMD
    /// Zen 3): so those of single inserts wait for each other, until there is a group of them or the tree is read.
    /// </summary>
    public void HashInserted() => HashInsertedFrom(1);

    /// <summary>Takes the tree from others, whose records are the same; they must not be changed any more. What it keeps of the past from now on, only Views of both need.</summary>
    public void TakeRecordTree(KernelTables others)
    {
        others.HashInserted();
        _recordTree = others.RecordTree;
        PastDigests.GoOnAfter(others.PastDigests);
        _recordTree.KeepIn(PastDigests);
    }

    private void HashInsertedFrom(int least)
    {
        if (_recordTree is not { } tree) return;
        int count = (int)(Records.Count - tree.Count);
        if (count < least) return;
        Digest[] leaves = new Digest[count];
        HashRows(_recordLeaves, new RecordId(tree.Count), leaves);
        tree.Append(leaves);
    }

    private void HashChanged(RecordId id)
    {
        if (_recordTree is not { } tree)
        {
            ChangedElsewhere.Enqueue(id);
            ChangesElsewhere++;
            return;
        }
        Digest[] leaf = new Digest[1];
        HashRows(_recordLeaves, id, leaf);
        tree.Set(id.Value, leaf[0]);
    }

    private void HashRows(RecordLeaves hasher, RecordId firstId, Span<Digest> leaves)
    {
        for (int done = 0; done < leaves.Length;)
        {
            RecordId id = new(firstId.Value + (ulong)done);
            RecordSegment segment = Records.Find(id, out int row);
            int rows = Math.Min(leaves.Length - done, segment.Capacity - row);
            hasher.Hash(id, segment, row, leaves.Slice(done, rows), Version);
            done += rows;
        }
    }
}
