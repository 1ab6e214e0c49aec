using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors;

public sealed partial class ValoriEngine
{
    /// <summary>Creates a graph node, standing for a record if one is given.</summary>
    /// <returns>The node's id, with the receipt.</returns>
    public async Task<Created<NodeId>> CreateNodeAsync(NodeKind kind, RecordId? record = null, CancellationToken cancellationToken = default)
    {
        Receipt receipt = await SendAsync(new CreateNode(kind, record), cancellationToken).ConfigureAwait(false);
        return new Created<NodeId>(new NodeId(receipt.FirstId), receipt);
    }

    /// <summary>Creates a directed edge.</summary>
    /// <returns>The edge's id, with the receipt.</returns>
    public async Task<Created<EdgeId>> CreateEdgeAsync(NodeId from, NodeId to, EdgeKind kind, CancellationToken cancellationToken = default)
    {
        Receipt receipt = await SendAsync(new CreateEdge(from, to, kind), cancellationToken).ConfigureAwait(false);
        return new Created<EdgeId>(new EdgeId(receipt.FirstId), receipt);
    }

    /// <summary>Deletes a node with its edges, in and out.</summary>
    public Task<Receipt> DeleteNodeAsync(NodeId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteNode(id), cancellationToken);

    /// <summary>Deletes an edge.</summary>
    public Task<Receipt> DeleteEdgeAsync(EdgeId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteEdge(id), cancellationToken);

    /// <summary>A node with its kind and record.</summary>
    public Task<NodeContent> GetNodeAsync(NodeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<NodeContent>(new GetNode(id) { AsOf = asOf }, cancellationToken);

    /// <summary>An edge with its ends and kind.</summary>
    public Task<EdgeContent> GetEdgeAsync(EdgeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<EdgeContent>(new GetEdge(id) { AsOf = asOf }, cancellationToken);

    /// <summary>The live edges of a node, out and in, each in edge id order.</summary>
    public Task<NodeEdges> GetEdgesAsync(NodeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<NodeEdges>(new GetNodeEdges(id) { AsOf = asOf }, cancellationToken);

    /// <summary>The nodes within <paramref name="depth"/> outgoing edges: breadth first, siblings by edge id, the start included.</summary>
    public async Task<IReadOnlyList<NodeId>> ExpandAsync(NodeId start, int depth, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await AskAsync<NodeList>(new Expand(start, depth) { AsOf = asOf }, cancellationToken).ConfigureAwait(false)).Nodes;
}
