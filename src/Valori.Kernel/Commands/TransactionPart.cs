using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>One command of a <see cref="Transact"/>.</summary>
/// <param name="References">Those of its ids that an earlier command creates, by ascending fields. The others are in the command.</param>
public sealed record TransactionPart(Command Command, IReadOnlyList<Reference> References) : IWireFields, IWireReadable<TransactionPart>
{
    // What is counted besides the content: at least the bytes that the digest takes.
    private const int FixedBytes = 64, ReferenceBytes = 16;

    /// <summary>A command without references.</summary>
    public TransactionPart(Command command)
        : this(command, [])
    {
    }

    internal long ContentBytes => Command.ContentBytes + FixedBytes + (long)References.Count * ReferenceBytes;

    internal string? MissingProperty =>
        Command is null ? nameof(Command) : References is null || References.Contains(null!) ? nameof(References) : Command.MissingProperty is { } missing ? $"{nameof(Command)}.{missing}" : null;

    void IWireFields.WriteFields(ref WireWriter writer)
    {
        writer.Message(1, new OneCommand(Command));
        foreach (Reference reference in References) writer.Message(2, reference);
    }

    static TransactionPart IWireReadable<TransactionPart>.Read(ref WireReader reader)
    {
        Command command = reader.Message(1, ReadCommand);
        List<Reference> references = [];
        while (reader.OptionalMessage(2, ReadReference) is { } reference) references.Add(reference);
        return new TransactionPart(command, references);
    }

    internal void AddTo(ref DigestMaterial digest)
    {
        digest.AddDigestOf(Command);
        digest.Add(References.Count);
        foreach (Reference reference in References)
        {
            digest.Add(reference.Field);
            digest.Add(reference.Command);
            digest.Add(reference.Position);
        }
    }

    private static Reference ReadReference(ref WireReader reader) => Read<Reference>(ref reader);

    // Refused before it is read: as deep as bytes allow, they would fill the stack.
    private static Command ReadCommand(ref WireReader reader) => reader.Number == Transact.ThisKind.CommandNumber
        ? throw new FormatException("a transaction holds another transaction")
        : CommandKinds.Read(ref reader);

    private static T Read<T>(ref WireReader reader) where T : IWireReadable<T> => T.Read(ref reader);

    private readonly struct OneCommand(Command command) : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => CommandKinds.Write(ref writer, command);
    }
}
