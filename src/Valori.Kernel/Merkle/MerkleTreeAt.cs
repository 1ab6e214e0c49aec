using System.Numerics;
using Valori.Kernel.Blake3;

namespace Valori.Kernel.Merkle;

/// <summary>
/// A Merkle tree as it was at a version, read while its writer goes on. A digest with nothing overwritten below it since then
/// is read; any other is computed from the leaves of that version. So d overwritten leaves cost O(d log n) hashes, and none
/// cost none. For one thread.
/// </summary>
/// <param name="tree">The tree as it is now.</param>
/// <param name="count">Leaves at the version.</param>
/// <param name="version">What is stamped later than this had not happened.</param>
/// <param name="leafAt">The leaf of an index at the version, from its content.</param>
internal sealed class MerkleTreeAt(MerkleTree tree, ulong count, ulong version, Func<ulong, Digest> leafAt)
{
    // Indexes that were overwritten later, ascending, and how many of the tree's notes they are from.
    private readonly List<ulong> _overwritten = [];
    private ulong _notesRead;

    /// <summary>The root over all leaves of the version.</summary>
    public Digest Root() => count == 0 ? Digest.Zero : RightEdge(64);

    /// <summary>The inclusion path of RFC 9162 section 2.1.3.1, from the leaf's sibling upwards.</summary>
    public Digest[] Path(ulong index)
    {
        List<Digest> path = [];
        AddPath(path, 0, index);
        return [.. path];
    }

    /// <summary>
    /// The consistency proof of RFC 9162 section 2.1.4.1 between the first so many leaves and all: empty where they are all.
    /// </summary>
    /// <param name="earlier">At least 1, at most all leaves.</param>
    public Digest[] Consistency(ulong earlier)
    {
        if (earlier == count) return [];
        // The path from the last complete subtree on the right edge of the earlier tree. The subtree itself stands in front,
        // but where it is the whole earlier tree: then the verifier has it, as the root.
        int edge = BitOperations.TrailingZeroCount(earlier);
        List<Digest> proof = [];
        if (!BitOperations.IsPow2(earlier)) proof.Add(Node(edge, (earlier >> edge) - 1));
        AddPath(proof, edge, (earlier >> edge) - 1);
        return [.. proof];
    }

    /// <summary>The digest of a complete subtree of 2^level leaves.</summary>
    public Digest Node(int level, ulong position)
    {
        ReadNotes();
        return NodeWithNotesRead(level, position);
    }

    /// <summary>Adds the siblings of a subtree and of those above it, up to the root.</summary>
    private void AddPath(List<Digest> path, int level, ulong position)
    {
        for (; count - 1 >> level > 0; level++, position >>= 1)
        {
            ulong sibling = position ^ 1;
            if (sibling < count >> level) path.Add(Node(level, sibling));
            // Behind the last complete subtree: what is left of it, or nothing, and then the subtree itself moves up.
            else if (sibling == count >> level && (count & (1UL << level) - 1) != 0) path.Add(RightEdge(level));
        }
    }

    private Digest NodeWithNotesRead(int level, ulong position)
    {
        if (!IsOverwritten(level, position))
        {
            Digest stored = tree.Stored(level, position);
            // What was overwritten before it was read has been noted before; then the digest read counts for nothing.
            Interlocked.MemoryBarrier();
            ReadNotes();
            if (!IsOverwritten(level, position)) return stored;
        }
        return level == 0
            ? leafAt(position)
            : MerkleTree.Combine(NodeWithNotesRead(level - 1, 2 * position), NodeWithNotesRead(level - 1, 2 * position + 1));
    }

    /// <summary>The digest over the last leaves, those behind the last complete subtree of 2^level leaves.</summary>
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

    private bool IsOverwritten(int level, ulong position)
    {
        int place = _overwritten.BinarySearch(position << level);
        if (place >= 0) return true;
        return ~place < _overwritten.Count && _overwritten[~place] >> level == position;
    }

    private void ReadNotes()
    {
        ulong notes = tree.OverwriteCount;
        if (notes == _notesRead) return;
        bool isFirst = _notesRead == 0;
        for (ulong place = notes; place > _notesRead; place--)
        {
            MerkleTree.Overwrite overwrite = tree.OverwriteAt(place - 1);
            // Versions ascend: everything before this one had happened already.
            if (overwrite.Version <= version) break;
            if (overwrite.Index >= count) continue;
            if (isFirst) _overwritten.Add(overwrite.Index);
            else if (_overwritten.BinarySearch(overwrite.Index) is < 0 and var next) _overwritten.Insert(~next, overwrite.Index);
        }
        // The first look finds all of them, the others the few that came while this was at work.
        if (isFirst) _overwritten.Sort();
        _notesRead = notes;
    }
}
