namespace Valori;

/// <summary>The limits that every implementation of the formats shares. Frozen: they decide which commands are refused.</summary>
public static class Limits
{
    public const int MinimumDimension = 1;
    public const int MaximumDimension = 65_536;
    public const int DefaultDimension = 384;

    /// <summary>Largest metadata of one record, in bytes.</summary>
    public const int MaximumMetadataBytes = 65_536;

    /// <summary>Largest canonical form of one record's fields, in bytes.</summary>
    public const int MaximumFieldsBytes = 65_536;

    /// <summary>The maximum number of fields of one record.</summary>
    public const int MaximumFields = 1_024;

    /// <summary>Longest name of a field, in bytes of UTF-8.</summary>
    public const int MaximumFieldNameBytes = 256;

    /// <summary>The maximum number of segments of a field's name, and so of levels of the JSON object.</summary>
    public const int MaximumFieldDepth = 16;

    internal static Refusal? CheckMetadata(int bytes) => bytes <= MaximumMetadataBytes
        ? null
        : new Refusal(RefusalKind.LimitExceeded, $"metadata is {bytes} bytes; the limit is {MaximumMetadataBytes} (64 KiB)");

    /// <summary>The maximum number of levels of conditions in a filter.</summary>
    public const int MaximumFilterDepth = 32;

    /// <summary>The maximum number of conditions of a filter, each value of a list counted.</summary>
    public const int MaximumFilterTerms = 1_024;

    /// <summary>The maximum number of conditions <c>contains</c> and <c>contains_any</c> of a filter: each looks at every element of an array.</summary>
    public const int MaximumFilterArrayConditions = 64;

    /// <summary>Largest canonical form of a filter in bytes, and largest text in characters.</summary>
    public const int MaximumFilterBytes = 65_536;

    /// <summary>The maximum number of records of an engine, deleted ones included: the rows of the tags' lists have 32 bits.</summary>
    public const ulong MaximumRecords = uint.MaxValue;

    /// <summary>
    /// The maximum number of live nodes that stand for the records that one command replaces: each gets a new leaf, 30 to 70 microseconds
    /// for which everything else waits.
    /// </summary>
    public const int MaximumMovedNodes = 4_096;

    /// <summary>The maximum number of records that one event deletes or changes because they expire or a filter finds them: some milliseconds, for which everything else waits.</summary>
    public const int MaximumChangedRecords = 1_000;

    /// <summary>
    /// The maximum number of live edges that one command deletes with nodes, 2 to 3 microseconds each, for which everything else waits. Events in a
    /// journal may have deleted more, as before there was the limit.
    /// </summary>
    public const int MaximumDeletedEdges = 65_536;

    /// <summary>The maximum number of commands of one transaction: everything else waits while they are carried out.</summary>
    public const int MaximumCommands = 16_384;

    /// <summary>The maximum number of chunks of one document, as of a transaction's commands.</summary>
    public const int MaximumChunks = 16_384;

    /// <summary>
    /// What one transaction may read and write of fields that are there already, as they were and as they become, in bytes of their canonical form:
    /// a few bytes that are merged into a record write all of its fields again. A name that is removed counts <see cref="RemovedNameBytes"/>.
    /// </summary>
    public const long MaximumChangedFieldBytes = 1 << 26;

    /// <summary>What a name of a field that a transaction removes counts.</summary>
    internal const int RemovedNameBytes = 64;

    /// <summary>The maximum number of hits that one search may ask for, over all of its queries: they are 512 MiB.</summary>
    public const int MaximumHits = 1 << 24;

    /// <summary>The maximum number of records of one page of a list, of records that are asked for one by one, and of values of a field in one answer.</summary>
    public const int MaximumListed = 1_000;

    /// <summary>The maximum number of values of a field that are counted for one answer, about 100 bytes each.</summary>
    public const int MaximumDistinct = 1 << 20;

    /// <summary>
    /// What the parts of the records of one search or one page may take, each counted <see cref="RecordBytes"/> bytes more: 64 MiB. A search
    /// over it is refused, and a page ends before it.
    /// </summary>
    internal const long MaximumAnswerBytes = 1 << 26;

    /// <summary>What a record of an answer takes besides its parts.</summary>
    internal const int RecordBytes = 64;

    /// <summary>The maximum number of nodes, or of edges, that one answer about the graph may hold.</summary>
    public const int MaximumGraphAnswer = 1 << 20;

    internal static Refusal? CheckListed(int limit) => limit is >= 1 and <= MaximumListed
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"limit is {limit}; it must be in 1..{MaximumListed}");

    /// <summary>The maximum number of nodes of a subgraph.</summary>
    public const int MaximumSubgraphNodes = 10_000;

    /// <summary>The maximum number of edges of a subgraph.</summary>
    public const int MaximumSubgraphEdges = 100_000;

    /// <summary>
    /// Exclusive bound of a vector's squared raw norm. With both norms below 2^61, (|a| + |b|)^2 stays below 2^63, so
    /// every squared distance is exact in a signed 64-bit integer, whatever the dimension.
    /// </summary>
    public const long SquaredNormLimit = 1L << 61;

    /// <summary>
    /// Largest magnitude of a raw component that is stored in 16 bits. -32,768 would fit too, but two products of it
    /// overflow the 32-bit pair sum of the vector units' multiply-add.
    /// </summary>
    public const int NarrowMagnitude = 32_767;
}
