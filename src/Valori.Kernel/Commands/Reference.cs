using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Says that an id of a command is one that an earlier command of the same transaction creates.</summary>
/// <param name="Field">Which id: the field's number in the command's protobuf message. The command has 0 there.</param>
/// <param name="Command">The place of the earlier command in the transaction, from 0.</param>
/// <param name="Position">Which of the things that it creates, from 0.</param>
public sealed record Reference(int Field, int Command, int Position = 0) : IWireFields, IWireReadable<Reference>
{
    void IWireFields.WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, (ulong)Field);
        writer.UInt64(2, (ulong)Command);
        writer.UInt64(3, (ulong)Position);
    }

    static Reference IWireReadable<Reference>.Read(ref WireReader reader) => new(reader.Int32(1), reader.Int32(2), reader.Int32(3));
}
