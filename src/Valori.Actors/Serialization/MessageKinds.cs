using System.Collections.Frozen;
using Akka.Actor;
using Google.Protobuf;
using Valori.Kernel.Commands;
using Valori.Protocol;
using static Valori.Actors.Serialization.MessageCodec;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>
/// The list of all kinds of message that may cross a process. A new kind is a line here (or in <see cref="QueryKinds"/>, or in
/// <see cref="CommandKinds"/>): manifests, bindings, the fuzzer's corpus and the tests of the serializer follow from it.
/// </summary>
internal static class MessageKinds
{
    private static readonly ReadMessage ReadQuery = (bytes, _) => QueryKinds.Read(bytes);
    private static readonly FrozenDictionary<Type, MessageKind> ByType;
    private static readonly FrozenDictionary<string, ReadMessage> ByManifest;

    static MessageKinds()
    {
        ByType = All.ToFrozenDictionary(kind => kind.Type);
        Dictionary<string, ReadMessage> readers = [];
        foreach (MessageKind kind in All)
        {
            if (!readers.TryAdd(kind.Manifest, kind.Read) && readers[kind.Manifest] != kind.Read)
                throw new InvalidOperationException($"{kind.Type.Name} has the manifest '{kind.Manifest}', which others have");
        }
        ByManifest = readers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static IReadOnlyList<MessageKind> All { get; } =
    [
        MessageKind.Of<EngineMessage, Proto.EngineMessage>("envelope", Proto.EngineMessage.Parser, ToProto, FromProto),

        // Guardian
        MessageKind.Of<OpenEngine, OpenEngineFields>("open", open => new OpenEngineFields(open), OpenEngineFields.Read),
        MessageKind.Of<EngineOpened, Proto.EngineOpened>("opened", Proto.EngineOpened.Parser, ToProto, FromProto),
        MessageKind.Of<DropEngine, Proto.DropEngine>("drop", Proto.DropEngine.Parser, m => new() { Name = m.Name }, proto => new DropEngine(proto.Name)),
        MessageKind.Of<EngineDropped, Proto.EngineDropped>("dropped", Proto.EngineDropped.Parser, m => new() { Name = m.Name }, proto => new EngineDropped(proto.Name)),
        MessageKind.Of<ListEngines>("list"),
        MessageKind.Of<EngineNames, Proto.EngineNames>("names", Proto.EngineNames.Parser, m => new() { Names = { m.Names } }, proto => new EngineNames([.. proto.Names])),

        // Commands and their answers
        .. CommandKinds.All.Select(MessageKind.Of),
        MessageKind.Of<Request, RequestFields>("request", request => new RequestFields(request), RequestFields.Read),
        MessageKind.Of<Receipt, Proto.Receipt>("receipt", Proto.Receipt.Parser, ToProto, FromProto),
        MessageKind.Of<Refusal, Proto.Refusal>(
            "refusal", Proto.Refusal.Parser, m => new() { Kind = (uint)m.Kind, Message = m.Message }, proto => new Refusal((RefusalKind)proto.Kind, proto.Message)),
        MessageKind.Of<EngineFailure, Proto.EngineFailure>(
            "failure", Proto.EngineFailure.Parser, m => new() { Kind = (uint)m.Kind, Message = m.Message }, proto => new EngineFailure((EngineFailureKind)proto.Kind, proto.Message)),
        MessageKind.Of<SaveSnapshot>("save"),
        MessageKind.Of<SnapshotSaved, Proto.SnapshotSaved>("saved", Proto.SnapshotSaved.Parser, ToProto, FromProto),

        // A restore: an upload in chunks
        MessageKind.Of<BeginRequest, Proto.BeginRequest>(
            "begin-request", Proto.BeginRequest.Parser, m => new() { Manifest = m.Manifest, TotalBytes = m.TotalBytes }, proto => new BeginRequest(proto.Manifest, proto.TotalBytes)),
        MessageKind.Of<BeginRestore>("restore"),
        MessageKind.Of<RestoreStarted, Proto.RestoreStarted>(
            "restore-started", Proto.RestoreStarted.Parser, m => new() { Upload = PathOf(m.Upload) }, (proto, system) => new RestoreStarted(ResolveUpload(proto.Upload, system))),
        MessageKind.Of<RestoreChunk, Proto.RestoreChunk>("chunk", Proto.RestoreChunk.Parser, ToProto, proto => new RestoreChunk(proto.Offset, proto.Bytes.Memory)),
        MessageKind.Of<RestoreChunkTaken, Proto.RestoreChunkTaken>(
            "chunk-taken", Proto.RestoreChunkTaken.Parser, m => new() { NextOffset = m.NextOffset }, proto => new RestoreChunkTaken(proto.NextOffset)),
        MessageKind.Of<CompleteRestore>("restore-complete"),
        MessageKind.Of<AbortRestore>("restore-abort"),

        // Queries and their answers
        .. QueryKinds.All.Select(query => MessageKind.OfProto(query.Type, "query", message => QueryKinds.ToProto((Query)message), ReadQuery)),
        MessageKind.Of<RecordPage, Proto.RecordPage>("record-page", Proto.RecordPage.Parser, ToProto, FromProto),
        MessageKind.Of<RecordList, Proto.RecordList>("record-list", Proto.RecordList.Parser, ToProto, FromProto),
        MessageKind.Of<DistinctValues, Proto.DistinctValues>("distinct-values", Proto.DistinctValues.Parser, ToProto, FromProto),
        MessageKind.Of<RecordTotal, Proto.RecordTotal>("record-total", Proto.RecordTotal.Parser, m => new() { Count = m.Count }, proto => new RecordTotal(proto.Count)),
        MessageKind.Of<SearchHits, Proto.SearchHits>("hits", Proto.SearchHits.Parser, ToProto, FromProto),
        MessageKind.Of<SearchHitsBatch, Proto.SearchHitsBatch>("hits-batch", Proto.SearchHitsBatch.Parser, ToProto, FromProto),
        MessageKind.Of<ExpandedHits, Proto.ExpandedHits>("expanded-hits", Proto.ExpandedHits.Parser, ToProto, FromProto),
        MessageKind.Of<RecordContent, Proto.RecordContent>("record", Proto.RecordContent.Parser, ToProto, FromProto),
        MessageKind.Of<RecordPresence, Proto.RecordPresence>("presence", Proto.RecordPresence.Parser, ToProto, FromProto),
        MessageKind.Of<RecordMetadata, Proto.RecordMetadata>("metadata", Proto.RecordMetadata.Parser, ToProto, FromProto),
        MessageKind.Of<NodeContent, Proto.NodeContent>("node", Proto.NodeContent.Parser, ToProto, FromProto),
        MessageKind.Of<EdgeContent, Proto.EdgeContent>("edge", Proto.EdgeContent.Parser, ToProto, FromProto),
        MessageKind.Of<NodeEdges, Proto.NodeEdges>(
            "node-edges", Proto.NodeEdges.Parser, m => new() { Outgoing = { m.Outgoing.Select(ToProto) }, Incoming = { m.Incoming.Select(ToProto) } },
            proto => new NodeEdges([.. proto.Outgoing.Select(FromProto)], [.. proto.Incoming.Select(FromProto)])),
        MessageKind.Of<NodePage, Proto.NodePage>("node-page", Proto.NodePage.Parser, ToProto, FromProto),
        MessageKind.Of<EdgePage, Proto.EdgePage>("edge-page", Proto.EdgePage.Parser, ToProto, FromProto),
        MessageKind.Of<Subgraph, Proto.Subgraph>("subgraph", Proto.Subgraph.Parser, ToProto, FromProto),
        MessageKind.Of<SubgraphHits, Proto.SubgraphHits>("subgraph-hits", Proto.SubgraphHits.Parser, ToProto, FromProto),
        MessageKind.Of<NodeList, Proto.NodeList>(
            "nodes", Proto.NodeList.Parser, m => new() { Nodes = { m.Nodes.Select(id => id.Value) } }, proto => new NodeList([.. proto.Nodes.Select(id => new NodeId(id))])),
        MessageKind.Of<EngineStatus, Proto.EngineStatus>("status", Proto.EngineStatus.Parser, ToProto, FromProto),

        // Proofs, timeline, comparing
        MessageKind.Of<ContentProof, Proto.ContentProof>("content-proof", Proto.ContentProof.Parser, ToProto, FromProto),
        MessageKind.Of<HistoryExtension, Proto.HistoryExtension>("history-proof", Proto.HistoryExtension.Parser, ToProto, FromProto),
        MessageKind.Of<Timeline, Proto.Timeline>(
            "timeline", Proto.Timeline.Parser, m => new() { Entries = { m.Entries.Select(ToProto) }, LastSequenceNr = m.LastSequenceNr },
            proto => new Timeline([.. proto.Entries.Select(FromProto)], proto.LastSequenceNr)),
        MessageKind.Of<EventPage, Proto.EventPage>(
            "events", Proto.EventPage.Parser, m => new() { LastSequenceNr = m.LastSequenceNr, Events = { m.Events.Select(UnsafeByteOperations.UnsafeWrap) }, TotalBytes = m.TotalBytes },
            proto => new EventPage(proto.LastSequenceNr, [.. proto.Events.Select(one => one.Memory)], proto.TotalBytes)),
        MessageKind.Of<TreeDigests, Proto.TreeDigests>("tree-digests", Proto.TreeDigests.Parser, m => new() { Digests = ToBytes(m.Digests) }, proto => new TreeDigests(DigestsOf(proto.Digests))),
        MessageKind.Of<Comparison, Proto.Comparison>("comparison", Proto.Comparison.Parser, ToProto, FromProto),

        // The index
        MessageKind.Of<GetIndexStatus>("index"),
        MessageKind.Of<WaitForIndex, Proto.WaitForIndex>(
            "wait-for-index", Proto.WaitForIndex.Parser, m => new() { MaximumMilliseconds = m.MaximumMilliseconds }, proto => new WaitForIndex(proto.MaximumMilliseconds)),
        MessageKind.Of<IndexStatus, Proto.IndexStatus>("index-status", Proto.IndexStatus.Parser, ToProto, FromProto),
    ];

    /// <summary>The kind of a message.</summary>
    /// <exception cref="ArgumentException">It is not one that may cross a process.</exception>
    public static MessageKind Of(object message) => ByType.TryGetValue(message.GetType(), out MessageKind? kind)
        ? kind
        : throw new ArgumentException($"{message.GetType().Name} has no form on the wire");

    /// <exception cref="ArgumentException">There is no such manifest, or the bytes do not hold what they must.</exception>
    /// <exception cref="FormatException">As for <see cref="ArgumentException"/>.</exception>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">The bytes are not a protobuf message.</exception>
    public static object Read(byte[] bytes, string manifest, ExtendedActorSystem system) => ByManifest.TryGetValue(manifest, out ReadMessage? read)
        ? read(bytes, system)
        : throw new ArgumentException($"unknown manifest '{manifest}'");
}
