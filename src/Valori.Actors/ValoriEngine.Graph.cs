using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    /// <summary>Creates a graph node, standing for a record if one is given.</summary>
    /// <param name="fields">What filters can see (<see cref="FieldsBuilder"/>); none if null.</param>
    /// <returns>The node's id, with the receipt.</returns>
    public async Task<Created<NodeId>> CreateNodeAsync(NodeKind kind, RecordId? record = null, Fields? fields = null, CancellationToken cancellationToken = default)
    {
        Receipt receipt = await SendAsync(PutNode.Of(kind, record, fields ?? Fields.Empty), cancellationToken).ConfigureAwait(false);
        return new Created<NodeId>(new NodeId(receipt.FirstId), receipt);
    }

    /// <summary>Creates a directed edge.</summary>
    /// <param name="fields">What filters can see; none if null.</param>
    /// <param name="valid">When the fact holds that the edge states (<see cref="ValidTime.Of"/>); always unless it is given.</param>
    /// <returns>The edge's id, with the receipt.</returns>
    public async Task<Created<EdgeId>> CreateEdgeAsync(
        NodeId from, NodeId to, EdgeKind kind, Fields? fields = null, ValidTime valid = default, CancellationToken cancellationToken = default)
    {
        Receipt receipt = await SendAsync(PutEdge.Of(from, to, kind, fields ?? Fields.Empty, valid), cancellationToken).ConfigureAwait(false);
        return new Created<EdgeId>(new EdgeId(receipt.FirstId), receipt);
    }

    /// <summary>Changes the fields of a node; the rest stays.</summary>
    /// <param name="mode"><see cref="FieldsMode.Merge"/> leaves the other fields, <see cref="FieldsMode.Replace"/> removes them.</param>
    public Task<Receipt> SetNodeFieldsAsync(NodeId id, Fields fields, FieldsMode mode = FieldsMode.Merge, CancellationToken cancellationToken = default) =>
        SendAsync(new SetNodeFields(id, mode, fields, []), cancellationToken);

    /// <summary>Removes the fields of a node with these names, and those below them.</summary>
    public Task<Receipt> RemoveNodeFieldsAsync(NodeId id, IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        SendAsync(SetNodeFields.Remove(id, names), cancellationToken);

    /// <summary>Changes the fields of an edge; the rest stays.</summary>
    /// <param name="mode"><see cref="FieldsMode.Merge"/> leaves the other fields, <see cref="FieldsMode.Replace"/> removes them.</param>
    public Task<Receipt> SetEdgeFieldsAsync(EdgeId id, Fields fields, FieldsMode mode = FieldsMode.Merge, CancellationToken cancellationToken = default) =>
        SendAsync(new SetEdgeFields(id, mode, fields, []), cancellationToken);

    /// <summary>Removes the fields of an edge with these names, and those below them.</summary>
    public Task<Receipt> RemoveEdgeFieldsAsync(EdgeId id, IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        SendAsync(SetEdgeFields.Remove(id, names), cancellationToken);

    /// <summary>Changes when the fact holds that an edge states, as when it has ended. What is neither set nor cleared stays.</summary>
    /// <param name="set">The ends that get a time (<see cref="ValidTime.Of"/>).</param>
    /// <param name="clear">The ends that get none.</param>
    public Task<Receipt> SetEdgeValidTimeAsync(EdgeId id, ValidTime set, ValidTimeEnds clear = ValidTimeEnds.None, CancellationToken cancellationToken = default) =>
        SendAsync(new SetEdgeValidTime(id, set, clear), cancellationToken);

    /// <summary>Deletes a node with its edges, in and out.</summary>
    public Task<Receipt> DeleteNodeAsync(NodeId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteNode(id), cancellationToken);

    /// <summary>Deletes an edge.</summary>
    public Task<Receipt> DeleteEdgeAsync(EdgeId id, CancellationToken cancellationToken = default) =>
        SendAsync(new DeleteEdge(id), cancellationToken);

    /// <summary>A node with its kind, record and fields.</summary>
    public Task<NodeContent> GetNodeAsync(NodeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<NodeContent>(new GetNode(id) { AsOf = asOf }, cancellationToken);

    /// <summary>The node of the document with this key, with its kind and fields.</summary>
    /// <exception cref="RefusedException">No document has the key.</exception>
    public Task<NodeContent> GetNodeAsync(RecordKey key, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<NodeContent>(new GetNode(key) { AsOf = asOf }, cancellationToken);

    /// <summary>An edge with its ends, kind, fields and valid time.</summary>
    public Task<EdgeContent> GetEdgeAsync(EdgeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<EdgeContent>(new GetEdge(id) { AsOf = asOf }, cancellationToken);

    /// <summary>The live edges of a node, out and in, each in edge id order.</summary>
    public Task<NodeEdges> GetEdgesAsync(NodeId id, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<NodeEdges>(new GetNodeEdges(id) { AsOf = asOf }, cancellationToken);

    /// <summary>The nodes within <paramref name="depth"/> outgoing edges: breadth first, siblings by edge id, the start included.</summary>
    public async Task<IReadOnlyList<NodeId>> ExpandAsync(NodeId start, int depth, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        await ExpandAsync(start, depth, Traversal.Outgoing, asOf, cancellationToken).ConfigureAwait(false);

    /// <summary>The nodes within <paramref name="depth"/> edges, with the edges and nodes that match a traversal.</summary>
    public async Task<IReadOnlyList<NodeId>> ExpandAsync(
        NodeId start, int depth, Traversal traversal, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        (await AskAsync<NodeList>(new Expand(start, depth) { Traversal = traversal, AsOf = asOf }, cancellationToken).ConfigureAwait(false)).Nodes;

    /// <summary>The nodes around some nodes, and the edges between them, all of one state.</summary>
    public Task<Subgraph> SubgraphAsync(SubgraphQuery query, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<Subgraph>(new GetSubgraph(query.Starts, query.Depth) { Traversal = query.Traversal, Limit = query.Limit, AsOf = asOf }, cancellationToken);

    /// <summary>
    /// A search, the nodes that stand for the records of its hits and those around them, and the edges between them, all of one state.
    /// </summary>
    /// <param name="query">With one vector (<see cref="QueryOf(ReadOnlyMemory{float}, int, double?, double?)"/>).</param>
    /// <param name="depth">How many edges away from the hits a node may be, at least 0.</param>
    /// <param name="traversal">Which edges and nodes belong to it; <see cref="Traversal.Around"/> if null.</param>
    /// <param name="limit">The maximum number of nodes, 1 to 10,000.</param>
    public Task<SubgraphHits> SearchSubgraphAsync(
        SearchQuery query, int depth = 1, Traversal? traversal = null, int limit = 1_000, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<SubgraphHits>(new SearchSubgraph(query, depth) { Traversal = traversal ?? Traversal.Around, Limit = limit, AsOf = asOf }, cancellationToken);

    /// <summary>The live nodes that match a filter, by id and a page at a time.</summary>
    /// <param name="filter">On their fields and their id; <see cref="Filter.All"/> for all.</param>
    /// <param name="kinds">Only nodes of these kinds; of any if null.</param>
    /// <param name="record">Only nodes that stand for this record.</param>
    /// <param name="limit">Nodes of the page, 1 to 1,000.</param>
    /// <param name="cursor">Of the page before; null for the first one. Without <paramref name="asOf"/>, each page is of the latest state.</param>
    public Task<NodePage> ListNodesAsync(
        Filter filter, IReadOnlyList<NodeKind>? kinds = null, RecordId? record = null, int limit = 100, string? cursor = null, AsOf? asOf = null,
        CancellationToken cancellationToken = default) =>
        AskAsync<NodePage>(new ListNodes(filter, limit, cursor) { Kinds = kinds ?? [], Record = record, AsOf = asOf }, cancellationToken);

    /// <summary>The live edges that match a filter, of all nodes or of one, by id and a page at a time.</summary>
    /// <param name="query">Its <see cref="EdgeListQuery.Scope"/> is not used.</param>
    public Task<EdgePage> ListEdgesAsync(EdgeListQuery query, AsOf? asOf = null, CancellationToken cancellationToken = default) =>
        AskAsync<EdgePage>(new ListEdges(query.Filter, query.Limit, query.Cursor)
        {
            Kinds = query.Kinds,
            Node = query.Node,
            Direction = query.Direction,
            ValidAtUnixMicroseconds = query.ValidAtUnixMicroseconds,
            AsOf = asOf,
        }, cancellationToken);
}
