using System.Numerics;
using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Merkle;

/// <summary>
/// The Merkle tree of RFC 9162 section 2.1.1 over a growing list of leaves (section 5 of docs/formats.md in Valori's repository), kept
/// level by level: level k holds the digest of every complete subtree of 2^k leaves. The root folds the complete subtrees of the right
/// edge. One leaf costs O(log n), a batch of m leaves one pass of about m compressions.
/// </summary>
/// <remarks>
/// One writer. Any number of readers read the tree as it was at a mark, through <see cref="MerkleTreeAt"/>: an appended digest never
/// moves, and before a leaf is overwritten, the digests above it at <see cref="BlockLevel"/> and <see cref="TopLevel"/> are kept. The
/// levels between are computed from those: from at most 128 blocks, and for n leaves from n / 4,096 digests of the top level.
/// </remarks>
internal sealed class MerkleTree
{
    /// <summary>The lower level whose digests are kept when they are overwritten: that of blocks of 32 leaves.</summary>
    public const int BlockLevel = 5;

    /// <summary>The upper one.</summary>
    public const int TopLevel = 12;

    private const int MaximumLevels = 64;

    private static readonly HashContext Interior = new("Valori 2026-11-22 v1 merkle interior");

    // Never grown, so that readers need no lock. A level's list is there before a View of its first digest is.
    private readonly AppendOnlyList<Digest>?[] _levels = new AppendOnlyList<Digest>?[MaximumLevels];

    // The position of each level's first digest: 0, but in a tree that goes on from a frontier. Always even, so that two
    // children never stand in two chunks of a list.
    private readonly ulong[] _firstPositions = new ulong[MaximumLevels];

    // Null if nothing is ever overwritten.
    private PastDigests? _past;
    private readonly AppendOnlyList<PastDigests.Head> _blocks = new(), _tops = new();

    private volatile MerkleTree? _before;

    // Two digests for each level that has a complete subtree at the right edge: that subtree, and the fold of those below it. Above the
    // last level, the root. And how many levels are current: the root after a changed leaf mostly takes one hash of the edge, not one for
    // each binary digit of the count.
    private Digest[] _edge = [];
    private int _edgeLevels;

    /// <param name="past">Takes what is overwritten; without it, nothing may be.</param>
    public MerkleTree(PastDigests? past = null)
        : this(0, new Digest[MaximumLevels]) => _past = past;

    /// <summary>Goes on after leaves that are known only by their complete subtrees.</summary>
    /// <param name="count">How many leaves there were.</param>
    /// <param name="frontier">What <see cref="Frontier"/> returned for that count.</param>
    public MerkleTree(ulong count, ReadOnlySpan<Digest> frontier)
    {
        for (int level = 0; level < MaximumLevels; level++)
        {
            _firstPositions[level] = count >> level & ~1UL;
            if ((count >> level & 1) != 0) Level(level).Append(frontier[level]);
        }
        Level(0);
    }

    public ulong Count => _firstPositions[0] + _levels[0]!.Count;

    /// <summary>About what the digests take: all levels together as much again as the leaves. Writer thread only.</summary>
    public long Bytes => 2 * _levels[0]!.Bytes + _blocks.Bytes + _tops.Bytes + (_before?.Bytes ?? 0);

    /// <summary>32 zero bytes for no leaves, the leaf itself for one.</summary>
    public Digest Root
    {
        get
        {
            ulong count = Count;
            int levels = BitOperations.Log2(count) + 1;
            if (count == 0) return Digest.Zero;
            if (_edge.Length < 2 * (levels + 1)) Array.Resize(ref _edge, 2 * (levels + 1));
            // One for each binary digit of the count, from the lowest one that changed up.
            for (ulong rest = count >> _edgeLevels << _edgeLevels; rest != 0;)
            {
                int level = BitOperations.TrailingZeroCount(rest);
                rest &= rest - 1;
                ref Digest fold = ref _edge[2 * (rest == 0 ? levels : BitOperations.TrailingZeroCount(rest)) + 1];
                Digest subtree = Stored(level, (count >> level) - 1);
                if (level == BitOperations.TrailingZeroCount(count))
                {
                    fold = subtree;
                    continue;
                }
                _edge[2 * level] = subtree;
                Interior.HashPair(_edge.AsSpan(2 * level, 2), ref fold);
            }
            _edgeLevels = levels;
            return _edge[2 * levels + 1];
        }
    }

    public TreeHead Head => new(Count, Root);

    public void Append(ReadOnlySpan<Digest> leaves)
    {
        while (leaves.Length > 0)
        {
            Span<Digest> room = _levels[0]!.Extend(leaves.Length);
            leaves[..room.Length].CopyTo(room);
            leaves = leaves[room.Length..];
        }
        for (int level = 1; Count >> level > 0; level++)
        {
            AppendOnlyList<Digest> below = Level(level - 1), here = Level(level);
            ulong first = _firstPositions[level], complete = Count >> level;
            // No subtree became complete here, so none did above.
            if (first + here.Count == complete) break;
            while (first + here.Count < complete)
            {
                ReadOnlySpan<Digest> children = below.Run(2 * (first + here.Count) - _firstPositions[level - 1]);
                Combine(children, here.Extend(children.Length / 2));
            }
        }
        if (_past is not null)
        {
            while (_blocks.Count < Count >> BlockLevel) _blocks.Append(default);
            while (_tops.Count < Count >> TopLevel) _tops.Append(default);
        }
        _edgeLevels = 0;
    }

