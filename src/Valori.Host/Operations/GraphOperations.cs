using System.Text.Json.Serialization;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Protocol;

namespace Valori.Host.Operations;

/// <param name="RecordId">The record that the node stands for.</param>
/// <param name="Fields">What filters can see.</param>
internal sealed record CreateNodeRequest(byte Kind, ulong? RecordId = null, Fields? Fields = null);

internal sealed record GetNodeRequest(ulong NodeId, AsOf? AsOf = null);

internal sealed record GetNodeByKeyRequest(RecordKey Key, AsOf? AsOf = null);

/// <param name="Fields">To set.</param>
/// <param name="Replace">Whether the fields that are not named are removed.</param>
internal sealed record SetNodeFieldsRequest(ulong NodeId, Fields Fields, bool Replace = false);

/// <param name="Names">Of the fields to remove, with those below them.</param>
internal sealed record RemoveNodeFieldsRequest(ulong NodeId, string[] Names);

internal sealed record DeleteNodeRequest(ulong NodeId);

/// <param name="Direction">Which edges of a node are followed.</param>
/// <param name="EdgeKinds">Only edges of these kinds.</param>
/// <param name="EdgeFilter">Only edges that match it.</param>
/// <param name="ValidAt">Only edges that are valid at this time.</param>
/// <param name="NodeKinds">Only nodes of these kinds.</param>
/// <param name="NodeFilter">Only nodes that match it.</param>
internal sealed record ExpandRequest(
    ulong NodeId, int Depth, EdgeDirection Direction = EdgeDirection.Out, IReadOnlyList<byte>? EdgeKinds = null, Filter? EdgeFilter = null,
    DateTimeOffset? ValidAt = null, IReadOnlyList<byte>? NodeKinds = null, Filter? NodeFilter = null, AsOf? AsOf = null);

/// <param name="NodeIds">Where to start.</param>
/// <param name="Direction">This and what follows: as in an <see cref="ExpandRequest"/>.</param>
/// <param name="Limit">The maximum number of nodes.</param>
internal sealed record SubgraphRequest(
    ulong[] NodeIds, int Depth = 1, EdgeDirection Direction = EdgeDirection.Both, IReadOnlyList<byte>? EdgeKinds = null, Filter? EdgeFilter = null,
    DateTimeOffset? ValidAt = null, IReadOnlyList<byte>? NodeKinds = null, Filter? NodeFilter = null, int Limit = 1_000, AsOf? AsOf = null);

/// <param name="Filter">This and what follows up to the parts: as in a <see cref="SearchRequest"/>.</param>
/// <param name="Direction">This and what follows: as in a <see cref="SubgraphRequest"/>.</param>
internal sealed record SearchSubgraphRequest(
    float[] Vector, int K, int Depth = 1, Filter? Filter = null, ulong? Tag = null, double? MaximumDistance = null, double? MinimumSimilarity = null,
    RecordParts With = RecordParts.None, EdgeDirection Direction = EdgeDirection.Both, IReadOnlyList<byte>? EdgeKinds = null, Filter? EdgeFilter = null,
    DateTimeOffset? ValidAt = null, IReadOnlyList<byte>? NodeKinds = null, Filter? NodeFilter = null, int Limit = 1_000,
    SearchModeKind? Mode = null, int? Beam = null, double? Recall = null, AsOf? AsOf = null);

/// <param name="Filter">Only nodes that match it.</param>
/// <param name="Kinds">Only nodes of these kinds.</param>
/// <param name="RecordId">Only nodes that stand for this record.</param>
/// <param name="Limit">Nodes of the page.</param>
/// <param name="Cursor">Of the page before.</param>
internal sealed record ListNodesRequest(
    Filter? Filter = null, IReadOnlyList<byte>? Kinds = null, ulong? RecordId = null, int Limit = 100, string? Cursor = null, AsOf? AsOf = null);

