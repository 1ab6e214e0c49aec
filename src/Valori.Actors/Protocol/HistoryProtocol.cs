using Valori.Kernel.Merkle;

namespace Valori.Protocol;

// Proofs, the timeline, and comparing two engines. Queries like the others: answered from one View, and if that does not
// reach from the journal.

/// <summary>
/// Proves what a state says of a record, node or edge: that it is there with its content, or that a tombstone is. Answered
/// with <see cref="ContentProof"/>.
/// </summary>
public sealed record ProveContent(ContentKind Kind, ulong Id) : Query;

/// <summary>Proves that the history up to one event extends that up to an earlier one. Answered with <see cref="HistoryExtension"/>.</summary>
/// <param name="From">Sequence number of the earlier event, at least 1.</param>
/// <param name="To">Sequence number of the later event.</param>
public sealed record ProveHistory(long From, long To) : Query;

/// <summary>A proof that a history extends an earlier one.</summary>
public sealed record HistoryExtension(HistoryProof Proof) : IWireMessage;

/// <summary>What happened, in order; answered with <see cref="Timeline"/>.</summary>
/// <param name="From">The first sequence number, at least 1.</param>
/// <param name="Count">The maximum number of entries, 1 to <see cref="Timeline.MaximumEntries"/>.</param>
public sealed record GetTimeline(long From, int Count) : Query;

/// <summary>Digests of a Merkle tree's complete subtrees, for comparing; answered with <see cref="TreeDigests"/>.</summary>
/// <param name="Places">At most <see cref="TreeDigests.MaximumPlaces"/>.</param>
internal sealed record GetTreeDigests(ContentKind Kind, IReadOnlyList<TreePlace> Places) : Query
{
    internal override string? MissingProperty => Places is null ? nameof(Places) : null;
}

/// <summary>One digest a place, in order.</summary>
internal sealed record TreeDigests(IReadOnlyList<Digest> Digests) : IWireMessage
{
    /// <summary>The maximum number of places in a query.</summary>
    public const int MaximumPlaces = 4_096;
}

/// <summary>
/// Finds the records, nodes and edges in which another engine differs from this one, by descending both engines' Merkle trees;
/// answered with <see cref="Comparison"/>. Each engine stays at the state that it has at the start.
/// </summary>
/// <param name="Other">The other engine, also in another process. It must exist: it is found by way of its guardian.</param>
/// <param name="Limit">The maximum number of differences to find, 1 to <see cref="Comparison.MaximumDifferences"/>.</param>
public sealed record CompareWith(EngineAddress Other, int Limit) : Query
{
    internal override string? MissingProperty => Other is null ? nameof(Other)
        : Other.System is null ? $"{nameof(Other)}.{nameof(EngineAddress.System)}"
        : Other.Name is null ? $"{nameof(Other)}.{nameof(EngineAddress.Name)}"
        : null;
}
