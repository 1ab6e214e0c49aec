using System.Runtime.InteropServices;
using Akka.Actor;
using Google.Protobuf;
using Valori.Actors.Entries;
using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Queries and their answers.</summary>
internal static partial class MessageCodec
{
    private static Proto.Query ToProto(Query query)
    {
        Proto.Query proto = QuestionToProto(query);
        if (query.AsOf is { } asOf) proto.AsOf = ToProto(asOf);
        return proto;
    }

    private static Proto.Query QuestionToProto(Query query) => query switch
    {
        Search m => new Proto.Query { Search = SearchToProto(m) },
        SearchBatch m => new Proto.Query { SearchBatch = SearchToProto(m) },
        SearchExpand m => new Proto.Query { SearchExpand = SearchToProto(m) },
        GetRecord(var id) => new Proto.Query { GetRecord = id.Value },
        GetMetadata(var id) => new Proto.Query { GetMetadata = id.Value },
        GetNode(var id) => new Proto.Query { GetNode = id.Value },
        GetEdge(var id) => new Proto.Query { GetEdge = id.Value },
        GetNodeEdges(var id) => new Proto.Query { GetNodeEdges = id.Value },
        Expand(var start, var depth) => new Proto.Query { Expand = new Proto.Expand { NodeId = start.Value, Depth = depth } },
        GetStatus => new Proto.Query { GetStatus = new Proto.GetStatus() },
        _ => HistoryQueryToProto(query),
    };

    private static Query FromProto(Proto.Query proto, ExtendedActorSystem system) =>
        QuestionFromProto(proto, system) with { AsOf = proto.AsOf is { } asOf ? FromProto(asOf) : null };

    private static Query QuestionFromProto(Proto.Query proto, ExtendedActorSystem system) => proto.QueryCase switch
    {
        Proto.Query.QueryOneofCase.Search => new Search(QueryFromProto(proto.Search), proto.Search.WithReceipt),
        Proto.Query.QueryOneofCase.SearchBatch => new SearchBatch(QueryFromProto(proto.SearchBatch)),
        Proto.Query.QueryOneofCase.SearchExpand => new SearchExpand(QueryFromProto(proto.SearchExpand), proto.SearchExpand.Depth),
        Proto.Query.QueryOneofCase.GetRecord => new GetRecord(new RecordId(proto.GetRecord)),
        Proto.Query.QueryOneofCase.GetMetadata => new GetMetadata(new RecordId(proto.GetMetadata)),
        Proto.Query.QueryOneofCase.GetNode => new GetNode(new NodeId(proto.GetNode)),
        Proto.Query.QueryOneofCase.GetEdge => new GetEdge(new EdgeId(proto.GetEdge)),
        Proto.Query.QueryOneofCase.GetNodeEdges => new GetNodeEdges(new NodeId(proto.GetNodeEdges)),
        Proto.Query.QueryOneofCase.Expand => new Expand(new NodeId(proto.Expand.NodeId), proto.Expand.Depth),
        Proto.Query.QueryOneofCase.GetStatus => new GetStatus(),
        _ => HistoryQueryFromProto(proto, system),
    };

    private static IMessage AnswerToProto(object message)
    {
        switch (message)
        {
            case SearchHits m:
                Proto.SearchHits hits = HitsToProto(m.Hits);
                if (m.Receipt is { } receipt)
                    hits.Receipt = new Proto.SearchReceipt { SequenceNr = receipt.SequenceNr, StateHash = ToBytes(receipt.StateHash), Digest = ToBytes(receipt.Digest) };
                return hits;
            case SearchHitsBatch m: return new Proto.SearchHitsBatch { Queries = { m.Hits.Select(HitsToProto) } };
            case ExpandedHits m:
                return new Proto.ExpandedHits
                {
                    Hits =
                    {
                        m.Hits.Select(hit => new Proto.ExpandedHit
                        {
                            Id = hit.Hit.Id.Value, Score = hit.Hit.Score, Nodes = { hit.Nodes.Select(node => node.Value) },
                        }),
                    },
                };
            case RecordContent m:
                Proto.RecordContent record = new() { Id = m.Id.Value, Tag = m.Tag, Vector = ToBytes(m.Vector) };
                if (m.Metadata is { } content) record.Metadata = UnsafeByteOperations.UnsafeWrap(content);
                return record;
            case RecordMetadata m:
                return m.Bytes is { } bytes
                    ? new Proto.RecordMetadata { Metadata = UnsafeByteOperations.UnsafeWrap(bytes) }
                    : new Proto.RecordMetadata();
            case NodeContent m:
                Proto.NodeContent node = new() { Id = m.Id.Value, Kind = m.Kind.Value };
                if (m.Record is { } recordId) node.RecordId = recordId.Value;
                return node;
            case EdgeContent m: return EdgeToProto(m);
            case NodeEdges m:
                return new Proto.NodeEdges { Outgoing = { m.Outgoing.Select(EdgeToProto) }, Incoming = { m.Incoming.Select(EdgeToProto) } };
            case NodeList m: return new Proto.NodeList { Nodes = { m.Nodes.Select(id => id.Value) } };
            case EngineStatus m:
                return new Proto.EngineStatus
                {
                    Name = m.Name,
                    Dimension = (uint)m.Dimension,
                    SequenceNr = m.SequenceNr,
                    UnixMicroseconds = m.UnixMicroseconds,
                    StateHash = ToBytes(m.StateHash),
                    Chain = ToBytes(m.Chain),
                    HistoryRoot = ToBytes(m.HistoryRoot),
                    RecordCount = m.RecordCount,
                    NodeCount = m.NodeCount,
                    EdgeCount = m.EdgeCount,
                    RecordSlots = m.RecordSlots,
                    NodeSlots = m.NodeSlots,
                    EdgeSlots = m.EdgeSlots,
                };
            default: return HistoryAnswerToProto(message);
        }
    }

