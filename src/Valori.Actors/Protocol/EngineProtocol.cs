using System.Text;
using Akka.Actor;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Proofs;

namespace Valori.Actors.Protocol;

// What a client sends to a gateway besides queries: the kernel's commands (InsertRecords, DeleteRecord, ...) as they are,
// and the messages below. Each is answered with Receipt (or the message named), Refusal, or EngineFailure.

/// <summary>
/// What a client names a command by, so that sending it again carries it out once: 1 to 64 characters of ASCII without
/// spaces, such as a UUID.
/// </summary>
public sealed record RequestId
{
    /// <summary>The maximum number of characters in an id.</summary>
    public const int MaximumLength = 64;

    private RequestId(string value) => Value = value;

    public string Value { get; }

    /// <summary>The id of this text, or a refusal that says what is wrong with it.</summary>
    public static Outcome<RequestId> Of(string text) => Fault(text) is { } fault
        ? new Refusal(RefusalKind.InvalidArgument, $"the request id {fault}; it must have 1 to {MaximumLength} visible ASCII characters")
        : new RequestId(text);

    /// <exception cref="ArgumentException">It is not a request id.</exception>
    internal static RequestId Parse(string text) =>
        Of(text).TryGet(out RequestId? id, out Refusal? refusal) ? id : throw new ArgumentException(refusal.Message, nameof(text));

    public override string ToString() => Value;

    private static string? Fault(string text)
    {
        if (text.Length == 0) return "is empty";
        int wrong = text.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (wrong < 0) return text.Length <= MaximumLength ? null : $"'{text}' has {text.Length} characters";
        // Half of a pair of surrogates is not a character, and cannot be written.
        bool isCharacter = Rune.TryGetRuneAt(text, wrong, out Rune character);
        int number = isCharacter ? character.Value : text[wrong];
        string name = number == ' ' ? "a space (U+0020)"
            : isCharacter && !Rune.IsControl(character) ? $"'{character}' (U+{number:X4})"
            : $"U+{number:X4}";
        string visible = string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:X4}" : $"{c}"));
        return $"'{visible}' has {name} as character {wrong + 1}";
    }
}

/// <summary>
/// A command with a name. The first one with that name is carried out. While the engine remembers it
/// (<c>valori.remembered-requests</c>), also after a restart, each further one gets the same <see cref="Receipt"/> and changes
/// nothing. Another command with that name is refused (<see cref="RefusalKind.RequestIdReused"/>). A refusal is not remembered: it
/// left no trace. A restore forgets what it undid.
/// </summary>
public sealed record Request(RequestId Id, Command Command) : IWireMessage;

