using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>
/// Puts references in the place of the ids that a transaction itself created: the commands as they were sent follow from their event.
/// Total for whatever a damaged journal holds. What does not fit is refused when the commands are decided.
/// </summary>
internal sealed class ReferredIds : IdMap
{
    private readonly IReadOnlyList<Event> _happened;

    // Of each kind the first ids that commands created, ascending, with the commands.
    private readonly Dictionary<ContentKind, List<(ulong First, int Command)>> _created = [];
    private List<Reference> _references = [];

    public ReferredIds(IReadOnlyList<Event> happened)
    {
        _happened = happened;
        for (int i = 0; i < happened.Count; i++)
        {
            if (happened[i].CommandKind.Creates is not { } kind || happened[i].Ids.Count == 0) continue;
            if (!_created.TryGetValue(kind, out List<(ulong First, int Command)>? created)) _created[kind] = created = [];
            created.Add((happened[i].Ids.First, i));
        }
    }

    /// <summary>The commands with their references.</summary>
    public IReadOnlyList<TransactionPart> Parts()
    {
        TransactionPart[] parts = new TransactionPart[_happened.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            _references = [];
            Command command = _happened[i].Command.MapIds(this);
            parts[i] = new TransactionPart(command, _references);
        }
        return parts;
    }

    protected override ulong Map(ContentKind kind, int field, string name, ulong id)
    {
        if (!_created.TryGetValue(kind, out List<(ulong First, int Command)>? created)) return id;
        int place = created.BinarySearch((id, int.MaxValue));
        if (place < 0) place = ~place - 1;
        if (place < 0 || id - created[place].First >= (ulong)_happened[created[place].Command].Ids.Count) return id;
        _references.Add(new Reference(field, created[place].Command, (int)(id - created[place].First)));
        return 0;
    }
}
