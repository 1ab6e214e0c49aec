using Valori.Kernel.Hashing;
using Valori.Kernel.Storage;
using Valori.Kernel.Vectors;

namespace Valori.Kernel;

public sealed partial class ValoriKernel
{
    /// <summary>
    /// Applies an event: the only mutation there is. Total for every event that <see cref="Decide"/> gave for the present
    /// state. Costs about two hashes for one change, one pass for a batch.
    /// </summary>
    /// <exception cref="ArgumentException">The event cannot follow the present state; nothing was changed. Only a journal
    /// that was tampered with holds such an event.</exception>
    public void Apply(Event happened)
    {
        if (Contradiction(happened) is { } reason) throw new ArgumentException(reason, nameof(happened));
        _version++;
        switch (happened)
        {
            case RecordsInserted(var firstId, var vectors, var tags): ApplyInsert(firstId, vectors, tags); break;
            case RecordDeleted(var id): ApplyDelete(id); break;
            case MetadataSet(var id, var metadata): ApplyMetadata(id, metadata.ToArray()); break;
            case NodeCreated(var id, var kind, var record): ApplyNode(id, kind, record); break;
            case EdgeCreated(var id, var from, var to, var kind): ApplyEdge(id, from, to, kind); break;
            case NodeDeleted(var id): ApplyNodeDeletion(id); break;
            case EdgeDeleted(var id): ApplyEdgeDeletion(id); break;
            default: throw new InvalidOperationException($"no way to apply {happened.GetType().Name}");
        }
        _stateHash = null;
        Invariant.Holds(_recordTree.Count == _records.Count && _liveRecords <= _records.Count);
        Invariant.Holds(_nodeTree.Count == _graph.Nodes.Count && _liveNodes <= _graph.Nodes.Count);
        Invariant.Holds(_edgeTree.Count == _graph.Edges.Count && _liveEdges <= _graph.Edges.Count);
    }

    /// <summary>Why the event cannot be the next one, or null. The checks of Decide, seen from the event's side.</summary>
    private string? Contradiction(Event happened)
    {
        Command? command = happened switch
        {
            RecordsInserted(_, var vectors, var tags) => new InsertRecords(vectors, tags),
            RecordDeleted(var id) => new DeleteRecord(id),
            MetadataSet(var id, var metadata) => new SetMetadata(id, metadata),
            NodeCreated(_, var kind, var record) => new CreateNode(kind, record),
            EdgeCreated(_, var from, var to, var kind) => new CreateEdge(from, to, kind),
            NodeDeleted(var id) => new DeleteNode(id),
            EdgeDeleted(var id) => new DeleteEdge(id),
            _ => null,
        };
        if (command is null) return $"unknown event {happened.GetType().Name}";
        if (!Decide(command).TryGet(out Event? expected, out Refusal? refusal)) return refusal.Message;
        return expected == happened ? null : $"expected {expected}, found {happened}";
    }

    private void ApplyInsert(RecordId firstId, VectorBlock vectors, ReadOnlyMemory<ulong> tags)
    {
        BatchLeaves? others = vectors.Count >= BatchLeaves.LeastRecords ? BatchLeaves.Begin(firstId, tags, vectors) : null;
        _records.Append(vectors, 0, tags.Span);
        _liveRecords += (ulong)vectors.Count;
        _recordTree.Append(others is not null ? others.Finish() : LeavesOf(firstId, vectors, tags.Span));
    }

    private Digest[] LeavesOf(RecordId firstId, VectorBlock vectors, ReadOnlySpan<ulong> tags)
    {
        Digest[] leaves = new Digest[vectors.Count];
        _recordLeaves.Hash(firstId, tags, vectors, 0, leaves);
        return leaves;
    }

    private void ApplyDelete(RecordId id)
    {
        _records.Find(id, out int row).Delete(row, _version);
        _liveRecords--;
        _recordTree.Set(id.Value, Leaves.RecordTombstone(id), _version);
    }

    private void ApplyMetadata(RecordId id, byte[] metadata)
    {
        RecordSegment segment = _records.Find(id, out int row);
        segment.SetMetadata(row, metadata, _version);
        segment.Vectors!.CopyRow(row, Dimension, _rawRow);
        _recordTree.Set(id.Value, _recordLeaves.Hash(id, segment.Tags[row], _rawRow, metadata), _version);
    }

    private void ApplyNode(NodeId id, NodeKind kind, RecordId? record)
    {
        ulong previous = record is { } recordId ? _records.Find(recordId, out int row).LinkNode(row, id) : 0;
        _graph.AppendNode(kind, record, previous);
        _liveNodes++;
        _nodeTree.Append([Leaves.Node(id, kind, record)]);
    }

    private void ApplyEdge(EdgeId id, NodeId from, NodeId to, EdgeKind kind)
    {
        _graph.AppendEdge(from, to, kind);
        _liveEdges++;
        _edgeTree.Append([Leaves.Edge(id, from, to, kind)]);
    }

    private void ApplyNodeDeletion(NodeId id)
    {
        GraphTable.NodeRow node = _graph.Nodes[id.Value];
        for (ulong link = node.FirstOut; link != 0; link = _graph.Edges[link - 1].NextOut) DeleteEdgeIfLive(new EdgeId(link - 1));
        for (ulong link = node.FirstIn; link != 0; link = _graph.Edges[link - 1].NextIn) DeleteEdgeIfLive(new EdgeId(link - 1));
        _graph.DeleteNode(id, _version);
        _liveNodes--;
        _nodeTree.Set(id.Value, Leaves.NodeTombstone(id), _version);
    }

    private void DeleteEdgeIfLive(EdgeId id)
    {
        if (_graph.Edges[id.Value].DeletedAt == 0) ApplyEdgeDeletion(id);
    }

    private void ApplyEdgeDeletion(EdgeId id)
    {
        _graph.DeleteEdge(id, _version);
        _liveEdges--;
        _edgeTree.Set(id.Value, Leaves.EdgeTombstone(id), _version);
    }
}
