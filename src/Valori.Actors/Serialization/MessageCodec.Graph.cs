using Google.Protobuf;
using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Walks, subgraphs and lists of the graph.</summary>
internal static partial class MessageCodec
{
    public static Proto.Expand ToProto(Expand m) => new()
    {
        NodeId = m.Start.Value,
        Depth = m.Depth,
        Traversal = m.Traversal.IsOutgoing ? null : ToProto(m.Traversal),
    };

    public static Expand FromProto(Proto.Expand proto) => new(new NodeId(proto.NodeId), proto.Depth)
    {
        Traversal = proto.Traversal is null ? Traversal.Outgoing : FromProto(proto.Traversal),
    };

    public static Proto.GetSubgraph ToProto(GetSubgraph m) => new()
    {
        Starts = { m.Starts.Select(start => start.Value) },
        Depth = m.Depth,
        Traversal = ToProto(m.Traversal),
        Limit = m.Limit,
    };

    public static GetSubgraph FromProto(Proto.GetSubgraph proto) => new([.. proto.Starts.Select(start => new NodeId(start))], proto.Depth)
    {
        Traversal = FromProto(proto.Traversal ?? new()),
        Limit = proto.Limit,
    };

    public static Proto.SearchSubgraph ToProto(SearchSubgraph m) => new()
    {
        Search = SearchToProto(m),
        Depth = m.Depth,
        Traversal = ToProto(m.Traversal),
        Limit = m.Limit,
    };

    public static SearchSubgraph FromProto(Proto.SearchSubgraph proto) => new(QueryFromProto(proto.Search ?? new()), proto.Depth)
    {
        Traversal = FromProto(proto.Traversal ?? new()),
        Limit = proto.Limit,
    };

    public static Proto.ListNodes ToProto(ListNodes m)
    {
        Proto.ListNodes proto = new() { Filter = UnsafeByteOperations.UnsafeWrap(m.Filter.Canonical), Limit = m.Limit, Kinds = ToBytes(m.Kinds) };
        if (m.Cursor is { } cursor) proto.Cursor = cursor;
        if (m.Record is { } record) proto.RecordId = record.Value;
        return proto;
    }

    public static ListNodes FromProto(Proto.ListNodes proto) => new(Filter.Read(proto.Filter.Span), proto.Limit, proto.HasCursor ? proto.Cursor : null)
    {
        Kinds = NodeKindsOf(proto.Kinds),
        Record = proto.HasRecordId ? new RecordId(proto.RecordId) : null,
    };

    public static Proto.ListEdges ToProto(ListEdges m)
    {
        Proto.ListEdges proto = new()
        {
            Filter = UnsafeByteOperations.UnsafeWrap(m.Filter.Canonical),
            Limit = m.Limit,
            Kinds = ToBytes(m.Kinds),
            Direction = (uint)m.Direction,
        };
        if (m.Cursor is { } cursor) proto.Cursor = cursor;
        if (m.Node is { } node) proto.NodeId = node.Value;
        if (m.ValidAtUnixMicroseconds is { } time) proto.ValidAt = time;
        return proto;
    }

    public static ListEdges FromProto(Proto.ListEdges proto) => new(Filter.Read(proto.Filter.Span), proto.Limit, proto.HasCursor ? proto.Cursor : null)
    {
        Kinds = EdgeKindsOf(proto.Kinds),
        Node = proto.HasNodeId ? new NodeId(proto.NodeId) : null,
        Direction = (EdgeDirection)proto.Direction,
        ValidAtUnixMicroseconds = proto.HasValidAt ? proto.ValidAt : null,
    };

    public static Proto.NodePage ToProto(NodePage m)
    {
        Proto.NodePage proto = new() { Nodes = { m.Nodes.Select(ToProto) } };
        if (m.Cursor is { } cursor) proto.Cursor = cursor;
        return proto;
    }

    public static NodePage FromProto(Proto.NodePage proto) => new([.. proto.Nodes.Select(FromProto)], proto.HasCursor ? proto.Cursor : null);

    public static Proto.EdgePage ToProto(EdgePage m)
    {
        Proto.EdgePage proto = new() { Edges = { m.Edges.Select(ToProto) } };
        if (m.Cursor is { } cursor) proto.Cursor = cursor;
        return proto;
    }

    public static EdgePage FromProto(Proto.EdgePage proto) => new([.. proto.Edges.Select(FromProto)], proto.HasCursor ? proto.Cursor : null);

    public static Proto.Subgraph ToProto(Subgraph m) => new() { Nodes = { m.Nodes.Select(ToProto) }, Edges = { m.Edges.Select(ToProto) }, IsComplete = m.IsComplete };

    public static Subgraph FromProto(Proto.Subgraph proto) => new([.. proto.Nodes.Select(FromProto)], [.. proto.Edges.Select(FromProto)], proto.IsComplete);

    public static Proto.SubgraphHits ToProto(SubgraphHits m)
    {
        Proto.SubgraphHits proto = new() { Hits = HitsToProto(m.Hits), Subgraph = ToProto(m.Subgraph) };
        proto.Hits.Answered = ToProto(m.Answered);
        return proto;
    }

    public static SubgraphHits FromProto(Proto.SubgraphHits proto) => new(HitsFromProto(proto.Hits ?? new()), FromProto(proto.Subgraph ?? new()))
    {
        Answered = FromProto(proto.Hits?.Answered),
    };

    private static Proto.Traversal ToProto(Traversal m)
    {
        Proto.Traversal proto = new()
        {
            Direction = (uint)m.Direction,
            EdgeKinds = ToBytes(m.EdgeKinds),
            EdgeFilter = UnsafeByteOperations.UnsafeWrap(m.EdgeFilter.Canonical),
            NodeKinds = ToBytes(m.NodeKinds),
            NodeFilter = UnsafeByteOperations.UnsafeWrap(m.NodeFilter.Canonical),
        };
        if (m.ValidAtUnixMicroseconds is { } time) proto.ValidAt = time;
        return proto;
    }

    private static Traversal FromProto(Proto.Traversal proto) => new()
    {
        Direction = (EdgeDirection)proto.Direction,
        EdgeKinds = EdgeKindsOf(proto.EdgeKinds),
        EdgeFilter = Filter.Read(proto.EdgeFilter.Span),
        ValidAtUnixMicroseconds = proto.HasValidAt ? proto.ValidAt : null,
        NodeKinds = NodeKindsOf(proto.NodeKinds),
        NodeFilter = Filter.Read(proto.NodeFilter.Span),
    };

    private static ByteString ToBytes(IReadOnlyList<EdgeKind> kinds) => ByteString.CopyFrom([.. kinds.Select(kind => kind.Value)]);

    private static ByteString ToBytes(IReadOnlyList<NodeKind> kinds) => ByteString.CopyFrom([.. kinds.Select(kind => kind.Value)]);

    private static EdgeKind[] EdgeKindsOf(ByteString bytes) => [.. bytes.Select(kind => new EdgeKind(kind))];

    private static NodeKind[] NodeKindsOf(ByteString bytes) => [.. bytes.Select(kind => new NodeKind(kind))];
}
