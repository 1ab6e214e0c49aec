using Valori.Kernel.Storage;

namespace Valori.Kernel;

public sealed partial class ValoriKernel
{
    /// <summary>
    /// Checks a command against the present state and gives the event that it leads to, or a refusal. Changes nothing; the
    /// event is valid for the present state only, so it must be applied before the next command is decided.
    /// </summary>
    public Outcome<Event> Decide(Command command)
    {
        switch (command)
        {
            case InsertRecords insert: return DecideInsert(insert);
            case DeleteRecord(var id): return CheckRecord(id) is { } refusal ? refusal : new RecordDeleted(id);
            case SetMetadata(var id, var metadata):
                if ((CheckRecord(id) ?? CheckMetadata(metadata)) is { } refused) return refused;
                return new MetadataSet(id, metadata);
            case CreateNode(var kind, var record):
                if (record is { } recordId && CheckRecord(recordId) is { } missing) return missing;
                return new NodeCreated(new NodeId(_graph.Nodes.Count), kind, record);
            case CreateEdge(var from, var to, var kind):
                if ((CheckNode(from) ?? CheckNode(to)) is { } unconnected) return unconnected;
                return new EdgeCreated(new EdgeId(_graph.Edges.Count), from, to, kind);
            case DeleteNode(var id): return CheckNode(id) is { } noNode ? noNode : new NodeDeleted(id);
            case DeleteEdge(var id): return CheckEdge(id) is { } noEdge ? noEdge : new EdgeDeleted(id);
            default: throw new ArgumentException($"unknown command {command.GetType().Name}", nameof(command));
        }
    }

    private Outcome<Event> DecideInsert(InsertRecords insert)
    {
        if (insert.Vectors.Dimension != Dimension)
            return new Refusal(RefusalKind.InvalidArgument, $"expected {Dimension} components, got {insert.Vectors.Dimension}");
        if (insert.Tags.Length != insert.Vectors.Count)
            return new Refusal(RefusalKind.InvalidArgument, $"expected one tag per vector: {insert.Vectors.Count} vectors, {insert.Tags.Length} tags");
        if (_records.Count + (ulong)insert.Vectors.Count > Limits.MaximumRecords)
        {
            return new Refusal(RefusalKind.LimitExceeded,
                $"{insert.Vectors.Count} records more than {_records.Count} are over the limit of a collection, {Limits.MaximumRecords}: put them into another one");
        }
        return new RecordsInserted(new RecordId(_records.Count), insert.Vectors, insert.Tags);
    }

    private static Refusal? CheckMetadata(ReadOnlyMemory<byte> metadata) => metadata.Length <= Limits.MaximumMetadataBytes
        ? null
        : new Refusal(RefusalKind.LimitExceeded, $"metadata is {metadata.Length} bytes; the limit is {Limits.MaximumMetadataBytes} (64 KiB)");

    private Refusal? CheckRecord(RecordId id)
    {
        if (id.Value >= _records.Count) return Refusal.Record(id, deleted: false);
        RecordSegment segment = _records.Find(id, out int row);
        return segment.IsLive(row, _version) ? null : Refusal.Record(id, deleted: true);
    }

    private Refusal? CheckNode(NodeId id)
    {
        if (id.Value >= _graph.Nodes.Count) return Refusal.Node(id, deleted: false);
        return _graph.Nodes[id.Value].DeletedAt == 0 ? null : Refusal.Node(id, deleted: true);
    }

    private Refusal? CheckEdge(EdgeId id)
    {
        if (id.Value >= _graph.Edges.Count) return Refusal.Edge(id, deleted: false);
        return _graph.Edges[id.Value].DeletedAt == 0 ? null : Refusal.Edge(id, deleted: true);
    }
}
