using System.Globalization;
using Valori.Kernel.Filters;

namespace Valori;

/// <summary>
/// How to go from node to node. Edges and nodes that do not match it are as if they were not there, but for the nodes that it
/// starts from. The default follows all outgoing edges.
/// </summary>
public sealed record Traversal
{
    /// <summary>All outgoing edges.</summary>
    public static Traversal Outgoing { get; } = new();

    /// <summary>All edges, whatever their direction.</summary>
    public static Traversal Around { get; } = new() { Direction = EdgeDirection.Both };

    public EdgeDirection Direction { get; init; }

    /// <summary>The kinds of edge that match; all if there are none. At most 256.</summary>
    public IReadOnlyList<EdgeKind> EdgeKinds { get; init; } = [];

    /// <summary>On the fields and the id of edges.</summary>
    public Filter EdgeFilter { get; init; } = Filter.All;

    /// <summary>A time at which edges must be valid; null for any. What is finer than a microsecond is cut off, as in <see cref="ValidTime.Of"/>.</summary>
    public DateTimeOffset? ValidAt
    {
        get => ValidTime.TimeOf(ValidAtUnixMicroseconds);
        init => ValidAtUnixMicroseconds = ValidTime.MicrosecondsOf(value);
    }

    /// <summary><see cref="ValidAt"/> as it is stored and sent; of a peer, it can be outside the years that there are.</summary>
    internal long? ValidAtUnixMicroseconds { get; init; }

    /// <summary>The kinds of node that match; all if there are none. At most 256.</summary>
    public IReadOnlyList<NodeKind> NodeKinds { get; init; } = [];

    /// <summary>On the fields and the id of nodes.</summary>
    public Filter NodeFilter { get; init; } = Filter.All;

    /// <summary>Whether it follows all outgoing edges and does nothing else.</summary>
    internal bool IsOutgoing => Direction == EdgeDirection.Out && TakesAllNodes
        && EdgeKinds.Count == 0 && EdgeFilter is Everything && ValidAtUnixMicroseconds is null;

    internal bool TakesAllNodes => NodeKinds.Count == 0 && NodeFilter is Everything;

    /// <summary>What no walk may be asked for, or null.</summary>
    /// <param name="edgeFilter">What the request calls <see cref="EdgeFilter"/>.</param>
    internal Refusal? Fault(string edgeFilter = "edge_filter") => FaultOfDirection(Direction) ?? FaultOfTime(ValidAtUnixMicroseconds)
        ?? FaultOfKinds("edge_kinds", EdgeKinds.Count) ?? FaultOfKinds("node_kinds", NodeKinds.Count)
        ?? PropertyNames.In(edgeFilter, PropertyNames.FaultOnEdges(EdgeFilter)) ?? PropertyNames.In("node_filter", PropertyNames.FaultOnNodes(NodeFilter));

    internal static Refusal? FaultOfDirection(EdgeDirection direction) =>
        direction is < EdgeDirection.Out or > EdgeDirection.Both ? Invalid($"the direction is {(int)direction}; it must be out (0), in (1) or both (2)") : null;

    internal static Refusal? FaultOfTime(long? time) => time is { } validAt && !FieldValue.IsTimestamp(validAt)
        ? Invalid(string.Create(CultureInfo.InvariantCulture, $"valid_at is {validAt} microseconds since 1970; it must be in the years 1 to 9999"))
        : null;

    internal static Refusal? FaultOfKinds(string name, int count) => count > 256 ? Invalid($"{name} has {count} kinds; there are 256") : null;

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}