/// <param name="Filter">Only edges that match it.</param>
/// <param name="Kinds">Only edges of these kinds.</param>
/// <param name="NodeId">Only edges of this node.</param>
/// <param name="Direction">Which edges of the node.</param>
/// <param name="ValidAt">Only edges that are valid at this time.</param>
/// <param name="Limit">Edges of the page.</param>
/// <param name="Cursor">Of the page before.</param>
internal sealed record ListEdgesRequest(
    Filter? Filter = null, IReadOnlyList<byte>? Kinds = null, ulong? NodeId = null, EdgeDirection Direction = EdgeDirection.Both,
    DateTimeOffset? ValidAt = null, int Limit = 100, string? Cursor = null, AsOf? AsOf = null);

/// <param name="Fields">What filters can see.</param>
/// <param name="ValidFrom">From when the fact holds that the edge states.</param>
/// <param name="ValidTo">Up to when it holds: the first moment after it.</param>
internal sealed record CreateEdgeRequest(
    ulong FromId, ulong ToId, byte Kind, Fields? Fields = null, DateTimeOffset? ValidFrom = null, DateTimeOffset? ValidTo = null);

internal sealed record GetEdgeRequest(ulong EdgeId, AsOf? AsOf = null);

/// <param name="Fields">To set.</param>
/// <param name="Replace">Whether the fields that are not named are removed.</param>
internal sealed record SetEdgeFieldsRequest(ulong EdgeId, Fields Fields, bool Replace = false);

/// <param name="Names">Of the fields to remove, with those below them.</param>
internal sealed record RemoveEdgeFieldsRequest(ulong EdgeId, string[] Names);

/// <param name="ValidFrom">To set; as it is if it is left out, as is the end.</param>
/// <param name="Clear">Which of <c>valid_from</c> and <c>valid_to</c> to remove.</param>
internal sealed record SetEdgeValidTimeRequest(ulong EdgeId, DateTimeOffset? ValidFrom = null, DateTimeOffset? ValidTo = null, string[]? Clear = null)
{
    /// <exception cref="RequestException">A name is none of the two, or is there twice.</exception>
    public ValidTimeEnds Cleared()
    {
        ValidTimeEnds cleared = ValidTimeEnds.None;
        foreach (string name in Clear ?? [])
        {
            ValidTimeEnds end = name switch
            {
                "valid_from" => ValidTimeEnds.From,
                "valid_to" => ValidTimeEnds.To,
                _ => throw new RequestException($"'clear' has '{Spelling.Shown(name)}'; it may have valid_from and valid_to"),
            };
            if ((cleared & end) != 0) throw new RequestException($"'clear' has '{name}' twice; once is enough");
            cleared |= end;
        }
        return cleared;
    }
}

internal sealed record DeleteEdgeRequest(ulong EdgeId);

/// <summary>A node.</summary>
/// <param name="RecordId">The record that it stands for, or null.</param>
/// <param name="Fields">Left out if it has none.</param>
/// <param name="Key">Of a document; left out if it has none.</param>
internal sealed record NodeAnswer(
    ulong Id, byte Kind, ulong? RecordId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Fields? Fields)
{
    public static NodeAnswer Of(NodeContent node) => new(node.Id.Value, node.Kind.Value, node.Record?.Value, node.Key?.ToString(), node.Fields.OrNull());
}

/// <summary>An edge.</summary>
/// <param name="Fields">Left out if it has none, as are the ends of its valid time.</param>
internal sealed record EdgeAnswer(
    ulong Id, ulong FromId, ulong ToId, byte Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Fields? Fields,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ValidFrom,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ValidTo)
{
    public static EdgeAnswer Of(EdgeContent edge) => new(
        edge.Id.Value, edge.From.Value, edge.To.Value, edge.Kind.Value, edge.Fields.OrNull(),
        edge.Valid.FromUnixMicroseconds is { } from ? Iso8601.Format(from) : null, edge.Valid.ToUnixMicroseconds is { } to ? Iso8601.Format(to) : null);
}

/// <summary>The edges of a node, each by id.</summary>
internal sealed record EdgesAnswer(IEnumerable<EdgeAnswer> Outgoing, IEnumerable<EdgeAnswer> Incoming)
{
    public static EdgesAnswer Of(NodeEdges edges) => new(edges.Outgoing.Select(EdgeAnswer.Of), edges.Incoming.Select(EdgeAnswer.Of));
}

