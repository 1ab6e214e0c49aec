using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Creates a directed edge between two live nodes.</summary>
public sealed record CreateEdge(NodeId From, NodeId To, EdgeKind Kind) : Command, IWireReadable<CreateEdge>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<CreateEdge, EdgeCreated>(15, 5, EventText.Of("edge", "created"), EventCheck.Never, creates: ContentKind.Edge);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 1);

    internal override Outcome<Event> Decide(ITables tables) => (tables.CheckNode(From) ?? tables.CheckNode(To)) is { } refusal
        ? refusal
        : new EdgeCreated(new EdgeId(tables.EdgeSlots), From, To, Kind);

    internal override Command MapIds(IdMap map) => this with { From = map.Node(1, "from_id", From), To = map.Node(2, "to_id", To) };

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, From.Value);
        writer.UInt64(2, To.Value);
        writer.UInt64(3, Kind.Value);
    }

    static CreateEdge IWireReadable<CreateEdge>.Read(ref WireReader reader) =>
        new(new NodeId(reader.UInt64(1)), new NodeId(reader.UInt64(2)), new EdgeKind(reader.Byte(3)));

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(From.Value);
        digest.Add(To.Value);
        digest.Add([Kind.Value]);
    }
}

/// <summary>An edge was created.</summary>
public sealed record EdgeCreated(EdgeId Id, NodeId From, NodeId To, EdgeKind Kind) : Event, IWireReadable<EdgeCreated>
{
    internal override CommandKind CommandKind => CreateEdge.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new CreateEdge(From, To, Kind);

    internal override void Apply(ITables tables) => tables.AppendEdge(From, To, Kind);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.UInt64(2, From.Value);
        writer.UInt64(3, To.Value);
        writer.UInt64(4, Kind.Value);
    }

    static EdgeCreated IWireReadable<EdgeCreated>.Read(ref WireReader reader) =>
        new(new EdgeId(reader.UInt64(1)), new NodeId(reader.UInt64(2)), new NodeId(reader.UInt64(3)), new EdgeKind(reader.Byte(4)));
}
