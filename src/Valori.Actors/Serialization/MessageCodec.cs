using System.Runtime.InteropServices;
using Akka.Actor;
using Google.Protobuf;
using Valori.Actors.Entries;
using Valori.Actors.Gateway;
using Valori.Actors.Protocol;
using Valori.Actors.Settings;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Messages to protobuf (messages.proto) and back; the manifest tells which.</summary>
internal static partial class MessageCodec
{
    /// <summary>Every type that has a form on the wire, with its frozen manifest.</summary>
    private static readonly Dictionary<Type, string> Manifests = new()
    {
        [typeof(OpenEngine)] = "open",
        [typeof(EngineOpened)] = "opened",
        [typeof(ListEngines)] = "list",
        [typeof(EngineNames)] = "names",
        [typeof(InsertRecords)] = "command",
        [typeof(DeleteRecord)] = "command",
        [typeof(SetMetadata)] = "command",
        [typeof(CreateNode)] = "command",
        [typeof(CreateEdge)] = "command",
        [typeof(DeleteNode)] = "command",
        [typeof(DeleteEdge)] = "command",
        [typeof(Request)] = "request",
        [typeof(Receipt)] = "receipt",
        [typeof(Refusal)] = "refusal",
        [typeof(EngineFailure)] = "failure",
        [typeof(SaveSnapshot)] = "save",
        [typeof(SnapshotSaved)] = "saved",
        [typeof(BeginRestore)] = "restore",
        [typeof(RestoreStarted)] = "restore-started",
        [typeof(RestoreChunk)] = "chunk",
        [typeof(RestoreChunkTaken)] = "chunk-taken",
        [typeof(CompleteRestore)] = "restore-complete",
        [typeof(AbortRestore)] = "restore-abort",
        [typeof(Search)] = "query",
        [typeof(SearchBatch)] = "query",
        [typeof(SearchExpand)] = "query",
        [typeof(GetRecord)] = "query",
        [typeof(GetMetadata)] = "query",
        [typeof(GetNode)] = "query",
        [typeof(GetEdge)] = "query",
        [typeof(GetNodeEdges)] = "query",
        [typeof(Expand)] = "query",
        [typeof(GetStatus)] = "query",
        [typeof(ProveContent)] = "query",
        [typeof(ProveHistory)] = "query",
        [typeof(GetTimeline)] = "query",
        [typeof(GetTreeDigests)] = "query",
        [typeof(CompareWith)] = "query",
        [typeof(SearchHits)] = "hits",
        [typeof(SearchHitsBatch)] = "hits-batch",
        [typeof(ExpandedHits)] = "expanded-hits",
        [typeof(RecordContent)] = "record",
        [typeof(RecordMetadata)] = "metadata",
        [typeof(NodeContent)] = "node",
        [typeof(EdgeContent)] = "edge",
        [typeof(NodeEdges)] = "node-edges",
        [typeof(NodeList)] = "nodes",
        [typeof(EngineStatus)] = "status",
        [typeof(ContentProof)] = "content-proof",
        [typeof(HistoryExtension)] = "history-proof",
        [typeof(Timeline)] = "timeline",
        [typeof(TreeDigests)] = "tree-digests",
        [typeof(Comparison)] = "comparison",
    };

    /// <summary>Every type that has a form on the wire.</summary>
    public static IEnumerable<Type> Types => Manifests.Keys;

    public static string ManifestOf(object message) =>
        Manifests.TryGetValue(message.GetType(), out string? manifest)
            ? manifest
            : throw new ArgumentException($"{message.GetType().Name} has no form on the wire");

