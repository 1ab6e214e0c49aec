using System.Numerics;

namespace Valori.Kernel.Merkle;

/// <summary>
/// A Merkle tree as it was at a mark, read while its writer goes on. A digest below which nothing was overwritten since then is read;
/// any other is computed from those next below it that the tree kept, or from its leaves: at most 32 leaves, 128 blocks and n / 4,096
/// digests of the upper level for a path in a tree of n leaves, however much was overwritten and however often.
/// </summary>
/// <param name="tree">The tree as it is now.</param>
/// <param name="count">Leaves at the mark.</param>
/// <param name="past">What was overwritten; null if nothing ever is.</param>
/// <param name="mark">What was kept until then. Whatever came later had not happened.</param>
/// <param name="changedLeaf">The leaf of an index as it was at the mark, from its content, if that was changed since; otherwise null.</param>
internal sealed class MerkleTreeAt(MerkleTree tree, ulong count, PastDigests? past, ulong mark, Func<ulong, Digest?>? changedLeaf)
{
    private const int LargestStep = MerkleTree.TopLevel - MerkleTree.BlockLevel;

    /// <summary>A tree whose leaves are never overwritten, with fewer leaves.</summary>
    public MerkleTreeAt(MerkleTree tree, ulong count)
        : this(tree, count, past: null, mark: 0, changedLeaf: null)
    {
    }

    /// <summary>The root over all leaves.</summary>
    public Digest Root() => count == 0 ? Digest.Zero : RightEdge(64);

    /// <summary>The inclusion path of RFC 9162 section 2.1.3.1, from the leaf's sibling upwards.</summary>
    public Digest[] Path(ulong index)
    {
        List<Digest> path = [];
        AddPath(path, 0, index);
        return [.. path];
    }

    /// <summary>
    /// The consistency proof of RFC 9162 section 2.1.4.1 between the first so many leaves and all: empty if they are all.
    /// </summary>
    /// <param name="earlier">At least 1, at most all leaves.</param>
    public Digest[] Consistency(ulong earlier)
    {
        if (earlier == count) return [];
        // The path from the last complete subtree on the right edge of the earlier tree. The subtree itself stands in front,
        // unless it is the whole earlier tree: then the verifier has it, as the root.
        int edge = BitOperations.TrailingZeroCount(earlier);
        List<Digest> proof = [];
        if (!BitOperations.IsPow2(earlier)) proof.Add(Node(edge, (earlier >> edge) - 1));
        AddPath(proof, edge, (earlier >> edge) - 1);
        return [.. proof];
    }

    /// <summary>The digest of a complete subtree of 2^level leaves.</summary>
    public Digest Node(int level, ulong position)
    {
        Digest stored = tree.Stored(level, position);
        if (changedLeaf is null) return stored;
        // What was overwritten before it was read can be seen from here on; then the digest read counts for nothing.
        Interlocked.MemoryBarrier();
        return IsOverwritten(level, position) ? Computed(level, position) : stored;
    }

    /// <summary>Adds the siblings of a subtree and of those above it, up to the root.</summary>
    private void AddPath(List<Digest> path, int level, ulong position)
    {
        for (; count - 1 >> level > 0; level++, position >>= 1)
        {
            ulong sibling = position ^ 1;
            if (sibling < count >> level) path.Add(Node(level, sibling));
            // After the last complete subtree: what is left of it, or nothing, and then the subtree itself moves up.
            else if (sibling == count >> level && (count & (1UL << level) - 1) != 0) path.Add(RightEdge(level));
        }
    }

    /// <summary>Whether anything below was overwritten; true also if only the leaves can tell.</summary>
    private bool IsOverwritten(int level, ulong position)
    {
        if (level >= MerkleTree.BlockLevel)
        {
            int kept = KeptBelow(level);
            return tree.IsOverwritten(kept, position << (level - kept), 1UL << (level - kept), mark);
        }
        ulong block = position >> (MerkleTree.BlockLevel - level);
        // A block that became complete later has kept nothing of the time before.
        return block >= count >> MerkleTree.BlockLevel || tree.IsOverwritten(MerkleTree.BlockLevel, block, 1, mark);
    }

    private Digest Computed(int level, ulong position)
    {
        int kept = KeptBelow(level), step = level - kept;
        if (step > LargestStep) return MerkleTree.Combine(Node(level - 1, 2 * position), Node(level - 1, 2 * position + 1));

        Span<Digest> digests = stackalloc Digest[1 << LargestStep], parents = stackalloc Digest[1 << (LargestStep - 1)];
        digests = digests[..(1 << step)];
        Read(kept, position << step, digests);
        for (; digests.Length > 1; digests = digests[..(digests.Length / 2)])
        {
            MerkleTree.Combine(digests, parents[..(digests.Length / 2)]);
            parents[..(digests.Length / 2)].CopyTo(digests);
        }
        return digests[0];
    }

    /// <summary>Reads neighbours of a level that is kept, or leaves, as they were.</summary>
    private void Read(int level, ulong first, Span<Digest> digests)
    {
        for (int i = 0; i < digests.Length; i++) digests[i] = tree.Stored(level, first + (ulong)i);
        // As in Node: what is torn or too new is found by the second look, and replaced.
        Interlocked.MemoryBarrier();
        if (level > 0)
        {
            tree.GoBack(level, first, digests, past!, mark);
            return;
        }
        for (int i = 0; i < digests.Length; i++) digests[i] = changedLeaf!(first + (ulong)i) ?? digests[i];
    }

    /// <summary>The highest level up to this one from which it can be computed: one that is kept, or that of the leaves.</summary>
    private static int KeptBelow(int level) =>
        level >= MerkleTree.TopLevel ? MerkleTree.TopLevel : level >= MerkleTree.BlockLevel ? MerkleTree.BlockLevel : 0;

    /// <summary>The digest over the last leaves, those after the last complete subtree of 2^level leaves.</summary>
    private Digest RightEdge(int level)
    {
        Digest digest = default;
        bool isEmpty = true;
        for (int below = 0; below < level && count >> below > 0; below++)
        {
            if ((count >> below & 1) == 0) continue;
            Digest subtree = Node(below, (count >> below) - 1);
            digest = isEmpty ? subtree : MerkleTree.Combine(subtree, digest);
            isEmpty = false;
        }
        return digest;
    }
}