/// <summary>A command was carried out and is durable.</summary>
/// <param name="SequenceNr">The journal event that holds it; commands that arrived together may share one.</param>
/// <param name="UnixMicroseconds">The time of that event.</param>
/// <param name="StateHash">The state hash after that event.</param>
/// <param name="Chain">The history chain after that event.</param>
/// <param name="HistoryRoot">
/// The root of the tree over all chain values up to that event. Given a receipt, an engine
/// can prove that a later history extends this one. Zero in the receipt of a remembered request from before receipts had one.
/// </param>
/// <param name="FirstId">
/// What it says depends on the command. After one that creates, the first id that it created; after one that is about an id, that id; after
/// <see cref="DeleteWhere"/> and <see cref="SetFieldsWhere"/>, the id from which the next step goes on, or 0 if nothing is left: no id of a
/// record that they deleted or changed.
/// </param>
/// <param name="Count">
/// After a command that creates, how many ids it created, counting up from the first; after <see cref="DeleteWhere"/> and
/// <see cref="SetFieldsWhere"/>, how many records they deleted or changed, wherever these are.
/// </param>
public sealed record Receipt(
    long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain, Digest HistoryRoot, ulong FirstId, int Count) : IWireMessage
{
    /// <summary>With a transaction or a document: the nodes that it created. Its <see cref="FirstId"/> and <see cref="Count"/> are those of records.</summary>
    public IdRange Nodes { get; init; }

    /// <summary>With a transaction or a document: the edges that it created.</summary>
    public IdRange Edges { get; init; }

    /// <summary>
    /// With an upsert: how many records it replaced. With a document: how many records of its chunks went. 0 with a transaction, which does not say it.
    /// </summary>
    public int Replaced { get; init; }

    /// <summary>One of those records, if there are any: the one that the first new record replaced, or with a document the one with the lowest id.</summary>
    public ulong FirstReplaced { get; init; }

    /// <summary>With a document: its node.</summary>
    public NodeId? Document { get; init; }

    /// <summary>The place in the history, for <see cref="ProofVerifier"/>.</summary>
    public HistoryPlace Place => new(SequenceNr, UnixMicroseconds, StateHash, Chain, HistoryRoot);

    /// <summary>
    /// In a line, such as <c>event 17 of 2026-11-27T13:00:00.000000Z, FirstId 3, Count 2</c>. A receipt does not know its command, and so not what
    /// the two are.
    /// </summary>
    public override string ToString() =>
        $"event {SequenceNr} of {Iso8601.Format(UnixMicroseconds)}{(Count == 0 && Nodes.Count + Edges.Count > 0 ? "" : $", {nameof(FirstId)} {FirstId}, {nameof(Count)} {Count}")}"
        + (Nodes.Count > 0 ? Ids("node", Nodes.First, Nodes.Count) : "") + (Edges.Count > 0 ? Ids("edge", Edges.First, Edges.Count) : "")
        + (Replaced > 0 ? $", {Replaced} replaced" : "") + (Document is { } document ? $", document {document}" : "");

    private static string Ids(string what, ulong first, int count) => count > 1 ? $", {what}s {first} to {first + (ulong)count - 1}" : $", {what} {first}";
}

/// <summary>Why the engine could not answer. Unlike a refusal, this says nothing about the request itself.</summary>
public enum EngineFailureKind
{
    /// <summary>The write failed on its way: it may or may not be in the journal. The engine recovers from there.</summary>
    OutcomeUnknown = 1,

    /// <summary>The engine is recovering: nothing was done; try again.</summary>
    Recovering = 2,

    /// <summary>Too much is in flight: nothing was done; try again later.</summary>
    Overloaded = 3,

    /// <summary>The engine cannot prove its state, or is stopping: nothing was done, and trying again does not help.</summary>
    Stopped = 4,

    /// <summary>The snapshot could not be written or read back. No data is lost: what no snapshot has is in the journal.</summary>
    SnapshotFailed = 5,
}

/// <summary>The engine could not answer.</summary>
public sealed record EngineFailure(EngineFailureKind Kind, string Message) : IWireMessage;

/// <summary>Writes a snapshot of the latest durable state; answered with <see cref="SnapshotSaved"/>.</summary>
public sealed record SaveSnapshot : IWireMessage;

/// <summary>A snapshot is durable.</summary>
/// <param name="Path">The file, or for a snapshot store without files a description of the place.</param>
public sealed record SnapshotSaved(string Path, long SequenceNr, Digest StateHash) : IWireMessage;

/// <summary>Begins the upload of snapshot bytes; answered with <see cref="RestoreStarted"/>.</summary>
public sealed record BeginRestore : IWireMessage;

/// <summary>The actor that takes the bytes.</summary>
public sealed record RestoreStarted(IActorRef Upload) : IWireMessage;

/// <summary>The next bytes of the snapshot, in order; answered with <see cref="RestoreChunkTaken"/> before the next may be sent.</summary>
public sealed record RestoreChunk(long Offset, ReadOnlyMemory<byte> Bytes) : IWireMessage;

/// <summary>The bytes up to the offset are there.</summary>
public sealed record RestoreChunkTaken(long NextOffset) : IWireMessage;

/// <summary>All bytes were sent: verify them and make them the state. Answered with <see cref="Receipt"/> or a refusal.</summary>
public sealed record CompleteRestore : IWireMessage;

/// <summary>Abandons the upload; nothing was changed.</summary>
public sealed record AbortRestore : IWireMessage;
