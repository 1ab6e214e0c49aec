using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Creates a graph node with fields, which may stand for a record.</summary>
/// <param name="Fields">At least one: <see cref="CreateNode"/> creates a node without fields, and <see cref="Of"/> chooses between the commands.</param>
public sealed record PutNode(NodeKind Kind, RecordId? Record, Fields Fields) : Command, IWireReadable<PutNode>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<PutNode, NodePut>(29, 15, EventText.Of("node", "created"), creates: ContentKind.Node);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 1);

    internal override long ContentBytes => Fields.Canonical.Length;

    internal override string? MissingProperty => Fields is null ? nameof(Fields) : null;

    /// <summary>The command that creates such a node: <see cref="CreateNode"/> if it has no fields.</summary>
    public static Command Of(NodeKind kind, RecordId? record, Fields fields) => fields.IsEmpty ? new CreateNode(kind, record) : new PutNode(kind, record, fields);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Fields.IsEmpty) return new Refusal(RefusalKind.InvalidArgument, "PutNode needs at least one field: use CreateNode for a node without fields");
        return (Record is { } record ? tables.CheckRecord(record) : null) is { } refusal ? refusal : new NodePut(new NodeId(tables.NodeSlots), Kind, Record, Fields);
    }

    internal override Command MapIds(IdMap map) => Record is { } record ? this with { Record = map.Record(2, "record_id", record) } : this;

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Kind.Value);
        if (Record is { } record) writer.SetUInt64(2, record.Value);
        writer.Fields(3, Fields);
    }

    static PutNode IWireReadable<PutNode>.Read(ref WireReader reader) =>
        new(new NodeKind(reader.Byte(1)), reader.OptionalUInt64(2) is { } record ? new RecordId(record) : null, reader.Fields(3));

    internal override void AddTo(ref DigestMaterial digest)
    {
        new CreateNode(Kind, Record).AddTo(ref digest);
        digest.Add(PackedGraphAttributes.Pack(Fields, default));
    }
}

/// <summary>A node with fields was created.</summary>
public sealed record NodePut(NodeId Id, NodeKind Kind, RecordId? Record, Fields Fields) : Event, IWireReadable<NodePut>
{
    internal override CommandKind CommandKind => PutNode.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new PutNode(Kind, Record, Fields);

    internal override void Apply(ITables tables) => tables.AppendNode(Kind, Record, PackedGraphAttributes.Pack(Fields, default));

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.UInt64(2, Kind.Value);
        if (Record is { } record) writer.SetUInt64(3, record.Value);
        writer.Fields(4, Fields);
    }

    static NodePut IWireReadable<NodePut>.Read(ref WireReader reader) => new(
        new NodeId(reader.UInt64(1)), new NodeKind(reader.Byte(2)), reader.OptionalUInt64(3) is { } record ? new RecordId(record) : null, reader.Fields(4));
}
