using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Creates a graph node that may stand for a record.</summary>
public sealed record CreateNode(NodeKind Kind, RecordId? Record) : Command, IWireReadable<CreateNode>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<CreateNode, NodeCreated>(14, 4, EventText.Of("node", "created"), EventCheck.Never, creates: ContentKind.Node);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 1);

    internal override Outcome<Event> Decide(ITables tables) => Record is { } record && tables.CheckRecord(record) is { } refusal
        ? refusal
        : new NodeCreated(new NodeId(tables.NodeSlots), Kind, Record);

    internal override Command MapIds(IdMap map) => Record is { } record ? this with { Record = map.Record(2, "record_id", record) } : this;

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Kind.Value);
        if (Record is { } record) writer.SetUInt64(2, record.Value);
    }

    static CreateNode IWireReadable<CreateNode>.Read(ref WireReader reader) =>
        new(new NodeKind(reader.Byte(1)), reader.OptionalUInt64(2) is { } record ? new RecordId(record) : null);

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Record?.Value ?? 0);
        digest.Add([(byte)(Record is null ? 0 : 1), Kind.Value]);
    }
}

/// <summary>A node was created.</summary>
public sealed record NodeCreated(NodeId Id, NodeKind Kind, RecordId? Record) : Event, IWireReadable<NodeCreated>
{
    internal override CommandKind CommandKind => CreateNode.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new CreateNode(Kind, Record);

    internal override void Apply(ITables tables) => tables.AppendNode(Kind, Record);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.UInt64(2, Kind.Value);
        if (Record is { } record) writer.SetUInt64(3, record.Value);
    }

    static NodeCreated IWireReadable<NodeCreated>.Read(ref WireReader reader) =>
        new(new NodeId(reader.UInt64(1)), new NodeKind(reader.Byte(2)), reader.OptionalUInt64(3) is { } record ? new RecordId(record) : null);
}
