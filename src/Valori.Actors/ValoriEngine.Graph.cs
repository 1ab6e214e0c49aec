using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Vectors;

namespace Valori.Actors;

public sealed partial class ValoriEngine
{
    /// <summary>Creates a graph node, standing for a record where one is given.</summary>
    public async Task<NodeId> CreateNodeAsync(NodeKind kind, RecordId? record = null, CancellationToken cancellationToken = default) =>
        new((await SendAsync(new CreateNode(kind, record), cancellationToken).ConfigureAwait(false)).FirstId);

    /// <summary>Creates a directed edge.</summary>
    public async Task<EdgeId> CreateEdgeAsync(NodeId from, NodeId to, EdgeKind kind, CancellationToken cancellationToken = default) =>
        new((await SendAsync(new CreateEdge(from, to, kind), cancellationToken).ConfigureAwait(false)).FirstId);

    /// <summary>Deletes a node with its edges, in and out.</summary>
    public Task DeleteNodeAsync(NodeId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteNode(id), cancellationToken);

    /// <summary>Deletes an edge.</summary>
    public Task DeleteEdgeAsync(EdgeId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteEdge(id), cancellationToken);

    /// <summary>A node with its kind and record.</summary>
    public Task<NodeContent> GetNodeAsync(NodeId id, CancellationToken cancellationToken = default) =>
        AskAsync<NodeContent>(new GetNode(id), cancellationToken);

    /// <summary>An edge with its ends and kind.</summary>
    public Task<EdgeContent> GetEdgeAsync(EdgeId id, CancellationToken cancellationToken = default) =>
        AskAsync<EdgeContent>(new GetEdge(id), cancellationToken);

    /// <summary>The live edges of a node, out and in, each in edge id order.</summary>
    public Task<NodeEdges> GetEdgesAsync(NodeId id, CancellationToken cancellationToken = default) =>
        AskAsync<NodeEdges>(new GetNodeEdges(id), cancellationToken);

    /// <summary>The nodes within <paramref name="depth"/> outgoing edges: breadth first, siblings by edge id, the start included.</summary>
    public async Task<IReadOnlyList<NodeId>> ExpandAsync(NodeId start, int depth, CancellationToken cancellationToken = default) =>
        (await AskAsync<NodeList>(new Expand(start, depth), cancellationToken).ConfigureAwait(false)).Nodes;

    /// <summary>
    /// A search, and for each hit the nodes that stand for it and those within <paramref name="depth"/> of them, all of
    /// one version.
    /// </summary>
    public async Task<IReadOnlyList<ExpandedHit>> SearchExpandAsync(
        ReadOnlyMemory<float> vector, int k, int depth, ulong? filterTag = null, CancellationToken cancellationToken = default)
    {
        VectorBlock query = Accept(VectorBlock.FromVector(Dimension, vector.Span));
        return (await AskAsync<ExpandedHits>(new SearchExpand(query, k, filterTag, depth), cancellationToken).ConfigureAwait(false)).Hits;
    }
}
