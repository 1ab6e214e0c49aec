using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Commands;
using Valori.Kernel.Merkle;
using Valori.Kernel.Proofs;

namespace Valori.Actors.Protocol;

// Proofs, the timeline, and comparing two engines. Queries like the others: answered from one View, and if that does not
// reach from the journal.

/// <summary>
/// Proves what a state says of a record, node or edge: that it is there with its content, or that a tombstone is. Answered
/// with <see cref="ContentProof"/>.
/// </summary>
public sealed record ProveContent(ContentKind Kind, ulong Id) : Query;

/// <summary>A proof, and the place in the history whose state hash it leads to.</summary>
public sealed record ContentProof(HistoryPlace Place, InclusionProof Proof) : IWireMessage;

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

/// <summary>A page of the timeline.</summary>
/// <param name="Entries">With sequence numbers that follow each other; fewer than asked for at the end of the history.</param>
/// <param name="LastSequenceNr">The end of the history.</param>
public sealed record Timeline(IReadOnlyList<TimelineEntry> Entries, long LastSequenceNr) : IWireMessage
{
    /// <summary>The maximum number of entries in a page.</summary>
    public const int MaximumEntries = 1_000;
}

/// <summary>One event of the journal.</summary>
/// <param name="Changes">What it holds: one, or several that were recorded together.</param>
public sealed record TimelineEntry(
    long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, IReadOnlyList<TimelineChange> Changes);

/// <summary>One thing that happened.</summary>
/// <param name="FirstId">The first id that it created, or the id that it was about; null if it is about none.</param>
/// <param name="Count">How many ids, counting up from the first; of a transaction, how many of the next changes are its parts.</param>
/// <param name="RequestId">What the client named its command, or null.</param>
public sealed record TimelineChange(TimelineKind Kind, ulong? FirstId, int Count, string? RequestId)
{
    /// <summary>For the log's text: which of the things that the kind can do.</summary>
    internal EventManner Manner { get; init; }
}

/// <summary>What can happen. The numbers are those of the journal's events (section 10 of docs/formats.md in Valori's repository).</summary>
/// <remarks>An enumeration cannot be made from the lists of kinds of event. A test compares both.</remarks>
public enum TimelineKind
{
    EngineCreated = 10,
    RecordsInserted = 11,
    RecordDeleted = 12,
    MetadataSet = 13,
    NodeCreated = 14,
    EdgeCreated = 15,
    NodeDeleted = 16,
    EdgeDeleted = 17,

    /// <summary>A part of a restore; changes nothing by itself.</summary>
    SnapshotChunk = 18,

    /// <summary>The snapshot before it became the state.</summary>
    Restored = 19,

    /// <summary>The remembered requests were written down; changes nothing.</summary>
    RequestsKept = 21,

    /// <summary>Records with attributes were created, and may have replaced others.</summary>
    RecordsPut = 22,
    FieldsSet = 23,
    KeyDeleted = 24,

    /// <summary>Records were deleted because they had expired. Their ids need not follow each other.</summary>
    RecordsExpired = 25,

    /// <summary>Records that matched a filter were deleted. Their ids need not follow each other.</summary>
    RecordsDeleted = 26,

    /// <summary>Fields of records that matched a filter were changed. Their ids need not follow each other.</summary>
    RecordsFieldsSet = 27,

    /// <summary>A transaction of so many commands. What they did follows it, one after another.</summary>
    Transacted = 28,

    /// <summary>A node with fields was created.</summary>
    NodePut = 29,

    /// <summary>An edge with fields or a valid time was created.</summary>
    EdgePut = 30,
    NodeFieldsSet = 31,
    EdgeFieldsSet = 32,
    EdgeValidTimeSet = 33,
    ExpirySet = 34,

    /// <summary>A document was put with its chunks, whose records these are.</summary>
    DocumentPut = 35,

    /// <summary>A document was deleted with its chunks. Its node is the id.</summary>
    DocumentDeleted = 36,
}

/// <summary>Digests of a Merkle tree's complete subtrees, for comparing; answered with <see cref="TreeDigests"/>.</summary>
/// <param name="Places">At most <see cref="TreeDigests.MaximumPlaces"/>.</param>
public sealed record GetTreeDigests(ContentKind Kind, IReadOnlyList<TreePlace> Places) : Query
{
    internal override string? MissingProperty => Places is null ? nameof(Places) : null;
}

/// <summary>One digest a place, in order.</summary>
public sealed record TreeDigests(IReadOnlyList<Digest> Digests) : IWireMessage
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

/// <summary>How two engines differ.</summary>
/// <param name="This">The place of the engine that was asked.</param>
/// <param name="Other">The place of the other engine.</param>
/// <param name="Differences">Records, nodes, edges, each by id.</param>
/// <param name="IsComplete">Whether these are all.</param>
/// <param name="DigestsRead">Of both engines together: about 4 log2(n) a difference.</param>
public sealed record Comparison(
    HistoryPlace This, HistoryPlace Other, IReadOnlyList<Difference> Differences, bool IsComplete, long DigestsRead) : IWireMessage
{
    /// <summary>The maximum number of differences in a comparison: what another process says must not fill the memory.</summary>
    public const int MaximumDifferences = 1 << 20;

    internal static Refusal? CheckLimit(int limit) => limit is < 1 or > MaximumDifferences
        ? new Refusal(RefusalKind.InvalidArgument, $"the limit is {limit}; it must be in 1..{MaximumDifferences}")
        : null;
}

/// <summary>One record, node or edge in which two engines differ.</summary>
public sealed record Difference(ContentKind Kind, ulong Id, DifferenceKind How);

/// <summary>How a record, node or edge differs.</summary>
public enum DifferenceKind
{
    /// <summary>Both engines have used the id, and the content differs, or is a tombstone in one of them.</summary>
    Content = 1,

    /// <summary>Only the engine that was asked has used the id.</summary>
    OnlyInThis = 2,

    /// <summary>Only the other engine has used the id.</summary>
    OnlyInOther = 3,
}
