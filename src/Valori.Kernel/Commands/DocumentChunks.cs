using Valori.Kernel.Storage;

namespace Valori.Kernel.Commands;

/// <summary>
/// The chunks of a document: the live nodes of the kind <see cref="NodeKind.Chunk"/> that live edges of the kind <see cref="EdgeKind.ParentOf"/>
/// lead to from its node, in the order of the edges, and the records that they stand for.
/// </summary>
internal static class DocumentChunks
{
    /// <param name="after">An edge of the node, after which its chunks begin, plus one; 0 for the first edge.</param>
    public static List<NodeId> NodesOf(KernelTables tables, NodeId document, ulong after)
    {
        GraphTable graph = tables.Graph;
        List<NodeId> chunks = [];
        HashSet<NodeId> seen = [document];
        for (ulong link = after == 0 ? graph.Nodes[document.Value].FirstOut : graph.Edges[after - 1].NextOut; link != 0; link = graph.Edges[link - 1].NextOut)
        {
            ref GraphTable.EdgeRow edge = ref graph.Edges[link - 1];
            if (edge.DeletedAt != 0 || edge.Kind != EdgeKind.ParentOf.Value) continue;
            if (graph.Nodes[edge.To] is { DeletedAt: 0 } node && node.Kind == NodeKind.Chunk.Value && seen.Add(new NodeId(edge.To))) chunks.Add(new NodeId(edge.To));
        }
        return chunks;
    }

    /// <summary>The live records that nodes stand for, each once.</summary>
    public static HashSet<RecordId> RecordsOf(KernelTables tables, IEnumerable<NodeId> nodes)
    {
        HashSet<RecordId> records = [];
        foreach (NodeId node in nodes)
        {
            if (tables.RecordOf(node) is { } record && tables.CheckRecord(record) is null) records.Add(record);
        }
        return records;
    }

    /// <summary>Why so many edges cannot be deleted with nodes in one event, or null.</summary>
    public static Refusal? CheckEdges(KernelTables tables, IEnumerable<NodeId> nodes, string document)
    {
        int most = tables.DeletableEdges, left = most;
        // While an event of a journal is applied, there is no limit.
        if (most == int.MaxValue) return null;
        HashSet<NodeId> counted = [];
        foreach (NodeId node in nodes)
        {
            left -= tables.CountEdges(node, left + 1, counted);
            counted.Add(node);
            if (left < 0)
                return new Refusal(RefusalKind.LimitExceeded, $"{document} and its chunks have more than {most} edges, "
                    + $"which would be deleted in one event: delete edges first, up to {Limits.MaximumCommands} in one transaction");
        }
        return null;
    }
}
