using Google.Protobuf;
using Valori.Actors.Protocol;
using Valori.Actors.Serialization;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Merkle;
using Valori.Kernel.Proofs;
using Valori.Kernel.Vectors;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Fuzz.Corpus;

/// <summary>Every message that may cross a process (docs/formats.md, section 13), as bytes of its manifest.</summary>
internal static class SampleMessages
{
    // Those of real actors have a port and a number that differ from run to run.
    private const string ActorPath = "akka.tcp://valori@127.0.0.1:4053/user/valori/notes#1234567";

    private static readonly Digest Hash = SampleStates.Hash;
    private static readonly HistoryPlace Place = new(3, -4, Hash, Digest.Zero, Hash);
    private static readonly VectorBlock Narrow = VectorBlock.FromComponents(3, [0.25f, -0.25f, 0]).Value!;
    private static readonly VectorBlock Wide = VectorBlock.FromComponents(3, [250f, -250f, 1, 2, 3, 4]).Value!;

    /// <summary>Manifests of what an engine is asked, and where it takes it.</summary>
    public static readonly string[] Questions = ["query", "command", "request", "save", "open", "list"];

    /// <summary>All manifests, those of the journal and of snapshots included, in ordinal order: an input's first byte is a place in it.</summary>
    public static readonly Lazy<string[]> Manifests = new(() => [.. All().Select(sample => sample.Manifest).Append("J").Append("S").Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>The types of <see cref="MessageCodec.Types"/> that no sample is of.</summary>
    public static IEnumerable<Type> Missing() => MessageCodec.Types.Except([.. Messages.Select(message => message.GetType()), .. WithActors.Select(sample => sample.Type)]);

    public static IEnumerable<(string Manifest, byte[] Bytes)> All() =>
    [
        .. Messages.Select(message => (Sandbox.Serializer.Manifest(message), Sandbox.Serializer.ToBinary(message))),
        .. WithActors.Select(sample => (sample.Manifest, sample.Proto.ToByteArray())),
    ];

    private static IEnumerable<(Type Type, string Manifest, IMessage Proto)> WithActors =>
    [
        (typeof(EngineOpened), "opened", new Proto.EngineOpened { Name = "a", Dimension = 7, Gateway = ActorPath }),
        (typeof(RestoreStarted), "restore-started", new Proto.RestoreStarted { Upload = "akka://valori/user/valori/notes/$a" }),
        (typeof(CompareWith), "query", new Proto.Query { CompareWith = new Proto.CompareWith { Other = ActorPath, Limit = 5 } }),
    ];

    private static IEnumerable<object> Messages => [.. Conversation, .. Queries, .. Answers];

    private static IEnumerable<object> Conversation =>
    [
        new OpenEngine("a"), new OpenEngine("b", 7, false, false), new ListEngines(), new EngineNames(["a", "b"]), new InsertRecords(Narrow, new ulong[] { ulong.MaxValue }),
        new InsertRecords(Wide, new ulong[] { 0, 1 }), new DeleteRecord(new RecordId(0)), new SetMetadata(new RecordId(1), Array.Empty<byte>()),
        new SetMetadata(new RecordId(1), new byte[] { 1, 2 }), new CreateNode(new NodeKind(0), null), new CreateNode(NodeKind.Chunk, new RecordId(0)),
        new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.RefersTo), new DeleteNode(new NodeId(3)), new DeleteEdge(new EdgeId(4)),
        new Request(RequestId.Parse("a-b"), new DeleteRecord(new RecordId(0))), new Request(RequestId.Parse("~"), new InsertRecords(Narrow, new ulong[] { 3 })),
        new Receipt(3, -1, Hash, Digest.Zero, Hash, 5, 6), new Refusal(RefusalKind.Conflict, "why"), new EngineFailure(EngineFailureKind.Overloaded, "why"),
        new SaveSnapshot(), new SnapshotSaved("/a", 3, Hash), new BeginRestore(), new RestoreChunk(9, new byte[] { 1 }), new RestoreChunkTaken(10),
        new CompleteRestore(), new AbortRestore(),
    ];

    private static IEnumerable<object> Queries =>
    [
        new Search(new SearchQuery(Narrow, 3)), new Search(Tagged(Narrow, -1, 0)), new SearchBatch(Tagged(Wide, 3, 1)), new SearchExpand(Tagged(Narrow, 3, 9), 2), new GetRecord(new RecordId(1)),
        new GetMetadata(new RecordId(1)), new GetNode(new NodeId(1)), new GetEdge(new EdgeId(0)), new GetNodeEdges(new NodeId(1)), new Expand(new NodeId(0), 2), new GetStatus(),
        new GetRecord(new RecordId(1)) { AsOf = AsOf.SequenceNr(7) }, new GetStatus { AsOf = AsOf.Time(DateTimeOffset.UnixEpoch.AddSeconds(1.5)) },
        new Search(new SearchQuery(Narrow, 3), WithReceipt: true) { AsOf = AsOf.StateHash(Hash) }, new Search(Tagged(Narrow, 3, 1), WithReceipt: true),
        new ProveContent(ContentKind.Node, 1), new ProveContent(ContentKind.Record, ulong.MaxValue), new ProveHistory(1, 5),
        new ProveHistory(1, long.MaxValue), new GetTimeline(1, 20),
        new GetTreeDigests(ContentKind.Edge, [new TreePlace(0, 0), new TreePlace(63, ulong.MaxValue)]),
        new GetTreeDigests(ContentKind.Record, [new TreePlace(0, 5), new TreePlace(2, 0)]) { AsOf = AsOf.SequenceNr(9) },
    ];

    private static IEnumerable<object> Answers =>
    [
        new SearchHits([new SearchHit(new RecordId(1), long.MaxValue)]), new SearchHits([new SearchHit(new RecordId(1), 2)], new SearchReceipt(3, Hash, Digest.Zero)),
        new SearchHitsBatch([[], [new SearchHit(new RecordId(1), 2)]]), new ExpandedHits([new ExpandedHit(new SearchHit(new RecordId(1), 0), [new NodeId(2)])]),
        new RecordContent(new RecordId(1), 2, new[] { -3, 4 }, null), new RecordContent(new RecordId(1), 2, new[] { -3, 4 }, Array.Empty<byte>()),
        new RecordMetadata(null), new RecordMetadata(new byte[] { 5 }), new NodeContent(new NodeId(1), NodeKind.Chunk, null),
        new NodeContent(new NodeId(1), NodeKind.Chunk, new RecordId(0)), new EdgeContent(new EdgeId(1), new NodeId(2), new NodeId(3), EdgeKind.ParentOf),
        new NodeEdges([new EdgeContent(new EdgeId(1), new NodeId(2), new NodeId(3), EdgeKind.ParentOf)], []), new NodeList([new NodeId(1), new NodeId(ulong.MaxValue)]),
        new EngineStatus("a", 2, 3, 4, Hash, Digest.Zero, Hash, 5, 6, 7, 8, 9, 10),
        new ContentProof(Place, new InclusionProof(ContentKind.Record, 2, new TreeHead(1, Hash), new TreeHead(0, Digest.Zero), new TreeHead(3, Hash),
            new byte[] { 1, 2 }, [Hash, Digest.Zero])),
        new HistoryExtension(new HistoryProof(1, 2, Digest.Zero, Hash, [Hash], [], [Digest.Zero, Hash])),
        new Timeline(
            [new TimelineEntry(3, 4, Hash, Digest.Zero, [new TimelineChange(TimelineKind.RecordsInserted, 0, 5, "a-1"), new TimelineChange(TimelineKind.RequestsKept, null, 0, null)])], 9),
        new TreeDigests([Hash, Digest.Zero]), new Comparison(Place, Place, [new Difference(ContentKind.Edge, 7, DifferenceKind.OnlyInOther)], IsComplete: true, 12),
    ];

    private static SearchQuery Tagged(VectorBlock vectors, int k, ulong tag) => new(vectors, k) { Filter = RecordFilter.Tag(tag) };
}