/// <summary>Nodes and the edges between them.</summary>
/// <param name="Nodes">Breadth first.</param>
/// <param name="Edges">By id.</param>
/// <param name="IsComplete">Whether these are all.</param>
internal sealed record SubgraphAnswer(IEnumerable<NodeAnswer> Nodes, IEnumerable<EdgeAnswer> Edges, bool IsComplete)
{
    public static SubgraphAnswer Of(Subgraph graph) => new(graph.Nodes.Select(NodeAnswer.Of), graph.Edges.Select(EdgeAnswer.Of), graph.IsComplete);
}

/// <summary>Hits, and the graph around their records.</summary>
/// <param name="Hits">Best first.</param>
/// <param name="Answered">If the search may be approximate.</param>
internal sealed record SearchSubgraphAnswer(
    IEnumerable<HitAnswer> Hits, IEnumerable<NodeAnswer> Nodes, IEnumerable<EdgeAnswer> Edges, bool IsComplete,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AnsweredAnswer? Answered = null)
{
    public static SearchSubgraphAnswer Of(SubgraphHits found, RecordParts with, EngineSchema schema)
    {
        SubgraphAnswer graph = SubgraphAnswer.Of(found.Subgraph);
        return new SearchSubgraphAnswer(SearchAnswer.HitsOf(found.Hits, with, schema), graph.Nodes, graph.Edges, graph.IsComplete, AnsweredAnswer.Of(found.Answered));
    }
}

/// <summary>A page of nodes, by id.</summary>
/// <param name="Cursor">For the next page; left out after the last one.</param>
internal sealed record NodePageAnswer(IEnumerable<NodeAnswer> Nodes, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cursor)
{
    public static NodePageAnswer Of(NodePage page) => new(page.Nodes.Select(NodeAnswer.Of), page.Cursor);
}

