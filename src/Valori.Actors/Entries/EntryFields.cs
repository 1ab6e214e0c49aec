using Valori.Kernel.Commands;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Actors.Entries;

/// <summary>A journal entry as the protobuf message Entry.</summary>
internal readonly struct EntryFields : IWireFields
{
    public const int Time = 1, StateHash = 2, Chain = 3, RequestId = 4, RequestsCheck = 5, Author = 6, Changes = 20;

    private readonly JournalEntry _entry;
    private readonly ulong _requestsCheck;

    public EntryFields(JournalEntry entry)
    {
        _entry = entry;
        _requestsCheck = Entries.RequestsCheck.Of(entry.Event, entry.Check);
    }

    public void WriteFields(ref WireWriter writer)
    {
        writer.Fixed64(Time, (ulong)_entry.UnixMicroseconds);
        writer.Bytes(StateHash, _entry.StateHash);
        writer.Bytes(Chain, _entry.Chain);
        Change? only = _entry.Event is KernelChanged([var change]) ? change : null;
        only?.Request?.Write(ref writer, RequestId);
        writer.Fixed64(RequestsCheck, _requestsCheck);
        only?.Author?.Write(ref writer, Author);
        switch (_entry.Event)
        {
            case KernelChanged when only is not null: writer.Message(only.Happened.CommandKind.EventNumber, only.Happened); break;
            case KernelChanged(var changes): writer.Message(Changes, new ChangesFields(changes)); break;
            case EngineEvent happened: writer.Message(happened.Kind.Number, happened); break;
        }
    }

    public static JournalEntry Read(ref WireReader reader)
    {
        long time = (long)reader.Fixed64(Time);
        Digest stateHash = reader.Digest(StateHash), chain = reader.Digest(Chain);
        RequestId? request = reader.RequestId(RequestId);
        ulong check = reader.Fixed64(RequestsCheck);
        JournalEvent happened = ReadEvent(ref reader, request, reader.Author(Author));
        return new JournalEntry(happened, time, stateHash, chain) { Check = Entries.RequestsCheck.FormOf(happened, check) };
    }

    private static JournalEvent ReadEvent(ref WireReader reader, RequestId? request, Author? author)
    {
        int number = reader.Number;
        if (CommandKinds.OfEvent(number) is not null) return new KernelChanged([ReadChange(ref reader, request, author)]);
        // A name or an author beside any other event is found when the entry is encoded again.
        if (number == Changes) return reader.Message(number, ChangesFields.Read);
        if (EngineEventKind.Of(number) is { } kind) return reader.Message(number, kind.Read);
        throw NoEvent(number);
    }

    private static Change ReadChange(ref WireReader reader, RequestId? request, Author? author)
    {
        CommandKind kind = CommandKinds.OfEvent(reader.Number) ?? throw NoEvent(reader.Number);
        // No client can have asked for it: its name would keep another command from being carried out.
        if (kind.IsOfEngine && request is not null) throw new FormatException($"{kind.Name} with the request '{request}': only the engine itself decides it");
        if (kind.IsOfEngine && author is not null) throw new FormatException($"{kind.Name} of the author '{author}': only the engine itself decides it");
        return new Change(reader.Message(kind.EventNumber, kind.ReadEvent), request, author);
    }

    private static FormatException NoEvent(int number) => new(number == 0
        ? "the entry holds no event"
        : $"{number} is not the number of an event that is known here; a newer version may have written it");

    /// <summary>Changes that were recorded together, each an Entry with its event, its name and its author alone.</summary>
    private readonly struct ChangesFields(IReadOnlyList<Change> changes) : IWireFields
    {
        private const int Each = 1;

        public void WriteFields(ref WireWriter writer)
        {
            foreach (Change change in changes) writer.Message(Each, new ChangeFields(change));
        }

        public static KernelChanged Read(ref WireReader reader)
        {
            List<Change> changes = [];
            while (reader.OptionalMessage(Each, ChangeFields.Read) is { } change) changes.Add(change);
            return changes.Count > 0 ? new KernelChanged(changes) : throw new FormatException("the entry holds no change");
        }
    }

    private readonly struct ChangeFields(Change change) : IWireFields
    {
        public void WriteFields(ref WireWriter writer)
        {
            change.Request?.Write(ref writer, RequestId);
            change.Author?.Write(ref writer, Author);
            writer.Message(change.Happened.CommandKind.EventNumber, change.Happened);
        }

        public static Change Read(ref WireReader reader)
        {
            RequestId? request = reader.RequestId(RequestId);
            return ReadChange(ref reader, request, reader.Author(Author));
        }
    }
}
