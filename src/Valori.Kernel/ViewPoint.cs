using Valori.Kernel.Blake3;
using Valori.Kernel.Memory;
using Valori.Kernel.Merkle;
using Valori.Kernel.Storage;

namespace Valori.Kernel;

/// <summary>What tells one version of a kernel's storage from another.</summary>
internal readonly record struct ViewPoint
{
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
    public required uint PastDigests { get; init; }

    /// <summary>Whether any live node or edge has fields or a valid time. Not how many: there is a point for every event, and this takes no room.</summary>
    public required bool HasAttributesInGraph { get; init; }
}

/// <summary>What all Views of a kernel read: each knows how far.</summary>
internal sealed record ViewStorage(
    RecordTable Records, GraphTable Graph, MerkleTree RecordTree, MerkleTree NodeTree, MerkleTree EdgeTree, AppendOnlyList<ViewPoint> Points);