    public static IMessage ToProto(object message, ExtendedActorSystem system) => message switch
    {
        Command command => ToProto(command),
        Query query => ToProto(query),
        Request m => new Proto.Request { Id = m.Id.Value, Command = ToProto(m.Command) },
        OpenEngine m => WithDimension(new Proto.OpenEngine { Name = m.Name, Create = m.Create, AtOnce = !m.Wait }, m.Dimension),
        EngineOpened m => new Proto.EngineOpened { Name = m.Name, Dimension = (uint)m.Dimension, Gateway = PathOf(m.Gateway) },
        ListEngines => new Proto.ListEngines(),
        EngineNames m => new Proto.EngineNames { Names = { m.Names } },
        Receipt m => new Proto.Receipt
        {
            SequenceNr = m.SequenceNr,
            UnixMicroseconds = m.UnixMicroseconds,
            StateHash = ToBytes(m.StateHash),
            Chain = ToBytes(m.Chain),
            HistoryRoot = ToBytes(m.HistoryRoot),
            FirstId = m.FirstId,
            Count = (uint)m.Count,
        },
        Refusal m => new Proto.Refusal { Kind = (uint)m.Kind, Message = m.Message },
        EngineFailure m => new Proto.EngineFailure { Kind = (uint)m.Kind, Message = m.Message },
        SaveSnapshot => new Proto.SaveSnapshot(),
        SnapshotSaved m => new Proto.SnapshotSaved { Path = m.Path, SequenceNr = m.SequenceNr, StateHash = ToBytes(m.StateHash) },
        BeginRestore => new Proto.BeginRestore(),
        RestoreStarted m => new Proto.RestoreStarted { Upload = PathOf(m.Upload) },
        RestoreChunk m => new Proto.RestoreChunk { Offset = m.Offset, Bytes = UnsafeByteOperations.UnsafeWrap(m.Bytes) },
        RestoreChunkTaken m => new Proto.RestoreChunkTaken { NextOffset = m.NextOffset },
        CompleteRestore => new Proto.CompleteRestore(),
        AbortRestore => new Proto.AbortRestore(),
        _ => AnswerToProto(message),
    };

    public static object FromBytes(byte[] bytes, string manifest, ExtendedActorSystem system)
    {
        switch (manifest)
        {
            case "command": return FromProto(Proto.Command.Parser.ParseFrom(bytes));
            case "request":
                Proto.Request request = Proto.Request.Parser.ParseFrom(bytes);
                return new Request(RequestId.Parse(request.Id), FromProto(request.Command ?? new Proto.Command()));
            case "query": return FromProto(Proto.Query.Parser.ParseFrom(bytes), system);
            case "open":
                Proto.OpenEngine open = Proto.OpenEngine.Parser.ParseFrom(bytes);
                return new OpenEngine(open.Name, open.HasDimension ? checked((int)open.Dimension) : null, open.Create, !open.AtOnce);
            case "opened":
                Proto.EngineOpened opened = Proto.EngineOpened.Parser.ParseFrom(bytes);
                return new EngineOpened(opened.Name, checked((int)opened.Dimension), ResolveGateway(opened.Gateway, system));
            case "list": return new ListEngines();
            case "names": return new EngineNames([.. Proto.EngineNames.Parser.ParseFrom(bytes).Names]);
            case "receipt":
                Proto.Receipt receipt = Proto.Receipt.Parser.ParseFrom(bytes);
                return new Receipt(
                    receipt.SequenceNr, receipt.UnixMicroseconds, Digest.Read(receipt.StateHash.Span), Digest.Read(receipt.Chain.Span),
                    HistoryRootOf(receipt.HistoryRoot), receipt.FirstId, checked((int)receipt.Count));
            case "refusal":
                Proto.Refusal refusal = Proto.Refusal.Parser.ParseFrom(bytes);
                return new Refusal((RefusalKind)refusal.Kind, refusal.Message);
            case "failure":
                Proto.EngineFailure failure = Proto.EngineFailure.Parser.ParseFrom(bytes);
                return new EngineFailure((EngineFailureKind)failure.Kind, failure.Message);
            case "save": return new SaveSnapshot();
            case "saved":
                Proto.SnapshotSaved saved = Proto.SnapshotSaved.Parser.ParseFrom(bytes);
                return new SnapshotSaved(saved.Path, saved.SequenceNr, Digest.Read(saved.StateHash.Span));
            case "restore": return new BeginRestore();
            case "restore-started": return new RestoreStarted(ResolveUpload(Proto.RestoreStarted.Parser.ParseFrom(bytes).Upload, system));
            case "chunk":
                Proto.RestoreChunk chunk = Proto.RestoreChunk.Parser.ParseFrom(bytes);
                return new RestoreChunk(chunk.Offset, chunk.Bytes.Memory);
            case "chunk-taken": return new RestoreChunkTaken(Proto.RestoreChunkTaken.Parser.ParseFrom(bytes).NextOffset);
            case "restore-complete": return new CompleteRestore();
            case "restore-abort": return new AbortRestore();
            default: return AnswerFromBytes(bytes, manifest);
        }
    }

    private static Proto.OpenEngine WithDimension(Proto.OpenEngine proto, int? dimension)
    {
        // A negative dimension is refused by the guardian like any other wrong one; on the wire it is a large number.
        if (dimension is { } value) proto.Dimension = (uint)Math.Max(0, value);
        return proto;
    }

