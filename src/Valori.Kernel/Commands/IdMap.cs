using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>Puts ids in the place of those that a command has (<see cref="Command.MapIds"/>).</summary>
internal abstract class IdMap
{
    public RecordId Record(int field, string name, RecordId id) => new(Map(ContentKind.Record, field, name, id.Value));

    public NodeId Node(int field, string name, NodeId id) => new(Map(ContentKind.Node, field, name, id.Value));

    public EdgeId Edge(int field, string name, EdgeId id) => new(Map(ContentKind.Edge, field, name, id.Value));

    /// <param name="kind">What it is an id of.</param>
    /// <param name="field">The number of the id's field in the command's protobuf message.</param>
    /// <param name="name">The field as users write it.</param>
    protected abstract ulong Map(ContentKind kind, int field, string name, ulong id);
}
