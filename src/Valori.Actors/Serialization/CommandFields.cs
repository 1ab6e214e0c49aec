using Valori.Actors.Entries;
using Valori.Kernel.Commands;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Actors.Serialization;

/// <summary>A command as the protobuf message Command.</summary>
internal readonly struct CommandFields(Command command) : IWireFields
{
    public void WriteFields(ref WireWriter writer) => CommandKinds.Write(ref writer, command);

    public static Command Read(ref WireReader reader) => CommandKinds.Read(ref reader);
}

/// <summary>A command with a name as the protobuf message Request.</summary>
internal readonly struct RequestFields(Request request) : IWireFields
{
    public void WriteFields(ref WireWriter writer)
    {
        request.Id.Write(ref writer, 1);
        writer.Message(2, new CommandFields(request.Command));
    }

    public static Request Read(ref WireReader reader)
    {
        RequestId id = reader.RequestId(1) ?? throw new FormatException("the request has no id");
        return new Request(id, reader.Message(2, CommandFields.Read));
    }
}
