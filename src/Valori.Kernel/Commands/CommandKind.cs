using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>Can be read from the fields of a message.</summary>
internal interface IWireReadable<out TSelf>
{
    /// <exception cref="FormatException">The fields are not what they must be.</exception>
    /// <exception cref="ArgumentException">As for <see cref="VectorBlock.FromRaw"/>.</exception>
    static abstract TSelf Read(ref WireReader reader);
}

/// <summary>One kind of command and of the event that it leads to: what codecs, timeline and log need to know of it.</summary>
internal sealed class CommandKind
{
    private CommandKind(int eventNumber, int commandNumber, Type eventType, Type commandType, ReadFields<Event> readEvent, ReadFields<Command> readCommand, EventText text)
    {
        (EventNumber, CommandNumber, EventType, CommandType, Text) = (eventNumber, commandNumber, eventType, commandType, text);
        (ReadEvent, ReadCommand) = (readEvent, readCommand);
    }

    /// <summary>The event's field in the journal's Entry, and its number in the timeline and in digests of commands. Frozen.</summary>
    public int EventNumber { get; }

    /// <summary>The command's field in the message Command. Frozen.</summary>
    public int CommandNumber { get; }

    public Type EventType { get; }

    public Type CommandType { get; }

    /// <summary>The event's name, such as <c>RecordDeleted</c>.</summary>
    public string Name => EventType.Name;

    public ReadFields<Event> ReadEvent { get; }

    public ReadFields<Command> ReadCommand { get; }

    /// <summary>The event, human-readable.</summary>
    public EventText Text { get; }

    /// <summary>The kind of content for which the event creates new ids; null if its ids existed before.</summary>
    public ContentKind? Creates { get; init; }

    /// <summary>Whether the event creates new ids.</summary>
    public bool CreatesIds => Creates is not null;

    /// <summary>Whether the event adds something that takes memory, so that it is refused when memory is full.</summary>
    public bool AddsContent { get; init; }

    /// <summary>Whether the command's only field stands in the message Command without a message of its own. Not for new kinds.</summary>
    public bool IsBare { get; init; }

    /// <summary>Whether only the engine itself may ask for it, and no client.</summary>
    public bool IsOfEngine { get; init; }

    /// <summary>Whether a transaction cannot hold the command: it reads more of the state than <see cref="ITables"/> has, or is a transaction.</summary>
    public bool StandsAlone { get; init; }

    /// <summary>Whether the journal has a check of the event's bytes.</summary>
    public EventCheck Check { get; init; }

    public static CommandKind Of<TCommand, TEvent>(
        int eventNumber, int commandNumber, EventText text, EventCheck check = EventCheck.Always,
        ContentKind? creates = null, bool addsContent = false, bool isBare = false, bool isOfEngine = false, bool standsAlone = false)
        where TCommand : Command, IWireReadable<TCommand>
        where TEvent : Event, IWireReadable<TEvent> =>
        new(eventNumber, commandNumber, typeof(TEvent), typeof(TCommand), TEvent.Read, TCommand.Read, text)
        {
            Check = check,
            Creates = creates,
            AddsContent = creates is not null || addsContent,
            IsBare = isBare,
            IsOfEngine = isOfEngine,
            StandsAlone = standsAlone || isOfEngine,
        };
}
