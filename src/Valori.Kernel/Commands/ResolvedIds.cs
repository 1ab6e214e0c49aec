using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>Puts the ids that earlier commands of a transaction created in the place of references to them.</summary>
/// <param name="before">The state before the transaction.</param>
internal sealed class ResolvedIds(ITables before) : IdMap
{
    private readonly List<Event> _happened = [];
    private readonly List<int> _replaced = [];
    private IReadOnlyList<Reference> _references = [];
    private Refusal? _refusal;

    /// <summary>The next command has happened.</summary>
    public void Add(Event happened) => _happened.Add(happened);

    /// <summary>The command with plain ids.</summary>
    public Outcome<Command> Resolve(TransactionPart part)
    {
        for (int i = 1; i < part.References.Count; i++)
        {
            if (part.References[i].Field is var field && part.References[i - 1].Field is var last && field <= last)
                return Invalid($"the reference of field {field} follows the one of field {last}: they must be in ascending order of their fields, each once");
        }
        (_references, _refusal) = (part.References, null);
        _replaced.Clear();
        Command command = part.Command.MapIds(this);
        if (_refusal is not null) return _refusal;
        return _references.FirstOrDefault(reference => !_replaced.Contains(reference.Field)) is { } wrong
            ? Invalid($"field {wrong.Field} of {command.GetType().Name} is a reference, but it is not an id that can be one: leave the reference out")
            : command;
    }

    protected override ulong Map(ContentKind kind, int field, string name, ulong id)
    {
        if (_refusal is not null) return id;
        if (_references.FirstOrDefault(reference => reference.Field == field) is not { } reference)
        {
            // An id is not known before it is given out, and which ids of an event were references must show.
            if (id >= SlotsOf(kind))
                _refusal = new Refusal(RefusalKind.NotFound, $"{Word(kind)} {id} does not exist before the transaction: if a command of it creates the {Word(kind)}, refer to that command");
            return id;
        }
        _replaced.Add(field);
        _refusal = Check(reference, kind, name, id);
        return _refusal is null ? _happened[reference.Command].Ids.First + (ulong)reference.Position : id;
    }

    private Refusal? Check(Reference reference, ContentKind kind, string name, ulong id)
    {
        if (id != 0) return Invalid($"{name} is {id} and also a reference: leave one of them out");
        if (reference.Command < 0 || reference.Command >= _happened.Count)
            return Invalid($"{name} refers to command {reference.Command}; it can refer to an earlier command only, of which there are {_happened.Count}");
        Event creator = _happened[reference.Command];
        if (creator.CommandKind.Creates != kind)
            return Invalid($"{name} refers to command {reference.Command}, which creates {(creator.CommandKind.Creates is { } other ? $"a {Word(other)}, not a {Word(kind)}" : "nothing")}");
        return reference.Position < 0 || reference.Position >= creator.Ids.Count
            ? Invalid($"{name} refers to {Word(kind)} {reference.Position} of command {reference.Command}, which creates {creator.Ids.Count}, counted from 0")
            : null;
    }

    private ulong SlotsOf(ContentKind kind) => kind switch
    {
        ContentKind.Record => before.RecordSlots,
        ContentKind.Node => before.NodeSlots,
        _ => before.EdgeSlots,
    };

    private static string Word(ContentKind kind) => kind switch
    {
        ContentKind.Record => "record",
        ContentKind.Node => "node",
        _ => "edge",
    };

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}
