using Akka.Actor;
using Google.Protobuf;
using Valori.Kernel.Commands;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Actors.Serialization;

/// <summary>Makes a message of its bytes.</summary>
internal delegate object ReadMessage(byte[] bytes, ExtendedActorSystem system);

/// <summary>One kind of message that may cross a process: its type, its manifest, how it becomes bytes and is read from them.</summary>
/// <param name="Manifest">Frozen. Several kinds may share one, and then a reader.</param>
internal sealed record MessageKind(Type Type, string Manifest, Func<object, byte[]> ToBytes, Func<object, long> LengthOf, ReadMessage Read)
{
    private static readonly ReadMessage ReadCommand = OrUnreadable(CommandFields.Read);

    /// <summary>A message with a protobuf message of its own.</summary>
    public static MessageKind Of<TMessage, TProto>(string manifest, MessageParser<TProto> parser, Func<TMessage, TProto> write, Func<TProto, TMessage> read)
        where TMessage : notnull
        where TProto : IMessage<TProto> => Of(manifest, parser, write, (proto, _) => read(proto));

    /// <summary>A message that names an actor.</summary>
    public static MessageKind Of<TMessage, TProto>(string manifest, MessageParser<TProto> parser, Func<TMessage, TProto> write, Func<TProto, ExtendedActorSystem, TMessage> read)
        where TMessage : notnull
        where TProto : IMessage<TProto> => OfProto(typeof(TMessage), manifest, message => write((TMessage)message), (bytes, system) => read(parser.ParseFrom(bytes), system));

    /// <summary>A message without fields.</summary>
    public static MessageKind Of<TMessage>(string manifest)
        where TMessage : notnull, new() => new(typeof(TMessage), manifest, _ => [], _ => 0, (_, _) => new TMessage());

    /// <summary>A message around a command, in the canonical form.</summary>
    public static MessageKind Of<TMessage, TFields>(string manifest, Func<TMessage, TFields> fields, ReadFields<TMessage> read)
        where TMessage : class
        where TFields : struct, IWireFields => new(
            typeof(TMessage), manifest, message => WireWriter.ToBytes(fields((TMessage)message)), message => WireWriter.LengthOf(fields((TMessage)message)),
            OrUnreadable(read));

    public static MessageKind Of(CommandKind kind) => new(
        kind.CommandType, "command", message => WireWriter.ToBytes(new CommandFields((Command)message)), message => WireWriter.LengthOf(new CommandFields((Command)message)), ReadCommand);

    public static MessageKind OfProto(Type type, string manifest, Func<object, IMessage> write, ReadMessage read) =>
        new(type, manifest, message => write(message).ToByteArray(), message => write(message).CalculateSize(), read);

    private static ReadMessage OrUnreadable<T>(ReadFields<T> read)
        where T : class => (bytes, _) =>
        {
            try
            {
                return WireReader.ReadAll(bytes, read);
            }
            catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
            {
                return UnreadableMessage.Because(e);
            }
        };
}
