using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Something that happened to the state. Events are the journal's content: the same events lead to the same state hash on
/// every machine. Their meaning is frozen; new kinds may be added (<see cref="CommandKinds"/>).
/// </summary>
public abstract record Event : IWireFields
{
    private protected Event()
    {
    }

    /// <summary>What all events of this kind have in common.</summary>
    internal abstract CommandKind CommandKind { get; }

    /// <summary>The first id that it created or is about, and how many, counting up from the first.</summary>
    internal abstract (ulong First, int Count) Ids { get; }

    /// <summary>Which of the things that its kind can do it did.</summary>
    internal virtual EventManner Manner => EventManner.Usual;

    /// <summary>The ids of one kind that it created; an empty range at 0 if there are none.</summary>
    internal virtual IdRange Created(ContentKind kind) => CommandKind.Creates == kind && Ids is { Count: > 0 } ids ? new IdRange(ids.First, ids.Count) : default;

    /// <summary>Whether it adds something that takes memory, so that it is refused when memory is full.</summary>
    internal virtual bool AddsContent => CommandKind.AddsContent;

    /// <summary>What its receipt has as first id and count: the ids that it created, or the id that it was about and 0.</summary>
    internal virtual (ulong First, int Count) ReceiptIds => CommandKind.CreatesIds ? Ids : (Ids.First, 0);

    /// <summary>The node of the document that it is about; null of other events.</summary>
    internal virtual NodeId? Document => null;

    /// <summary>Whether its receipt says of each kind which ids it created, and not of one kind.</summary>
    internal virtual bool HasMixedIds => false;

    /// <summary>
    /// The first of the records whose place its records take, or that it deletes with a document, and how many they are. Asked in the state that it
    /// is applied to.
    /// </summary>
    internal virtual (ulong First, int Count) ReplacedBy(KernelTables tables) => default;

    /// <summary>Ids that it lists one by one and that its command does not have: it is larger than its command by eight bytes each at most.</summary>
    internal virtual int ListedIds => 0;

    /// <summary>
    /// About how many bytes it writes besides those that its command brings: fields that change are written as a whole. Known of an event that was
    /// decided here, and 0 of one that was read.
    /// </summary>
    internal virtual long RewrittenBytes => 0;

    /// <summary>
    /// Whether the journal has a check of its bytes, besides the state hash. The state does not prove all of them: not which filter found the
    /// records, not a value that the next change replaced, and not what a change names that changes nothing. The kind says it
    /// (<see cref="CommandKind.Check"/>).
    /// </summary>
    internal bool HasCheck => CommandKind.Check == EventCheck.Always;

    /// <summary>As <see cref="HasCheck"/>, of entries that are written now: some kinds got the check later.</summary>
    /// <param name="isNamed">Whether a request names it. Then bytes that changed would make the same command another one when it is sent again.</param>
    internal bool HasCheckNow(bool isNamed) => CommandKind.Check switch
    {
        EventCheck.Always or EventCheck.WhenWritten => true,
        EventCheck.WhenNamed => isNamed,
        _ => false,
    };

    /// <summary>The command that it follows from. The ids that the engine chose were not in it.</summary>
    internal abstract Command Command { get; }

    /// <summary>Why it cannot be the next one in this state, or null: its command must lead to it.</summary>
    internal virtual string? Contradiction(KernelTables tables)
    {
        if (!Command.Decide(tables).TryGet(out Event? expected, out Refusal? refusal)) return refusal.Message;
        return expected == this ? null : $"expected {expected}, found {this}";
    }

    /// <summary>Changes the state. The event has been checked: it follows from its command in this state.</summary>
    internal abstract void Apply(ITables tables);

    /// <summary>Its fields as protobuf.</summary>
    internal abstract void WriteFields(ref WireWriter writer);

    void IWireFields.WriteFields(ref WireWriter writer) => WriteFields(ref writer);
}
