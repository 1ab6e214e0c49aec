using Valori.Kernel.Memory;
using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel;

/// <summary>What tells one version of a kernel's storage from another.</summary>
internal readonly record struct ViewPoint
{
    private readonly ulong _markAndFlag;

    public required ulong Version { get; init; }

    public required Digest StateHash { get; init; }

    public required ulong RecordSlots { get; init; }

    public required ulong NodeSlots { get; init; }

    public required ulong EdgeSlots { get; init; }

    public required ulong RecordCount { get; init; }

    /// <summary>Live records that have a key, fields or an expiry.</summary>
    public required ulong AttributedCount { get; init; }

    public required ulong NodeCount { get; init; }

    public required ulong EdgeCount { get; init; }

    /// <summary>The mark of the trees: <see cref="Merkle.PastDigests.Mark"/>.</summary>
    public required ulong PastDigests
    {
        get => _markAndFlag >> 1;
        init => _markAndFlag = value << 1 | _markAndFlag & 1;
    }

    /// <summary>Whether any live node or edge has fields or a valid time. Not how many: there is a point for every event, and this takes no room.</summary>
    public required bool HasAttributesInGraph
    {
        get => (_markAndFlag & 1) != 0;
        init => _markAndFlag = _markAndFlag & ~1UL | (value ? 1UL : 0);
    }
}

/// <summary>What all Views of a kernel read: each knows how far.</summary>
/// <param name="Kernel">Stays the same when memory is freed, and is another one of another kernel.</param>
internal sealed record ViewStorage(
    RecordTable Records, GraphTable Graph, MerkleTree RecordTree, MerkleTree NodeTree, MerkleTree EdgeTree, PastDigests PastDigests, AppendOnlyList<ViewPoint> Points,
    object Kernel)
{
    private volatile bool _isLeft;

    /// <summary>Whether the kernel goes on with other tables: the record tree, which those have too, then changes without a trace in these ones.</summary>
    public bool IsLeft => _isLeft;

    /// <summary>To be called before the record tree is changed for other tables.</summary>
    public void Leave() => _isLeft = true;
}
