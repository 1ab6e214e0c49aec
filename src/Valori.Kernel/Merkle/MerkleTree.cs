using System.Runtime.InteropServices;
using Valori.Kernel.Blake3;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Merkle;

/// <summary>
/// The Merkle tree of RFC 9162 section 2.1.1 over a growing list of leaves (FORMATS section 5), kept level by level:
/// level k holds the digest of every complete subtree of 2^k leaves. The root folds the complete subtrees of the right
/// edge. One leaf costs O(log n), a batch of m leaves one pass of about m compressions.
/// </summary>
/// <remarks>
/// One writer. Any number of readers read the tree as it was at a version, through <see cref="MerkleTreeAt"/>: an appended
/// digest never moves, and each overwritten leaf is noted, with its version, before anything above it changes.
/// </remarks>
internal sealed class MerkleTree
{
    private const int MaximumLevels = 64;

    private static readonly HashContext Interior = new("Valori 2026-11-22 v1 merkle interior");

    // Never grown, so that readers need no lock. A level's list is there before a View of its first digest is.
    private readonly AppendOnlyList<Digest>?[] _levels = new AppendOnlyList<Digest>?[MaximumLevels];

    // The position of each level's first digest: 0, but in a tree that goes on from a frontier. Always even, so that two
    // children never stand in two chunks of a list.
    private readonly ulong[] _firstPositions = new ulong[MaximumLevels];

    private readonly AppendOnlyList<Overwrite> _overwrites = new();
    private volatile MerkleTree? _before;
    private ulong _overwriteCount;
    private Digest _root;
    private bool _isRootCurrent;

    public MerkleTree()
        : this(0, new Digest[MaximumLevels])
    {
    }

    /// <summary>Goes on behind leaves that are known by their complete subtrees alone.</summary>
    /// <param name="count">How many leaves there were.</param>
    /// <param name="frontier">What <see cref="Frontier"/> gave for that count.</param>
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

    /// <summary>About what the digests and the notes take: all levels together as much again as the leaves. The writer's own.</summary>
    public long Bytes => 2 * _levels[0]!.Bytes + _overwrites.Bytes + (_before?.Bytes ?? 0);

    /// <summary>32 zero bytes for no leaves, the leaf itself for one.</summary>
    public Digest Root
    {
        get
        {
            if (!_isRootCurrent)
            {
                _root = RootOf(Count);
                _isRootCurrent = true;
            }
            return _root;
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
            while (first + here.Count < complete)
            {
                ReadOnlySpan<Digest> children = below.Run(2 * (first + here.Count) - _firstPositions[level - 1]);
                Combine(children, here.Extend(children.Length / 2));
            }
        }
        _isRootCurrent = false;
    }

    /// <summary>Overwrites a leaf.</summary>
    /// <param name="version">The version that does so: later than that of any View there is.</param>
    public void Set(ulong index, in Digest leaf, ulong version)
    {
        // Noted before anything changes: a reader that sees a changed digest, whole or torn, then finds the note too.
        _overwrites.Append(new Overwrite(version, index));
        Volatile.Write(ref _overwriteCount, _overwrites.Count);
        Interlocked.MemoryBarrier();

        _levels[0]![index] = leaf;
        for (int level = 1; index >> level < Count >> level; level++)
        {
            ulong position = index >> level;
            AppendOnlyList<Digest> below = _levels[level - 1]!;
            _levels[level]![position] = Combine(below[2 * position], below[2 * position + 1]);
        }
        _isRootCurrent = false;
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
    /// The complete subtrees that the first so many leaves fall into, by level, zero where there is none: enough to go on
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

    /// <summary>Leaves overwritten so far. Every one before it can be read with <see cref="OverwriteAt"/>.</summary>
    public ulong OverwriteCount => Volatile.Read(ref _overwriteCount);

    /// <summary>An overwritten leaf; their versions never descend.</summary>
    public Overwrite OverwriteAt(ulong place) => _overwrites[place];

    internal static Digest Combine(in Digest left, in Digest right)
    {
        ReadOnlySpan<Digest> both = [left, right];
        return Interior.Hash(MemoryMarshal.AsBytes(both));
    }

    private static void Combine(ReadOnlySpan<Digest> children, Span<Digest> parents) =>
        Interior.HashMany(MemoryMarshal.AsBytes(children), 2 * Digest.SizeBytes, 2 * Digest.SizeBytes, parents);

    private AppendOnlyList<Digest> Level(int level) => _levels[level] ??= new AppendOnlyList<Digest>();

    /// <summary>A leaf that got another digest.</summary>
    internal readonly record struct Overwrite(ulong Version, ulong Index);
}
