using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Deletes one edge.</summary>
public sealed record DeleteEdge(EdgeId Id) : Command, IWireReadable<DeleteEdge>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<DeleteEdge, EdgeDeleted>(17, 7, EventText.Of("edge", "deleted"), EventCheck.Never, isBare: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    internal override Outcome<Event> Decide(ITables tables) => tables.CheckEdge(Id) is { } refusal ? refusal : new EdgeDeleted(Id);

    internal override Command MapIds(IdMap map) => new DeleteEdge(map.Edge(1, "edge_id", Id));

    internal override void WriteFields(ref WireWriter writer) => writer.SetUInt64(1, Id.Value);

    static DeleteEdge IWireReadable<DeleteEdge>.Read(ref WireReader reader) => new(new EdgeId(reader.SetUInt64(1)));

    internal override void AddTo(ref DigestMaterial digest) => digest.Add(Id.Value);
}

/// <summary>The edge was deleted.</summary>
public sealed record EdgeDeleted(EdgeId Id) : Event, IWireReadable<EdgeDeleted>
{
    internal override CommandKind CommandKind => DeleteEdge.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new DeleteEdge(Id);

    internal override void Apply(ITables tables) => tables.DeleteEdge(Id);

    internal override void WriteFields(ref WireWriter writer) => writer.UInt64(1, Id.Value);

    static EdgeDeleted IWireReadable<EdgeDeleted>.Read(ref WireReader reader) => new(new EdgeId(reader.UInt64(1)));
}
