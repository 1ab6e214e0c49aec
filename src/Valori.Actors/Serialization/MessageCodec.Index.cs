using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>The status of the index.</summary>
internal static partial class MessageCodec
{
    public static Proto.IndexStatus ToProto(IndexStatus m)
    {
        Proto.IndexStatus proto = new() { IsReady = m.IsReady };
        if (m.Graph is { } graph)
        {
            proto.Graph = new()
            {
                Digest = ToBytes(graph.Digest),
                StateHash = ToBytes(graph.StateHash),
                Boundary = graph.Boundary,
                Records = graph.Records,
                Uncovered = graph.Uncovered,
                Bytes = graph.Bytes,
            };
        }
        if (m.Building is { } building) proto.Building = new() { Done = building.Done, Total = building.Total };
        if (m.Reason is { } reason) proto.Reason = reason;
        return proto;
    }

    public static IndexStatus FromProto(Proto.IndexStatus proto) => new(
        proto.IsReady,
        proto.Graph is { } graph
            ? new IndexedGraph(Digest.Read(graph.Digest.Span), Digest.Read(graph.StateHash.Span), graph.Boundary, graph.Records, graph.Uncovered, graph.Bytes)
            : null,
        proto.Building is { } building ? new GraphProgress(building.Done, building.Total) : null,
        proto.HasReason ? proto.Reason : null);
}
