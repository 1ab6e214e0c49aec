using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Creates a directed edge between two live nodes, with fields, a valid time, or both.</summary>
/// <param name="Fields">What filters can see.</param>
/// <param name="Valid">
/// From when until when the edge is valid. At least one of the two is needed: <see cref="CreateEdge"/> creates an edge without them, and
/// <see cref="Of"/> chooses between the commands.
/// </param>
public sealed record PutEdge(NodeId From, NodeId To, EdgeKind Kind, Fields Fields, ValidTime Valid) : Command, IWireReadable<PutEdge>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<PutEdge, EdgePut>(30, 16, EventText.Of("edge", "created"), creates: ContentKind.Edge);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 1);

    internal override long ContentBytes => PackedGraphAttributes.SizeOf(Fields.Canonical.Length, Valid);

    internal override string? MissingProperty => Fields is null ? nameof(Fields) : null;

    /// <summary>The command that creates such an edge: <see cref="CreateEdge"/> if it has neither fields nor a valid time.</summary>
    public static Command Of(NodeId from, NodeId to, EdgeKind kind, Fields fields, ValidTime valid) =>
        fields.IsEmpty && valid.IsAlways ? new CreateEdge(from, to, kind) : new PutEdge(from, to, kind, fields, valid);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Fields.IsEmpty && Valid.IsAlways)
            return new Refusal(RefusalKind.InvalidArgument, "PutEdge needs at least one field or a valid time: use CreateEdge for an edge without them");
        return (Valid.Fault() ?? tables.CheckNode(From) ?? tables.CheckNode(To)) is { } refusal
            ? refusal
            : new EdgePut(new EdgeId(tables.EdgeSlots), From, To, Kind, Fields, Valid);
    }

    internal override Command MapIds(IdMap map) => this with { From = map.Node(1, "from_id", From), To = map.Node(2, "to_id", To) };

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, From.Value);
        writer.UInt64(2, To.Value);
        writer.UInt64(3, Kind.Value);
        writer.Fields(4, Fields);
        writer.ValidTime(5, Valid);
    }

    static PutEdge IWireReadable<PutEdge>.Read(ref WireReader reader) => new(
        new NodeId(reader.UInt64(1)), new NodeId(reader.UInt64(2)), new EdgeKind(reader.Byte(3)), reader.Fields(4), reader.ValidTime(5));

    internal override void AddTo(ref DigestMaterial digest)
    {
        new CreateEdge(From, To, Kind).AddTo(ref digest);
        digest.Add(PackedGraphAttributes.Pack(Fields, Valid));
    }
}

/// <summary>An edge with fields or a valid time was created.</summary>
public sealed record EdgePut(EdgeId Id, NodeId From, NodeId To, EdgeKind Kind, Fields Fields, ValidTime Valid) : Event, IWireReadable<EdgePut>
{
    internal override CommandKind CommandKind => PutEdge.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new PutEdge(From, To, Kind, Fields, Valid);

    internal override void Apply(ITables tables) => tables.AppendEdge(From, To, Kind, PackedGraphAttributes.Pack(Fields, Valid));

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.UInt64(2, From.Value);
        writer.UInt64(3, To.Value);
        writer.UInt64(4, Kind.Value);
        writer.Fields(5, Fields);
        writer.ValidTime(6, Valid);
    }

    static EdgePut IWireReadable<EdgePut>.Read(ref WireReader reader) => new(
        new EdgeId(reader.UInt64(1)), new NodeId(reader.UInt64(2)), new NodeId(reader.UInt64(3)), new EdgeKind(reader.Byte(4)), reader.Fields(5), reader.ValidTime(6));
}