/// <summary>A page of edges, by id.</summary>
/// <param name="Cursor">For the next page; left out after the last one.</param>
internal sealed record EdgePageAnswer(IEnumerable<EdgeAnswer> Edges, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cursor)
{
    public static EdgePageAnswer Of(EdgePage page) => new(page.Edges.Select(EdgeAnswer.Of), page.Cursor);
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
                new NodeKind(request.Kind), request.RecordId is { } record ? new RecordId(record) : null, request.Fields, stop)).Receipt))
        {
            ToCommand = (_, request) => PutNode.Of(new NodeKind(request.Kind), request.RecordId is { } record ? new RecordId(record) : null, request.Fields ?? Fields.Empty),
        },
        new Operation<GetNodeRequest, NodeAnswer>(OperationKind.Read, "get_node", "GET /nodes/{node_id}",
            "Returns a node with its kind, record and fields.",
            async (on, request, stop) => NodeAnswer.Of(await on.Engine.GetNodeAsync(new NodeId(request.NodeId), request.AsOf, stop))),
        new Operation<GetNodeByKeyRequest, NodeAnswer>(OperationKind.Read, "get_node_by_key", "GET /nodes/by-key",
            "Returns the node of the document with a key.",
            async (on, request, stop) => NodeAnswer.Of(await on.Engine.GetNodeAsync(request.Key, request.AsOf, stop))),
        new Operation<DeleteNodeRequest, DoneAnswer>(OperationKind.Write, "delete_node", "DELETE /nodes/{node_id}",
            "Deletes a node with its edges, in and out.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.DeleteNodeAsync(new NodeId(request.NodeId), stop)))
        {
            ToCommand = (_, request) => new DeleteNode(new NodeId(request.NodeId)),
        },
        new Operation<SetNodeFieldsRequest, DoneAnswer>(OperationKind.Write, "set_node_fields", "POST /nodes/{node_id}/fields",
            "Sets fields of a node.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetNodeFieldsAsync(new NodeId(request.NodeId), request.Fields, ModeOf(request.Replace), stop)))
        {
            ToCommand = (_, request) => new SetNodeFields(new NodeId(request.NodeId), ModeOf(request.Replace), request.Fields, []),
        },
        new Operation<RemoveNodeFieldsRequest, DoneAnswer>(OperationKind.Write, "remove_node_fields", "POST /nodes/{node_id}/fields/remove",
            "Removes fields of a node by their names.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.RemoveNodeFieldsAsync(new NodeId(request.NodeId), request.Names, stop)))
        {
            ToCommand = (_, request) => SetNodeFields.Remove(new NodeId(request.NodeId), request.Names),
        },
        new Operation<GetNodeRequest, EdgesAnswer>(OperationKind.Read, "get_edges", "GET /nodes/{node_id}/edges",
            "Returns the edges of a node, out and in.",
            async (on, request, stop) => EdgesAnswer.Of(await on.Engine.GetEdgesAsync(new NodeId(request.NodeId), request.AsOf, stop))),
        new Operation<ExpandRequest, NodesAnswer>(OperationKind.Read, "expand", "GET /nodes/{node_id}/expand",
            "Returns a node and those within a number of edges, breadth first.",
            async (on, request, stop) => new NodesAnswer((await on.Engine.ExpandAsync(
                new NodeId(request.NodeId), request.Depth,
                TraversalOf(request.Direction, request.EdgeKinds, request.EdgeFilter, request.ValidAt, request.NodeKinds, request.NodeFilter), request.AsOf, stop)).Select(node => node.Value))),
        new Operation<SubgraphRequest, SubgraphAnswer>(OperationKind.Read, "subgraph", "POST /subgraph",
            "Returns the nodes around some nodes, and the edges between them.",
            async (on, request, stop) => SubgraphAnswer.Of(await on.Engine.SubgraphAsync(
                new SubgraphQuery([.. request.NodeIds.Select(id => new NodeId(id))], request.Depth)
                {
                    Traversal = TraversalOf(request.Direction, request.EdgeKinds, request.EdgeFilter, request.ValidAt, request.NodeKinds, request.NodeFilter),
                    Limit = request.Limit,
                }, request.AsOf, stop))),
        new Operation<SearchSubgraphRequest, SearchSubgraphAnswer>(OperationKind.Read, "search_subgraph", "POST /search/subgraph",
            "Finds the nearest records to a vector, the nodes around theirs, and the edges between them.",
            async (on, request, stop) => SearchSubgraphAnswer.Of(await on.Engine.SearchSubgraphAsync(
                on.Engine.QueryOf(request.Vector, request.K, request.MaximumDistance, request.MinimumSimilarity) with
                {
                    Filter = SearchOperations.FilterOf(request.Filter, request.Tag),
                    With = request.With,
                    Mode = SearchOperations.ModeOf(request.Mode, request.Beam, request.Recall),
                },
                request.Depth, TraversalOf(request.Direction, request.EdgeKinds, request.EdgeFilter, request.ValidAt, request.NodeKinds, request.NodeFilter),
                request.Limit, request.AsOf, stop), request.With, on.Engine.Schema))
        {
            Hits = request => new HitCount(1, request.K, HasMore: true),
        },
        new Operation<ListNodesRequest, NodePageAnswer>(OperationKind.Read, "list_nodes", "POST /nodes/list",
            "Returns the nodes that match a filter, by id and a page at a time.",
            async (on, request, stop) => NodePageAnswer.Of(await on.Engine.ListNodesAsync(
                request.Filter ?? Filter.All, NodeKindsOf(request.Kinds), request.RecordId is { } record ? new RecordId(record) : null,
                request.Limit, request.Cursor, request.AsOf, stop))),
        new Operation<ListEdgesRequest, EdgePageAnswer>(OperationKind.Read, "list_edges", "POST /edges/list",
            "Returns the edges that match a filter, by id and a page at a time.",
            async (on, request, stop) => EdgePageAnswer.Of(await on.Engine.ListEdgesAsync(
                new EdgeListQuery(request.Filter ?? Filter.All, request.Limit)
                {
                    Kinds = EdgeKindsOf(request.Kinds),
                    Node = request.NodeId is { } node ? new NodeId(node) : null,
                    Direction = request.Direction,
                    ValidAt = request.ValidAt,
                    Cursor = request.Cursor,
                }, request.AsOf, stop))),
        new Operation<CreateEdgeRequest, CreatedAnswer>(OperationKind.Write, "create_edge", "POST /edges",
            "Creates an edge from one node to another.",
            async (on, request, stop) => CreatedAnswer.Of((await on.Engine.CreateEdgeAsync(
                new NodeId(request.FromId), new NodeId(request.ToId), new EdgeKind(request.Kind), request.Fields, ValidTime.Of(request.ValidFrom, request.ValidTo), stop)).Receipt))
        {
            ToCommand = (_, request) => PutEdge.Of(
                new NodeId(request.FromId), new NodeId(request.ToId), new EdgeKind(request.Kind), request.Fields ?? Fields.Empty, ValidTime.Of(request.ValidFrom, request.ValidTo)),
        },
        new Operation<GetEdgeRequest, EdgeAnswer>(OperationKind.Read, "get_edge", "GET /edges/{edge_id}",
            "Returns an edge with its ends, kind, fields and valid time.",
            async (on, request, stop) => EdgeAnswer.Of(await on.Engine.GetEdgeAsync(new EdgeId(request.EdgeId), request.AsOf, stop))),
        new Operation<SetEdgeFieldsRequest, DoneAnswer>(OperationKind.Write, "set_edge_fields", "POST /edges/{edge_id}/fields",
            "Sets fields of an edge.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetEdgeFieldsAsync(new EdgeId(request.EdgeId), request.Fields, ModeOf(request.Replace), stop)))
        {
            ToCommand = (_, request) => new SetEdgeFields(new EdgeId(request.EdgeId), ModeOf(request.Replace), request.Fields, []),
        },
        new Operation<RemoveEdgeFieldsRequest, DoneAnswer>(OperationKind.Write, "remove_edge_fields", "POST /edges/{edge_id}/fields/remove",
            "Removes fields of an edge by their names.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.RemoveEdgeFieldsAsync(new EdgeId(request.EdgeId), request.Names, stop)))
        {
            ToCommand = (_, request) => SetEdgeFields.Remove(new EdgeId(request.EdgeId), request.Names),
        },
        new Operation<SetEdgeValidTimeRequest, DoneAnswer>(OperationKind.Write, "set_edge_valid_time", "POST /edges/{edge_id}/valid-time",
            "Sets or clears the valid time of an edge.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.SetEdgeValidTimeAsync(
                new EdgeId(request.EdgeId), ValidTime.Of(request.ValidFrom, request.ValidTo), request.Cleared(), stop)))
        {
            ToCommand = (_, request) => new SetEdgeValidTime(new EdgeId(request.EdgeId), ValidTime.Of(request.ValidFrom, request.ValidTo), request.Cleared()),
        },
        new Operation<DeleteEdgeRequest, DoneAnswer>(OperationKind.Write, "delete_edge", "DELETE /edges/{edge_id}",
            "Deletes an edge.",
            async (on, request, stop) => DoneAnswer.Of(await on.Engine.DeleteEdgeAsync(new EdgeId(request.EdgeId), stop)))
        {
            ToCommand = (_, request) => new DeleteEdge(new EdgeId(request.EdgeId)),
        },
    ];

    private static Traversal TraversalOf(
        EdgeDirection direction, IReadOnlyList<byte>? edgeKinds, Filter? edgeFilter, DateTimeOffset? validAt, IReadOnlyList<byte>? nodeKinds, Filter? nodeFilter) => new()
        {
            Direction = direction,
            EdgeKinds = EdgeKindsOf(edgeKinds),
            EdgeFilter = edgeFilter ?? Filter.All,
            ValidAt = validAt,
            NodeKinds = NodeKindsOf(nodeKinds),
            NodeFilter = nodeFilter ?? Filter.All,
        };

    private static IReadOnlyList<EdgeKind> EdgeKindsOf(IReadOnlyList<byte>? kinds) => [.. (kinds ?? []).Select(kind => new EdgeKind(kind))];

    private static IReadOnlyList<NodeKind> NodeKindsOf(IReadOnlyList<byte>? kinds) => [.. (kinds ?? []).Select(kind => new NodeKind(kind))];

    private static FieldsMode ModeOf(bool replace) => replace ? FieldsMode.Replace : FieldsMode.Merge;
}
