using System.Runtime.InteropServices;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Hashing;

/// <summary>
/// The Merkle tree of RFC 9162 section 2.1.1 over a growing list of leaves (FORMATS section 5), kept level by level:
/// level k holds the digest of every complete subtree of 2^k leaves. The root folds the complete subtrees of the right
/// edge. One leaf costs O(log n), a batch of m leaves one pass of about m compressions.
/// </summary>
internal sealed class MerkleTree
{
    private static readonly HashContext Interior = new("Valori 2026-11-22 v1 merkle interior");

    private readonly List<AppendOnlyList<Digest>> _levels = [new()];
    private Digest _root;
    private bool _isRootCurrent = true;

    public ulong Count => _levels[0].Count;

    /// <summary>32 zero bytes for no leaves, the leaf itself for one.</summary>
    public Digest Root
    {
        get
        {
            if (!_isRootCurrent)
            {
                _root = ComputeRoot();
                _isRootCurrent = true;
            }
            return _root;
        }
    }

    public void Append(ReadOnlySpan<Digest> leaves)
    {
        while (leaves.Length > 0)
        {
            Span<Digest> room = _levels[0].Extend(leaves.Length);
            leaves[..room.Length].CopyTo(room);
            leaves = leaves[room.Length..];
        }
        for (int level = 1; Count >> level > 0; level++)
        {
            if (level == _levels.Count) _levels.Add(new AppendOnlyList<Digest>());
            AppendOnlyList<Digest> below = _levels[level - 1], here = _levels[level];
            for (ulong complete = Count >> level; here.Count < complete;)
            {
                // Two children never stand in two chunks of the list: chunks have even lengths.
                ReadOnlySpan<Digest> children = below.Run(2 * here.Count);
                Combine(children, here.Extend(children.Length / 2));
            }
        }
        _isRootCurrent = false;
    }

    public void Set(ulong index, in Digest leaf)
    {
        _levels[0][index] = leaf;
        for (int level = 1; index >> level < Count >> level; level++)
        {
            ulong position = index >> level;
            AppendOnlyList<Digest> below = _levels[level - 1];
            _levels[level][position] = Combine(below[2 * position], below[2 * position + 1]);
        }
        _isRootCurrent = false;
    }

    private Digest ComputeRoot()
    {
        // The right edge's complete subtrees are the binary digits of the count: fold them from the smallest up.
        Digest root = Digest.Zero;
        bool isEmpty = true;
        for (int level = 0; level < _levels.Count; level++)
        {
            if ((Count >> level & 1) == 0) continue;
            Digest subtree = _levels[level][(Count >> level) - 1];
            root = isEmpty ? subtree : Combine(subtree, root);
            isEmpty = false;
        }
        return root;
    }

    internal static Digest Combine(in Digest left, in Digest right)
    {
        ReadOnlySpan<Digest> both = [left, right];
        return Interior.Hash(MemoryMarshal.AsBytes(both));
    }

    private static void Combine(ReadOnlySpan<Digest> children, Span<Digest> parents) =>
        Interior.HashMany(MemoryMarshal.AsBytes(children), 2 * Digest.SizeBytes, 2 * Digest.SizeBytes, parents);
}
