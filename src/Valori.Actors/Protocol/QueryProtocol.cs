using Valori.Kernel.Filters;

namespace Valori.Protocol;

/// <summary>
/// A question about the latest durable state, or an earlier one. It is answered by a query actor from one View, never by the engine, and so
/// never waits behind a write. Answered with the message named, a refusal, or <see cref="EngineFailure"/>.
/// </summary>
public abstract record Query : IWireMessage
{
    /// <summary>Which past state it is about; the latest durable one if null.</summary>
    public AsOf? AsOf { get; init; }

    /// <summary>The property that is null (or names nothing) though its type says that it has a value, or null: an object of the own process may be so.</summary>
    internal virtual string? MissingProperty => null;

    /// <summary>Why one of its filters is about a property that is not a field, or null (<see cref="PropertyNames"/>).</summary>
    internal virtual Refusal? FilterFault => null;

    /// <summary><see cref="MissingProperty"/> of a traversal.</summary>
    private protected static string? MissingIn(Traversal? traversal) => traversal switch
    {
        null => "Traversal",
        { EdgeKinds: null } => "Traversal.EdgeKinds",
        { EdgeFilter: null } => "Traversal.EdgeFilter",
        { NodeKinds: null } => "Traversal.NodeKinds",
        { NodeFilter: null } => "Traversal.NodeFilter",
        _ => null,
    };

    /// <summary><see cref="FilterFault"/> of a traversal.</summary>
    private protected static Refusal? FaultIn(Traversal? traversal) =>
        PropertyNames.In("edge_filter", PropertyNames.MisnamedOnGraph(traversal?.EdgeFilter)) ?? PropertyNames.In("node_filter", PropertyNames.MisnamedOnGraph(traversal?.NodeFilter));
}

/// <summary>A question that searches, in one View. The ways to ask for it differ in what the answer holds.</summary>
/// <param name="Query">What to search for.</param>
public abstract record SearchQuestion(SearchQuery Query) : Query
{
    internal override string? MissingProperty => Query is null ? nameof(Query)
        : Query.Vectors is null ? $"{nameof(Query)}.{nameof(SearchQuery.Vectors)}"
        : Query.Filter is null ? $"{nameof(Query)}.{nameof(SearchQuery.Filter)}"
        : Query.Mode is null ? $"{nameof(Query)}.{nameof(SearchQuery.Mode)}"
        : null;

    internal override Refusal? FilterFault => PropertyNames.FaultOnRecords(Query?.Filter);
}

/// <summary>The nearest records of one vector, exact unless <see cref="SearchQuery.Mode"/> says otherwise; answered with <see cref="SearchHits"/>.</summary>
/// <param name="WithReceipt">Whether the answer has a <see cref="SearchReceipt"/>.</param>
public sealed record Search(SearchQuery Query, bool WithReceipt = false) : SearchQuestion(Query)
{
    /// <summary>Whether the answer says how the hits were found. They are the same with and without.</summary>
    public bool Explain { get; init; }
}

/// <summary>
/// The nearest records of each vector, exact unless <see cref="SearchQuery.Mode"/> says otherwise; answered with <see cref="SearchHitsBatch"/>. Many vectors together cost a fraction of
/// as many searches.
/// </summary>
public sealed record SearchBatch(SearchQuery Query) : SearchQuestion(Query)
{
    /// <summary>As <see cref="Search.Explain"/>.</summary>
    public bool Explain { get; init; }
}

/// <summary>A search with one vector, and the nodes around each hit; answered with <see cref="ExpandedHits"/>.</summary>
/// <param name="Depth">How many edges away a node may be, at least 0.</param>
public sealed record SearchExpand(SearchQuery Query, int Depth) : SearchQuestion(Query);

/// <summary>Answered with <see cref="RecordContent"/>.</summary>
/// <param name="Record">Its id, or its key.</param>
public sealed record GetRecord(RecordRef Record) : Query
{
    internal override string? MissingProperty => Record.IsNothing ? nameof(Record) : null;
}

