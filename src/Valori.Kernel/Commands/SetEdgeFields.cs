using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Changes the fields of an edge. Ends, kind and valid time stay.</summary>
/// <param name="Fields">To merge, or to replace with; empty to remove.</param>
/// <param name="Names">To remove; empty otherwise.</param>
public sealed record SetEdgeFields(EdgeId Id, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Command, IWireReadable<SetEdgeFields>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetEdgeFields, EdgeFieldsSet>(
        32, 18,
        FieldsChange.TextOf("fields of edge", "fields of edges"),
        addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    internal override long ContentBytes => Change.ContentBytes;

    internal override int RemovedNames => Names.Count;

    internal override string? MissingProperty => Change.MissingProperty;

    private GraphFieldsChange Change => new(Id.Value, Mode, Fields, Names);

    /// <summary>Sets these fields and leaves the others.</summary>
    public static SetEdgeFields Merge(EdgeId id, Fields fields) => new(id, FieldsMode.Merge, fields, []);

    /// <summary>Sets these fields and removes the others.</summary>
    public static SetEdgeFields Replace(EdgeId id, Fields fields) => new(id, FieldsMode.Replace, fields, []);

    /// <summary>Removes the fields with these names, and those below them.</summary>
    public static SetEdgeFields Remove(EdgeId id, params IReadOnlyList<string> names) => new(id, FieldsMode.Remove, Fields.Empty, names);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Change.Fault(tables, tables.CheckEdge(Id)) is { } wrong) return wrong;
        return Change.Apply(tables.FieldsOf(Id)).TryGet(out _, out Refusal? refusal) ? new EdgeFieldsSet(Id, Mode, Fields, Names) : refusal;
    }

    internal override Command MapIds(IdMap map) => this with { Id = map.Edge(1, "edge_id", Id) };

    internal override void WriteFields(ref WireWriter writer) => Change.Write(ref writer);

    static SetEdgeFields IWireReadable<SetEdgeFields>.Read(ref WireReader reader)
    {
        GraphFieldsChange change = GraphFieldsChange.Read(ref reader);
        return new SetEdgeFields(new EdgeId(change.Id), change.Mode, change.Fields, change.Names);
    }

    internal override void AddTo(ref DigestMaterial digest) => Change.AddTo(ref digest);
}

/// <summary>The edge's fields were changed.</summary>
public sealed record EdgeFieldsSet(EdgeId Id, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Event, IWireReadable<EdgeFieldsSet>
{
    internal override CommandKind CommandKind => SetEdgeFields.ThisKind;

    internal override EventManner Manner => Change.Manner;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new SetEdgeFields(Id, Mode, Fields, Names);

    private GraphFieldsChange Change => new(Id.Value, Mode, Fields, Names);

    internal override void Apply(ITables tables) => tables.SetFields(Id, Change.Apply(tables.FieldsOf(Id)).Value!);

    internal override void WriteFields(ref WireWriter writer) => Change.Write(ref writer);

    static EdgeFieldsSet IWireReadable<EdgeFieldsSet>.Read(ref WireReader reader)
    {
        GraphFieldsChange change = GraphFieldsChange.Read(ref reader);
        return new EdgeFieldsSet(new EdgeId(change.Id), change.Mode, change.Fields, change.Names);
    }
}
