using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>
/// The list of all kinds of command. A new kind is a file beside this one and a line here: how it is decided, applied, journaled, sent, logged and
/// checked follows from them. What has to be written besides is in docs/architecture.md of Valori's repository ("Kinds of command"), and tests
/// fail by the kind's name until it is there: its name in the timeline's enumeration, its fields in the .proto files, the plain model, and samples.
/// </summary>
internal static class CommandKinds
{
    private static readonly CommandKind?[] ByEventNumber;
    private static readonly CommandKind?[] ByCommandNumber;

    static CommandKinds()
    {
        ByEventNumber = Index(kind => kind.EventNumber);
        ByCommandNumber = Index(kind => kind.CommandNumber);
    }

    /// <summary>In the order of the events' numbers.</summary>
    public static IReadOnlyList<CommandKind> All { get; } =
    [
        InsertRecords.ThisKind,
        DeleteRecord.ThisKind,
        SetMetadata.ThisKind,
        CreateNode.ThisKind,
        CreateEdge.ThisKind,
        DeleteNode.ThisKind,
        DeleteEdge.ThisKind,
        PutRecords.ThisKind,
        SetFields.ThisKind,
        DeleteKey.ThisKind,
        ExpireRecords.ThisKind,
        DeleteWhere.ThisKind,
        SetFieldsWhere.ThisKind,
        Transact.ThisKind,
        PutNode.ThisKind,
        PutEdge.ThisKind,
        SetNodeFields.ThisKind,
        SetEdgeFields.ThisKind,
        SetEdgeValidTime.ThisKind,
        SetExpiry.ThisKind,
        PutDocument.ThisKind,
        DeleteDocument.ThisKind,
    ];

    /// <summary>The kind whose event has this number in the journal, or null.</summary>
    public static CommandKind? OfEvent(int number) => (uint)number < (uint)ByEventNumber.Length ? ByEventNumber[number] : null;

    /// <summary>Writes a command as its field of the message Command.</summary>
    public static void Write(ref WireWriter writer, Command command)
    {
        CommandKind kind = command.CommandKind;
        if (kind.IsBare) writer.Bare(kind.CommandNumber, command);
        else writer.Message(kind.CommandNumber, command);
    }

    /// <summary>Reads a command from the message Command.</summary>
    /// <exception cref="FormatException">It holds no command, one that is not known here, or one with a field that is not.</exception>
    public static Command Read(ref WireReader reader)
    {
        int number = reader.Number;
        if ((uint)number >= (uint)ByCommandNumber.Length || ByCommandNumber[number] is not { } kind)
            throw new FormatException(number == 0 ? "the message holds no command" : $"{number} is not the number of a command that is known here; a newer version may have sent it");
        return kind.IsBare ? reader.Bare(number, kind.ReadCommand) : reader.Message(number, kind.ReadCommand);
    }

    private static CommandKind?[] Index(Func<CommandKind, int> number)
    {
        CommandKind?[] index = new CommandKind?[All.Max(number) + 1];
        foreach (CommandKind kind in All)
        {
            if (index[number(kind)] is { } other) throw new InvalidOperationException($"{kind.Name} and {other.Name} have the same number {number(kind)}");
            index[number(kind)] = kind;
        }
        return index;
    }
}
