using System.Runtime.InteropServices;
using Akka.Actor;
using Google.Protobuf;
using Valori.Actors.Settings;
using Valori.Actors.Text;
using Valori.Protocol;
using JournalProto = Valori.Actors.Entries.JournalProto;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>Fields of messages to protobuf and back. Which message has which is in <see cref="MessageKinds"/>.</summary>
internal static partial class MessageCodec
{
    public static Proto.EngineOpened ToProto(EngineOpened m)
    {
        Proto.EngineOpened proto = new()
        {
            Name = m.Name,
            Dimension = (uint)m.Schema.Dimension,
            Metric = (uint)m.Schema.Metric,
            ScaleExponent = m.Schema.ScaleExponent,
            TakesEnvelopes = m.TakesEnvelopes,
        };
        // A client that does not know metrics and scales would send vectors that mean something else. It finds no gateway.
        if (m.Schema.IsDefault) proto.Gateway = PathOf(m.Gateway);
        else proto.GatewayWithSchema = PathOf(m.Gateway);
        return proto;
    }

    public static EngineOpened FromProto(Proto.EngineOpened proto, ExtendedActorSystem system) => new(
        proto.Name, SchemaOf(proto.Dimension, proto.Metric, proto.ScaleExponent),
        ResolveGateway(proto.GatewayWithSchema.Length > 0 ? proto.GatewayWithSchema : proto.Gateway, system))
    {
        TakesEnvelopes = proto.TakesEnvelopes,
    };

    /// <exception cref="ArgumentException">There can be no such schema.</exception>
    public static EngineSchema SchemaOf(uint dimension, uint metric, int scaleExponent) =>
        new((int)Math.Min(dimension, int.MaxValue), MetricOf(metric), scaleExponent);

    /// <summary>Of a number that may be anything; one that is not a metric's is refused where it is used.</summary>
    private static Metric MetricOf(uint metric) => (Metric)(int)Math.Min(metric, int.MaxValue);

    public static Proto.Receipt ToProto(Receipt m)
    {
        Proto.Receipt proto = ReceiptToProto(m);
        if (m.Document is { } document) proto.Document = document.Value;
        return proto;
    }

    private static Proto.Receipt ReceiptToProto(Receipt m) => new()
    {
        SequenceNr = m.SequenceNr,
        UnixMicroseconds = m.UnixMicroseconds,
        StateHash = ToBytes(m.StateHash),
        Chain = ToBytes(m.Chain),
        HistoryRoot = ToBytes(m.HistoryRoot),
        FirstId = m.FirstId,
        Count = (uint)m.Count,
        FirstNode = m.Nodes.First,
        Nodes = (uint)m.Nodes.Count,
        FirstEdge = m.Edges.First,
        Edges = (uint)m.Edges.Count,
        FirstReplaced = m.FirstReplaced,
        Replaced = (uint)m.Replaced,
    };

    public static Receipt FromProto(Proto.Receipt proto) => new(
        proto.SequenceNr, proto.UnixMicroseconds, Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span),
        HistoryRootOf(proto.HistoryRoot), proto.FirstId, checked((int)proto.Count))
    {
        Nodes = new IdRange(proto.FirstNode, checked((int)proto.Nodes)),
        Edges = new IdRange(proto.FirstEdge, checked((int)proto.Edges)),
        FirstReplaced = proto.FirstReplaced,
        Replaced = checked((int)proto.Replaced),
        Document = proto.HasDocument ? new NodeId(proto.Document) : null,
    };

    public static Proto.SnapshotSaved ToProto(SnapshotSaved m) => new() { Path = m.Path, SequenceNr = m.SequenceNr, StateHash = ToBytes(m.StateHash) };

    public static SnapshotSaved FromProto(Proto.SnapshotSaved proto) => new(proto.Path, proto.SequenceNr, Digest.Read(proto.StateHash.Span));

    public static Proto.RestoreChunk ToProto(RestoreChunk m) => new() { Offset = m.Offset, Bytes = UnsafeByteOperations.UnsafeWrap(m.Bytes) };

    public static JournalProto.Vectors ToProto(VectorBlock vectors)
    {
        JournalProto.Vectors proto = new() { Dimension = (uint)vectors.Dimension };
        ByteString raw = UnsafeByteOperations.UnsafeWrap(vectors.Raw);
        if (vectors.IsNarrow) proto.Raw16 = raw;
        else proto.Raw32 = raw;
        return proto;
    }

    /// <exception cref="ArgumentException">Not a block that <see cref="VectorBlock.FromRaw"/> accepts.</exception>
    public static VectorBlock FromProto(JournalProto.Vectors? proto)
    {
        if (proto is null || proto.RawCase == JournalProto.Vectors.RawOneofCase.None) throw new ArgumentException("the vectors are missing");
        bool isNarrow = proto.RawCase == JournalProto.Vectors.RawOneofCase.Raw16;
        return VectorBlock.FromRaw((int)Math.Min(proto.Dimension, int.MaxValue), isNarrow, (isNarrow ? proto.Raw16 : proto.Raw32).Memory);
    }

    /// <summary>Kinds are one byte in the formats and varints on the wire.</summary>
    public static byte ToKind(uint kind) =>
        kind <= byte.MaxValue ? (byte)kind : throw new ArgumentException($"kind {kind} is outside one byte");

    public static string PathOf(IActorRef actor) => Akka.Serialization.Serialization.SerializedActorPath(actor);

    /// <summary>The engine of a gateway's path; which gateway of that name it was when the path was written does not matter.</summary>
    public static EngineAddress EngineAddressOf(string path)
    {
        ActorPath parsed = PathBelow(path, 3);
        return new EngineAddress(parsed.Address, parsed.Name);
    }

    /// <summary>A gateway, of whatever process. Any other actor could be made to receive what an engine is sent.</summary>
    public static IActorRef ResolveGateway(string path, ExtendedActorSystem system) => Resolve(PathBelow(path, 3), system);

    public static IActorRef ResolveUpload(string path, ExtendedActorSystem system) => Resolve(PathBelow(path, 4), system);

    private static IActorRef Resolve(ActorPath path, ExtendedActorSystem system) => system.Provider.ResolveActorRef(path);

    private static ActorPath PathBelow(string path, int length) =>
        ActorPath.TryParse(path, out ActorPath? parsed) && parsed.Elements is { } elements && elements.Count == length
            && elements[0] == "user" && elements[1] == GuardianAddress.Name && ValoriSettings.IsValidName(elements[2])
            ? parsed
            : throw new ArgumentException($"{Describe.Name(path)} is not the path of an actor of Valori");

    /// <summary>Zero in what a process from before there were history roots sends.</summary>
    public static Digest HistoryRootOf(ByteString bytes) => bytes.IsEmpty ? Digest.Zero : Digest.Read(bytes.Span);

    public static ByteString ToBytes(Digest digest) => ByteString.CopyFrom(digest.ToArray());

    public static ByteString ToBytes(ReadOnlyMemory<int> raw) => ByteString.CopyFrom(MemoryMarshal.AsBytes(raw.Span));
}
