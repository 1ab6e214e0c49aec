using System.Text;
using Akka.Actor;

namespace Valori.Protocol;

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

    /// <summary>What is wrong with a text of 1 to 64 visible ASCII characters; null if nothing.</summary>
    internal static string? Fault(string text)
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