/// <summary>Whether there is a live record; answered with <see cref="RecordPresence"/>.</summary>
/// <param name="Record">Its id, or its key.</param>
public sealed record FindRecord(RecordRef Record) : Query
{
    internal override string? MissingProperty => Record.IsNothing ? nameof(Record) : null;
}

/// <summary>Answered with <see cref="RecordMetadata"/>.</summary>
public sealed record GetMetadata(RecordId Id) : Query;

/// <summary>Answered with <see cref="NodeContent"/>.</summary>
/// <param name="Node">Its id, or the key of a document.</param>
public sealed record GetNode(NodeRef Node) : Query
{
    internal override string? MissingProperty => Node.IsNothing ? nameof(Node) : null;
}

/// <summary>Answered with <see cref="EdgeContent"/>.</summary>
public sealed record GetEdge(EdgeId Id) : Query;

/// <summary>The live edges of a node; answered with <see cref="NodeEdges"/>.</summary>
public sealed record GetNodeEdges(NodeId Id) : Query;

/// <summary>The nodes within a depth, breadth first; answered with <see cref="NodeList"/>.</summary>
public sealed record Expand(NodeId Start, int Depth) : Query
{
    /// <summary>Which edges it follows, and which nodes it takes.</summary>
    public Traversal Traversal { get; init; } = Traversal.Outgoing;

    internal override string? MissingProperty => MissingIn(Traversal);

    internal override Refusal? FilterFault => FaultIn(Traversal);
}

/// <summary>The nodes around some nodes and the edges between them; answered with <see cref="Subgraph"/>.</summary>
/// <param name="Starts">1 to 1,000 nodes.</param>
/// <param name="Depth">How many edges away a node may be, at least 0.</param>
public sealed record GetSubgraph(IReadOnlyList<NodeId> Starts, int Depth) : Query
{
    /// <summary>Which edges and nodes belong to it.</summary>
    public Traversal Traversal { get; init; } = Traversal.Around;

    /// <summary>The maximum number of nodes, 1 to 10,000.</summary>
    public int Limit { get; init; } = 1_000;

    internal override string? MissingProperty => Starts is null ? nameof(Starts) : MissingIn(Traversal);

    internal override Refusal? FilterFault => FaultIn(Traversal);
}

/// <summary>
/// A search with one vector, the nodes that stand for the records of its hits and those around them, and the edges between them; answered
/// with <see cref="SubgraphHits"/>.
/// </summary>
/// <param name="Depth">How many edges away a node may be, at least 0.</param>
public sealed record SearchSubgraph(SearchQuery Query, int Depth) : SearchQuestion(Query)
{
    /// <summary>Which edges and nodes belong to the subgraph.</summary>
    public Traversal Traversal { get; init; } = Traversal.Around;

    /// <summary>The maximum number of nodes, 1 to 10,000.</summary>
    public int Limit { get; init; } = 1_000;

    internal override string? MissingProperty => base.MissingProperty ?? MissingIn(Traversal);

    internal override Refusal? FilterFault => base.FilterFault ?? FaultIn(Traversal);
}

/// <summary>The live nodes that match a filter, by id and a page at a time; answered with <see cref="NodePage"/>.</summary>
/// <param name="Filter">On their fields and their id.</param>
/// <param name="Limit">Nodes of the page, 1 to 1,000.</param>
/// <param name="Cursor">Of the page before, of the same engine with the same query but for the limit; null for the first one.</param>
public sealed record ListNodes(Filter Filter, int Limit, string? Cursor = null) : Query
{
    /// <summary>All if there are none.</summary>
    public IReadOnlyList<NodeKind> Kinds { get; init; } = [];

    /// <summary>Only nodes that stand for this record; null for any.</summary>
    public RecordId? Record { get; init; }

    internal override string? MissingProperty => Filter is null ? nameof(Filter) : Kinds is null ? nameof(Kinds) : null;

    internal override Refusal? FilterFault => PropertyNames.MisnamedOnGraph(Filter);
}

