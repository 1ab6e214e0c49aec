namespace Valori.Testing;

/// <summary>Which ids a command has and with which fields of messages.proto, written by hand beside what the kernel says.</summary>
public static class CommandIds
{
    /// <summary>The command with other ids.</summary>
    /// <param name="map">The id that stands in the place of one, by its field, what it is an id of, and the id.</param>
    public static Command Map(Command command, Func<int, ContentKind, ulong, ulong> map)
    {
        return command switch
        {
            CreateNode { Record: { } id } node => node with { Record = Record(2, id) },
            PutNode { Record: { } id } node => node with { Record = Record(2, id) },
            SetMetadata set => set with { Id = Record(1, set.Id) },
            SetFields { Record.Id: { } id } set => set with { Record = Record(1, id) },
            SetExpiry { Record.Id: { } id } set => set with { Record = Record(1, id) },
            DeleteRecord(var id) => new DeleteRecord(Record(1, id)),
            CreateEdge edge => edge with { From = Node(1, edge.From), To = Node(2, edge.To) },
            PutEdge edge => edge with { From = Node(1, edge.From), To = Node(2, edge.To) },
            SetNodeFields set => set with { Id = Node(1, set.Id) },
            DeleteNode(var id) => new DeleteNode(Node(1, id)),
            SetEdgeFields set => set with { Id = Edge(1, set.Id) },
            SetEdgeValidTime set => set with { Id = Edge(1, set.Id) },
            DeleteEdge(var id) => new DeleteEdge(Edge(1, id)),
            _ => command,
        };

        RecordId Record(int field, RecordId id) => new(map(field, ContentKind.Record, id.Value));
        NodeId Node(int field, NodeId id) => new(map(field, ContentKind.Node, id.Value));
        EdgeId Edge(int field, EdgeId id) => new(map(field, ContentKind.Edge, id.Value));
    }
}
