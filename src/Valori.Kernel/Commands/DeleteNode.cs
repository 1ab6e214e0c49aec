using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Deletes a node together with its edges, in and out.</summary>
public sealed record DeleteNode(NodeId Id) : Command, IWireReadable<DeleteNode>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<DeleteNode, NodeDeleted>(16, 6, EventText.Of("node", "deleted"), EventCheck.Never, isBare: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    // How far the edges of a node that has too many are counted, so that the refusal can say how many: some ten milliseconds.
    private const int MostCounted = 1 << 20;

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (tables.CheckNode(Id) is { } refusal) return refusal;
        return tables.DeletableEdges is var most && most < int.MaxValue && tables.CountEdges(Id, most + 1) > most ? TooManyEdges(tables, most) : new NodeDeleted(Id);
    }

    internal override Command MapIds(IdMap map) => new DeleteNode(map.Node(1, "node_id", Id));

    internal override void WriteFields(ref WireWriter writer) => writer.SetUInt64(1, Id.Value);

    static DeleteNode IWireReadable<DeleteNode>.Read(ref WireReader reader) => new(new NodeId(reader.SetUInt64(1)));

    internal override void AddTo(ref DigestMaterial digest) => digest.Add(Id.Value);

    private Refusal TooManyEdges(ITables tables, int most)
    {
        int edges = tables.CountEdges(Id, MostCounted + 1);
        string count = edges > MostCounted ? $"more than {MostCounted}" : $"{edges}", left = most == Limits.MaximumDeletedEdges ? "" : $", of which {most} are left in this transaction";
        return new Refusal(RefusalKind.LimitExceeded,
            $"node {Id} has {count} edges, which would be deleted with it; the limit is {Limits.MaximumDeletedEdges} in one event{left}. Delete edges first: list them with the node's id, "
            + $"and delete up to {Limits.MaximumCommands} in one transaction");
    }
}

/// <summary>The node and every live edge from or to it were deleted.</summary>
public sealed record NodeDeleted(NodeId Id) : Event, IWireReadable<NodeDeleted>
{
    internal override CommandKind CommandKind => DeleteNode.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new DeleteNode(Id);

    internal override void Apply(ITables tables) => tables.DeleteNode(Id);

    internal override void WriteFields(ref WireWriter writer) => writer.UInt64(1, Id.Value);

    static NodeDeleted IWireReadable<NodeDeleted>.Read(ref WireReader reader) => new(new NodeId(reader.UInt64(1)));
}
