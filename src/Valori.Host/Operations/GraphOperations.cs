using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Host.Operations;

/// <param name="RecordId">The record that the node stands for.</param>
internal sealed record CreateNodeRequest(byte Kind, ulong? RecordId = null);

internal sealed record GetNodeRequest(ulong NodeId, AsOf? AsOf = null);

internal sealed record DeleteNodeRequest(ulong NodeId);

internal sealed record ExpandRequest(ulong NodeId, int Depth, AsOf? AsOf = null);

internal sealed record CreateEdgeRequest(ulong FromId, ulong ToId, byte Kind);

internal sealed record GetEdgeRequest(ulong EdgeId, AsOf? AsOf = null);

internal sealed record DeleteEdgeRequest(ulong EdgeId);

/// <summary>A node.</summary>
/// <param name="RecordId">The record that it stands for, or null.</param>
internal sealed record NodeAnswer(ulong Id, byte Kind, ulong? RecordId)
{
    public static NodeAnswer Of(NodeContent node) => new(node.Id.Value, node.Kind.Value, node.Record?.Value);
}

/// <summary>An edge.</summary>
internal sealed record EdgeAnswer(ulong Id, ulong FromId, ulong ToId, byte Kind)
{
    public static EdgeAnswer Of(EdgeContent edge) => new(edge.Id.Value, edge.From.Value, edge.To.Value, edge.Kind.Value);
}

/// <summary>The edges of a node, each by id.</summary>
internal sealed record EdgesAnswer(IEnumerable<EdgeAnswer> Outgoing, IEnumerable<EdgeAnswer> Incoming)
{
    public static EdgesAnswer Of(NodeEdges edges) => new(edges.Outgoing.Select(EdgeAnswer.Of), edges.Incoming.Select(EdgeAnswer.Of));
}

/// <summary>Nodes, breadth first.</summary>
internal sealed record NodesAnswer(IEnumerable<ulong> Nodes);

/// <summary>Nodes and edges.</summary>
internal static class GraphOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<CreateNodeRequest, CreatedAnswer>(OperationKind.Write, "create_node", "POST /nodes",
            "Creates a node, which may stand for a record.",
            async (on, request, stop) => CreatedAnswer.Of((await on.Engine.CreateNodeAsync(
                new NodeKind(request.Kind), request.RecordId is { } record ? new RecordId(record) : null, stop)).Receipt)),
        new Operation<GetNodeRequest, NodeAnswer>(OperationKind.Read, "get_node", "GET /nodes/{node_id}",
            "Returns a node with its kind and record.",
            async (on, request, stop) => NodeAnswer.Of(await on.Engine.GetNodeAsync(new NodeId(request.NodeId), request.AsOf, stop))),
        new Operation<DeleteNodeRequest, DoneAnswer>(OperationKind.Write, "delete_node", "DELETE /nodes/{node_id}",
            "Deletes a node with its edges, in and out.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.DeleteNodeAsync(new NodeId(request.NodeId), stop))),
        new Operation<GetNodeRequest, EdgesAnswer>(OperationKind.Read, "get_edges", "GET /nodes/{node_id}/edges",
            "Returns the edges of a node, out and in.",
            async (on, request, stop) => EdgesAnswer.Of(await on.Engine.GetEdgesAsync(new NodeId(request.NodeId), request.AsOf, stop))),
        new Operation<ExpandRequest, NodesAnswer>(OperationKind.Read, "expand", "GET /nodes/{node_id}/expand",
            "Returns a node and those within a number of outgoing edges, breadth first.",
            async (on, request, stop) => new NodesAnswer(
                (await on.Engine.ExpandAsync(new NodeId(request.NodeId), request.Depth, request.AsOf, stop)).Select(node => node.Value))),
        new Operation<CreateEdgeRequest, CreatedAnswer>(OperationKind.Write, "create_edge", "POST /edges",
            "Creates an edge from one node to another.",
            async (on, request, stop) => CreatedAnswer.Of((await on.Engine.CreateEdgeAsync(
                new NodeId(request.FromId), new NodeId(request.ToId), new EdgeKind(request.Kind), stop)).Receipt)),
        new Operation<GetEdgeRequest, EdgeAnswer>(OperationKind.Read, "get_edge", "GET /edges/{edge_id}",
            "Returns an edge with its ends and kind.",
            async (on, request, stop) => EdgeAnswer.Of(await on.Engine.GetEdgeAsync(new EdgeId(request.EdgeId), request.AsOf, stop))),
        new Operation<DeleteEdgeRequest, DoneAnswer>(OperationKind.Write, "delete_edge", "DELETE /edges/{edge_id}",
            "Deletes an edge.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.DeleteEdgeAsync(new EdgeId(request.EdgeId), stop))),
    ];
}