/// <summary>The live edges that match a filter, of all nodes or of one, by id and a page at a time; answered with <see cref="EdgePage"/>.</summary>
/// <param name="Filter">On their fields and their id.</param>
/// <param name="Limit">Edges of the page, 1 to 1,000.</param>
/// <param name="Cursor">As in <see cref="ListNodes"/>.</param>
public sealed record ListEdges(Filter Filter, int Limit, string? Cursor = null) : Query
{
    /// <summary>All if there are none.</summary>
    public IReadOnlyList<EdgeKind> Kinds { get; init; } = [];

    /// <summary>Only edges of this node; null for those of all.</summary>
    public NodeId? Node { get; init; }

    /// <summary>Which edges of the node; without a node it must be <see cref="EdgeDirection.Both"/>.</summary>
    public EdgeDirection Direction { get; init; } = EdgeDirection.Both;

    /// <summary>As <see cref="Traversal.ValidAt"/>: a time at which they must be valid; null for any.</summary>
    public DateTimeOffset? ValidAt
    {
        get => ValidTime.TimeOf(ValidAtUnixMicroseconds);
        init => ValidAtUnixMicroseconds = ValidTime.MicrosecondsOf(value);
    }

    internal long? ValidAtUnixMicroseconds { get; init; }

    internal override string? MissingProperty => Filter is null ? nameof(Filter) : Kinds is null ? nameof(Kinds) : null;

    internal override Refusal? FilterFault => PropertyNames.MisnamedOnGraph(Filter);
}

/// <summary>Records by their ids and keys; answered with <see cref="RecordList"/>.</summary>
/// <param name="Records">At most 1,000.</param>
public sealed record GetMany(IReadOnlyList<RecordRef> Records) : Query
{
    internal override string? MissingProperty => Records is null || Records.Any(record => record.IsNothing) ? nameof(Records) : null;

    /// <summary>What the answer has of each record.</summary>
    public RecordParts With { get; init; } = RecordParts.AllButVector;
}

/// <summary>The live records that match a filter, a page at a time; answered with <see cref="RecordPage"/>.</summary>
/// <param name="Limit">Records of the page, 1 to 1,000.</param>
/// <param name="Cursor">Of the page before, of the same engine with the same filter, order and <see cref="Query.AsOf"/>; null for the first one.</param>
public sealed record ListRecords(Filter Filter, int Limit, string? Cursor = null) : Query
{
    internal override string? MissingProperty => Filter is null ? nameof(Filter) : Order is null ? nameof(Order) : null;

    internal override Refusal? FilterFault => PropertyNames.FaultOnRecords(Filter);

    public RecordOrder Order { get; init; } = RecordOrder.ById;

    /// <summary>What the page has of each record.</summary>
    public RecordParts With { get; init; } = RecordParts.AllButVector;
}

/// <summary>How many live records match a filter; answered with <see cref="RecordTotal"/>.</summary>
public sealed record CountRecords(Filter Filter) : Query
{
    internal override string? MissingProperty => Filter is null ? nameof(Filter) : null;

    internal override Refusal? FilterFault => PropertyNames.FaultOnRecords(Filter);
}

/// <summary>The values of a field and how many records have each; answered with <see cref="DistinctValues"/>.</summary>
/// <param name="Field">As a filter names it.</param>
/// <param name="Filter">Only records that match it count.</param>
/// <param name="Limit">Values of the answer, 1 to 1,000.</param>
public sealed record Distinct(string Field, Filter Filter, int Limit) : Query
{
    internal override string? MissingProperty => Field is null ? nameof(Field) : Filter is null ? nameof(Filter) : null;

    internal override Refusal? FilterFault => PropertyNames.FaultOnRecords(Filter);
}

/// <summary>Counts, state hash and place in the history; answered with <see cref="EngineStatus"/>.</summary>
public sealed record GetStatus : Query;

/// <summary>The live record that was asked for.</summary>
/// <param name="Id">Null if there is none.</param>
public sealed record RecordPresence(RecordId? Id) : IWireMessage;

/// <summary>How many live records match a filter.</summary>
public sealed record RecordTotal(ulong Count) : IWireMessage;

/// <summary>Nodes, in the order that the query names.</summary>
public sealed record NodeList(IReadOnlyList<NodeId> Nodes) : IWireMessage;
