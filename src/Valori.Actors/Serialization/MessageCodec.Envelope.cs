using Akka.Actor;
using Google.Protobuf;
using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>A message in another one.</summary>
internal static partial class MessageCodec
{
    private const string EnvelopeManifest = "envelope";

    public static Proto.EngineMessage ToProto(EngineMessage m)
    {
        if (m.Message is EngineMessage) throw new ArgumentException("an envelope holds no other one");
        // As the serializer does with it alone.
        (string manifest, byte[] bytes) = FilteredRequests.Fault(m.Message) is { } fault
            ? ("query", new Proto.Query { Refusal = fault.Message }.ToByteArray())
            : (MessageKinds.Of(m.Message).Manifest, MessageKinds.Of(m.Message).ToBytes(m.Message));
        return new Proto.EngineMessage
        {
            Engine = m.Engine ?? "",
            TimeoutMilliseconds = m.TimeoutMilliseconds,
            TraceParent = m.TraceParent ?? "",
            TraceState = m.TraceState ?? "",
            Manifest = manifest,
            Message = UnsafeByteOperations.UnsafeWrap(bytes),
        };
    }

    /// <exception cref="ArgumentException">It holds another envelope, or bytes that are not those of a message.</exception>
    public static EngineMessage FromProto(Proto.EngineMessage proto, ExtendedActorSystem system) => proto.Manifest == EnvelopeManifest
        ? throw new ArgumentException("an envelope holds no other one")
        : new EngineMessage(MessageKinds.Read(proto.Message.ToByteArray(), proto.Manifest, system))
        {
            Engine = NullIfEmpty(proto.Engine),
            TimeoutMilliseconds = proto.TimeoutMilliseconds,
            TraceParent = NullIfEmpty(proto.TraceParent),
            TraceState = NullIfEmpty(proto.TraceState),
        };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
