using Valori.Kernel.Filters;

namespace Valori;

/// <summary>A page of the live nodes that match a filter, by id.</summary>
/// <param name="Filter">On their fields and their id.</param>
/// <param name="Limit">Nodes of the page, 1 to <see cref="Limits.MaximumListed"/>.</param>
internal sealed record NodeListQuery(Filter Filter, int Limit)
{
    /// <summary>All if there are none.</summary>
    public IReadOnlyList<NodeKind> Kinds { get; init; } = [];

    /// <summary>Only nodes that stand for this record; null for any.</summary>
    public RecordId? Record { get; init; }

    /// <summary>Of the page before; null for the first one. It belongs to all of the query but the limit.</summary>
    public string? Cursor { get; init; }

    /// <summary>What else a cursor belongs to, such as the name of the collection: with another one it is refused.</summary>
    public string Scope { get; init; } = "";

    internal Refusal? Fault() => Limits.CheckListed(Limit) ?? Traversal.FaultOfKinds("kinds", Kinds.Count) ?? PropertyNames.FaultOnNodes(Filter);
}

/// <summary>A page of nodes, by id.</summary>
/// <param name="Cursor">What the next page is asked for with; null after the last one.</param>
public sealed record NodePage(IReadOnlyList<NodeContent> Nodes, string? Cursor);

/// <summary>A page of the live edges that match a filter, by id: of all, or of one node.</summary>
/// <param name="Filter">On their fields and their id.</param>
/// <param name="Limit">Edges of the page, 1 to <see cref="Limits.MaximumListed"/>.</param>
public sealed record EdgeListQuery(Filter Filter, int Limit)
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

    /// <summary>Of the page before; null for the first one. It belongs to all of the query but the limit.</summary>
    public string? Cursor { get; init; }

    /// <summary>What else a cursor belongs to, such as the name of the collection: with another one it is refused.</summary>
    public string Scope { get; init; } = "";

    internal Traversal Traversal => new() { EdgeKinds = Kinds, EdgeFilter = Filter, ValidAtUnixMicroseconds = ValidAtUnixMicroseconds, Direction = Direction };

    internal Refusal? Fault() => Limits.CheckListed(Limit) ?? Traversal.Fault(PropertyNames.TheFilter)
        ?? (Node is null && Direction != EdgeDirection.Both ? new Refusal(RefusalKind.InvalidArgument, "a direction is given, and no node: it says which edges of a node are listed") : null);
}

/// <summary>A page of edges, by id.</summary>
/// <param name="Cursor">What the next page is asked for with; null after the last one.</param>
public sealed record EdgePage(IReadOnlyList<EdgeContent> Edges, string? Cursor);