    /// <summary>
    /// Overwrites a leaf. Its content has been changed before, visibly to readers: what the digests that are kept do not tell, they read
    /// from the content.
    /// </summary>
    public void Set(ulong index, in Digest leaf)
    {
        // Kept before anything changes: a reader that sees a changed digest, whole or torn, then finds what it was too.
        Keep(_blocks, BlockLevel, index >> BlockLevel);
        Keep(_tops, TopLevel, index >> TopLevel);
        Interlocked.MemoryBarrier();

        _levels[0]![index] = leaf;
        ulong position = index, count = Count;
        int level = 0;
        for (; position >> 1 < count >> 1; level++, position >>= 1, count >>= 1)
            Interior.HashPair(_levels[level]!.Run(position & ~1UL)[..2], ref _levels[level + 1]![position >> 1]);
        // That was a complete subtree of the right edge.
        _edgeLevels = Math.Min(_edgeLevels, level);
    }

    /// <summary>The digest of a complete subtree of 2^level leaves, as it is now.</summary>
    public Digest Stored(int level, ulong position) => position >= _firstPositions[level]
        ? _levels[level]![position - _firstPositions[level]]
        : (_before ?? throw new InvalidOperationException($"digest {position} of level {level} lies before this tree")).Stored(level, position);

    /// <summary>
    /// The tree over the leaves before the frontier that this goes on from; null if it is not known. Set once, and read by any thread.
    /// </summary>
    public MerkleTree? Before
    {
        get => _before;
        set => _before = value;
    }

    /// <summary>
    /// The complete subtrees that the first so many leaves fall into, by level, zero if there is none: enough to go on
    /// from. For trees whose leaves are never overwritten; then for readers of any count there was.
    /// </summary>
    public Digest[] Frontier(ulong count)
    {
        Digest[] frontier = new Digest[MaximumLevels];
        for (int level = 0; level < MaximumLevels; level++)
        {
            if ((count >> level & 1) != 0) frontier[level] = Stored(level, (count >> level) - 1);
        }
        return frontier;
    }

    /// <summary>The root over the first so many leaves. As for <see cref="Frontier"/>.</summary>
    public Digest RootOf(ulong count)
    {
        // The complete subtrees of the right edge are the binary digits of the count: fold them from the smallest up.
        Digest root = Digest.Zero;
        bool isEmpty = true;
        for (int level = 0; count >> level > 0; level++)
        {
            if ((count >> level & 1) == 0) continue;
            Digest subtree = Stored(level, (count >> level) - 1);
            root = isEmpty ? subtree : Combine(subtree, root);
            isEmpty = false;
        }
        return root;
    }

    /// <summary>What is overwritten from now on is kept elsewhere. Writer thread only.</summary>
    public void KeepIn(PastDigests past)
    {
        Invariant.Holds(_past is not null);
        _past = past;
    }

    /// <summary>Whether any of some neighbours, of one of the two levels that are kept, was overwritten since the mark. For any thread.</summary>
    /// <param name="first">Complete at the mark, as the others are.</param>
    public bool IsOverwritten(int level, ulong first, ulong length, ulong mark)
    {
        AppendOnlyList<PastDigests.Head> heads = HeadsOf(level);
        for (ulong position = first; position < first + length; position++)
        {
            if (Volatile.Read(ref heads[position].Newest) > mark) return true;
        }
        return false;
    }

    /// <summary>Replaces those of some neighbours that were overwritten since the mark by what they were. As above.</summary>
    /// <param name="past">What was kept at the mark and since then.</param>
    public void GoBack(int level, ulong first, Span<Digest> digests, PastDigests past, ulong mark)
    {
        AppendOnlyList<PastDigests.Head> heads = HeadsOf(level);
        for (int i = 0; i < digests.Length; i++)
        {
            ulong newest = Volatile.Read(ref heads[first + (ulong)i].Newest);
            if (newest > mark) digests[i] = past.At(mark, newest);
        }
    }

    internal static Digest Combine(in Digest left, in Digest right)
    {
        ReadOnlySpan<Digest> both = [left, right];
        return Interior.Hash(MemoryMarshal.AsBytes(both));
    }

    internal static void Combine(ReadOnlySpan<Digest> children, Span<Digest> parents)
    {
        if (parents.Length == 1) Interior.HashPair(children[..2], ref parents[0]);
        else Interior.HashMany(MemoryMarshal.AsBytes(children), 2 * Digest.SizeBytes, 2 * Digest.SizeBytes, parents);
    }

    private AppendOnlyList<Digest> Level(int level) => _levels[level] ??= new AppendOnlyList<Digest>();

    private AppendOnlyList<PastDigests.Head> HeadsOf(int level) => level == TopLevel ? _tops : _blocks;

    private void Keep(AppendOnlyList<PastDigests.Head> heads, int level, ulong position)
    {
        if (position < Count >> level) _past!.Keep(ref heads[position], Stored(level, position));
    }
}