    private static Proto.Command ToProto(Command command) => command switch
    {
        InsertRecords(var vectors, var tags) => new Proto.Command
        {
            InsertRecords = new Proto.InsertRecords { Vectors = JournalCodec.ToProto(vectors), Tags = JournalCodec.ToBytes(tags) },
        },
        DeleteRecord(var id) => new Proto.Command { DeleteRecord = id.Value },
        SetMetadata(var id, var metadata) => new Proto.Command
        {
            SetMetadata = new Proto.SetMetadata { Id = id.Value, Metadata = UnsafeByteOperations.UnsafeWrap(metadata) },
        },
        CreateNode(var kind, var record) => new Proto.Command
        {
            CreateNode = record is { } id ? new Proto.CreateNode { Kind = kind.Value, RecordId = id.Value } : new Proto.CreateNode { Kind = kind.Value },
        },
        CreateEdge(var from, var to, var kind) => new Proto.Command
        {
            CreateEdge = new Proto.CreateEdge { FromId = from.Value, ToId = to.Value, Kind = kind.Value },
        },
        DeleteNode(var id) => new Proto.Command { DeleteNode = id.Value },
        DeleteEdge(var id) => new Proto.Command { DeleteEdge = id.Value },
        _ => throw new ArgumentException($"{command.GetType().Name} has no form on the wire"),
    };

    private static Command FromProto(Proto.Command proto) => proto.CommandCase switch
    {
        Proto.Command.CommandOneofCase.InsertRecords =>
            new InsertRecords(JournalCodec.FromProto(proto.InsertRecords.Vectors), JournalCodec.FromBytes(proto.InsertRecords.Tags.Span)),
        Proto.Command.CommandOneofCase.DeleteRecord => new DeleteRecord(new RecordId(proto.DeleteRecord)),
        Proto.Command.CommandOneofCase.SetMetadata => new SetMetadata(new RecordId(proto.SetMetadata.Id), proto.SetMetadata.Metadata.Memory),
        Proto.Command.CommandOneofCase.CreateNode => new CreateNode(
            new NodeKind(JournalCodec.ToKind(proto.CreateNode.Kind)), proto.CreateNode.HasRecordId ? new RecordId(proto.CreateNode.RecordId) : null),
        Proto.Command.CommandOneofCase.CreateEdge => new CreateEdge(
            new NodeId(proto.CreateEdge.FromId), new NodeId(proto.CreateEdge.ToId), new EdgeKind(JournalCodec.ToKind(proto.CreateEdge.Kind))),
        Proto.Command.CommandOneofCase.DeleteNode => new DeleteNode(new NodeId(proto.DeleteNode)),
        Proto.Command.CommandOneofCase.DeleteEdge => new DeleteEdge(new EdgeId(proto.DeleteEdge)),
        var unknown => throw new ArgumentException($"unknown command {unknown}"),
    };

    private static string PathOf(IActorRef actor) => Akka.Serialization.Serialization.SerializedActorPath(actor);

    /// <summary>A gateway, of whatever process. Any other actor could be made to receive what an engine is sent.</summary>
    private static IActorRef ResolveGateway(string path, ExtendedActorSystem system) => Resolve(path, system, below: 3);

    private static IActorRef ResolveUpload(string path, ExtendedActorSystem system) => Resolve(path, system, below: 4);

    private static IActorRef Resolve(string path, ExtendedActorSystem system, int below)
    {
        if (!ActorPath.TryParse(path, out ActorPath? parsed) || parsed.Elements is not { } elements || elements.Count != below
            || elements[0] != "user" || elements[1] != ValoriGuardian.Name || !ValoriSettings.IsValidName(elements[2]))
            throw new ArgumentException($"{Describe.Name(path)} is not the path of an actor of Valori");
        return system.Provider.ResolveActorRef(path);
    }

    /// <summary>Zero in what a process from before there were history roots sends.</summary>
    private static Digest HistoryRootOf(ByteString bytes) => bytes.IsEmpty ? Digest.Zero : Digest.Read(bytes.Span);

    private static ByteString ToBytes(Digest digest) => ByteString.CopyFrom(digest.ToArray());

    private static ByteString ToBytes(ReadOnlyMemory<int> raw) => ByteString.CopyFrom(MemoryMarshal.AsBytes(raw.Span));
}
