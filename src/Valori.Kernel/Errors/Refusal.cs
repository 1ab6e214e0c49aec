namespace Valori;

/// <summary>Why a command or a query was refused; the message names the value and what to do about it.</summary>
public enum RefusalKind
{
    /// <summary>A vector, tag list, k, depth or dimension that is not allowed.</summary>
    InvalidArgument = 1,

    /// <summary>A record, node or edge that never existed or was deleted.</summary>
    NotFound = 2,

    /// <summary>Well-formed, but larger than a limit that the message names.</summary>
    LimitExceeded = 3,

    /// <summary>It contradicts the state: another dimension, a restore that is already running.</summary>
    Conflict = 4,

    /// <summary>Snapshot bytes that are damaged, truncated, or of something else.</summary>
    InvalidSnapshot = 5,

    /// <summary>A proof that is damaged, of something else, or does not hold.</summary>
    InvalidProof = 6,

    /// <summary>A past state, or a part of the history, that the engine cannot go back to any more.</summary>
    OutOfReach = 7,

    /// <summary>A request id that was already used for another command.</summary>
    RequestIdReused = 8,
}

/// <summary>A refused command or query. It left no trace: no id was used, nothing was written, the state hash stays.</summary>
public sealed record Refusal(RefusalKind Kind, string Message)
{
    internal static Refusal Record(ulong id, bool deleted) => Missing("record", id, deleted);

    internal static Refusal Key(string shown) => new(RefusalKind.NotFound, $"no record has the key {shown}");

    internal static Refusal NoRecordNamed { get; } = new(RefusalKind.InvalidArgument, "neither the record's id nor its key is given: name the record by one of them");

    internal static Refusal DocumentKey(string shown) => new(RefusalKind.NotFound, $"no document has the key {shown}");

    internal static Refusal NoNodeNamed { get; } = new(RefusalKind.InvalidArgument, "neither the node's id nor its key is given: name the document by one of them");

    internal static Refusal Node(ulong id, bool deleted) => Missing("node", id, deleted);

    internal static Refusal Edge(ulong id, bool deleted) => Missing("edge", id, deleted);

    private static Refusal Missing(string what, ulong id, bool deleted) =>
        new(RefusalKind.NotFound, deleted ? $"{what} {id} was deleted" : $"{what} {id} does not exist");
}