    private static object AnswerFromBytes(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case "hits":
                Proto.SearchHits hits = Proto.SearchHits.Parser.ParseFrom(bytes);
                return new SearchHits(
                    HitsFromProto(hits),
                    hits.Receipt is { } receipt
                        ? new SearchReceipt(receipt.SequenceNr, Digest.Read(receipt.StateHash.Span), Digest.Read(receipt.Digest.Span))
                        : null);
            case "hits-batch":
                return new SearchHitsBatch([.. Proto.SearchHitsBatch.Parser.ParseFrom(bytes).Queries.Select(HitsFromProto)]);
            case "expanded-hits":
                return new ExpandedHits(
                [
                    .. Proto.ExpandedHits.Parser.ParseFrom(bytes).Hits.Select(hit => new ExpandedHit(
                        new SearchHit(new RecordId(hit.Id), hit.Score), [.. hit.Nodes.Select(node => new NodeId(node))])),
                ]);
            case "record":
                Proto.RecordContent record = Proto.RecordContent.Parser.ParseFrom(bytes);
                if (record.Vector.Length % sizeof(int) != 0) throw new ArgumentException($"{record.Vector.Length} bytes of raw values");
                return new RecordContent(
                    new RecordId(record.Id), record.Tag, MemoryMarshal.Cast<byte, int>(record.Vector.Span).ToArray(),
                    record.HasMetadata ? record.Metadata.Memory : (ReadOnlyMemory<byte>?)null);
            case "metadata":
                Proto.RecordMetadata metadata = Proto.RecordMetadata.Parser.ParseFrom(bytes);
                return new RecordMetadata(metadata.HasMetadata ? metadata.Metadata.Memory : (ReadOnlyMemory<byte>?)null);
            case "node":
                Proto.NodeContent node = Proto.NodeContent.Parser.ParseFrom(bytes);
                return new NodeContent(new NodeId(node.Id), new NodeKind(JournalCodec.ToKind(node.Kind)), node.HasRecordId ? new RecordId(node.RecordId) : null);
            case "edge": return EdgeFromProto(Proto.EdgeContent.Parser.ParseFrom(bytes));
            case "node-edges":
                Proto.NodeEdges edges = Proto.NodeEdges.Parser.ParseFrom(bytes);
                return new NodeEdges([.. edges.Outgoing.Select(EdgeFromProto)], [.. edges.Incoming.Select(EdgeFromProto)]);
            case "nodes": return new NodeList([.. Proto.NodeList.Parser.ParseFrom(bytes).Nodes.Select(id => new NodeId(id))]);
            case "status":
                Proto.EngineStatus status = Proto.EngineStatus.Parser.ParseFrom(bytes);
                return new EngineStatus(
                    status.Name, checked((int)status.Dimension), status.SequenceNr, status.UnixMicroseconds,
                    Digest.Read(status.StateHash.Span), Digest.Read(status.Chain.Span), HistoryRootOf(status.HistoryRoot),
                    status.RecordCount, status.NodeCount, status.EdgeCount, status.RecordSlots, status.NodeSlots, status.EdgeSlots);
            default: return HistoryAnswerFromBytes(bytes, manifest);
        }
    }

    private static Proto.SearchHits HitsToProto(IReadOnlyList<SearchHit> hits) =>
        new() { Ids = { hits.Select(hit => hit.Id.Value) }, Scores = { hits.Select(hit => hit.Score) } };

    private static SearchHit[] HitsFromProto(Proto.SearchHits hits) => hits.Ids.Count == hits.Scores.Count
        ? [.. hits.Ids.Zip(hits.Scores, (id, score) => new SearchHit(new RecordId(id), score))]
        : throw new ArgumentException($"{hits.Ids.Count} ids, {hits.Scores.Count} scores");

    private static Proto.EdgeContent EdgeToProto(EdgeContent edge) =>
        new() { Id = edge.Id.Value, FromId = edge.From.Value, ToId = edge.To.Value, Kind = edge.Kind.Value };

    private static EdgeContent EdgeFromProto(Proto.EdgeContent proto) =>
        new(new EdgeId(proto.Id), new NodeId(proto.FromId), new NodeId(proto.ToId), new EdgeKind(JournalCodec.ToKind(proto.Kind)));
}
