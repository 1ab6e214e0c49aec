using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori;

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
    /// <summary>Who asked for it (<see cref="ValoriEngine.WithAuthor"/>), or null. The parts of a transaction have its author.</summary>
    public string? Author { get; init; }

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
