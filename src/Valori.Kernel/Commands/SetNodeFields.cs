using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Changes the fields of a node. Kind, record and edges stay.</summary>
/// <param name="Fields">To merge, or to replace with; empty to remove.</param>
/// <param name="Names">To remove; empty otherwise.</param>
public sealed record SetNodeFields(NodeId Id, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Command, IWireReadable<SetNodeFields>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetNodeFields, NodeFieldsSet>(
        31, 17,
        FieldsChange.TextOf("fields of node", "fields of nodes"),
        addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    internal override long ContentBytes => Change.ContentBytes;

    internal override int RemovedNames => Names.Count;

    internal override string? MissingProperty => Change.MissingProperty;

    private GraphFieldsChange Change => new(Id.Value, Mode, Fields, Names);

    /// <summary>Sets these fields and leaves the others.</summary>
    public static SetNodeFields Merge(NodeId id, Fields fields) => new(id, FieldsMode.Merge, fields, []);

    /// <summary>Sets these fields and removes the others.</summary>
    public static SetNodeFields Replace(NodeId id, Fields fields) => new(id, FieldsMode.Replace, fields, []);

    /// <summary>Removes the fields with these names, and those below them.</summary>
    public static SetNodeFields Remove(NodeId id, params IReadOnlyList<string> names) => new(id, FieldsMode.Remove, Fields.Empty, names);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Change.Fault(tables, tables.CheckNode(Id)) is { } wrong) return wrong;
        return Change.Apply(tables.FieldsOf(Id)).TryGet(out _, out Refusal? refusal) ? new NodeFieldsSet(Id, Mode, Fields, Names) : refusal;
    }

    internal override Command MapIds(IdMap map) => this with { Id = map.Node(1, "node_id", Id) };

    internal override void WriteFields(ref WireWriter writer) => Change.Write(ref writer);

    static SetNodeFields IWireReadable<SetNodeFields>.Read(ref WireReader reader)
    {
        GraphFieldsChange change = GraphFieldsChange.Read(ref reader);
        return new SetNodeFields(new NodeId(change.Id), change.Mode, change.Fields, change.Names);
    }

    internal override void AddTo(ref DigestMaterial digest) => Change.AddTo(ref digest);
}

/// <summary>The node's fields were changed.</summary>
public sealed record NodeFieldsSet(NodeId Id, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Event, IWireReadable<NodeFieldsSet>
{
    internal override CommandKind CommandKind => SetNodeFields.ThisKind;

    internal override EventManner Manner => Change.Manner;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new SetNodeFields(Id, Mode, Fields, Names);

    private GraphFieldsChange Change => new(Id.Value, Mode, Fields, Names);

    internal override void Apply(ITables tables) => tables.SetFields(Id, Change.Apply(tables.FieldsOf(Id)).Value!);

    internal override void WriteFields(ref WireWriter writer) => Change.Write(ref writer);

    static NodeFieldsSet IWireReadable<NodeFieldsSet>.Read(ref WireReader reader)
    {
        GraphFieldsChange change = GraphFieldsChange.Read(ref reader);
        return new NodeFieldsSet(new NodeId(change.Id), change.Mode, change.Fields, change.Names);
    }
}
