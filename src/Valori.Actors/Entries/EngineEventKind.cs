using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Actors.Entries;

/// <summary>One kind of event of the engine itself: what the journal and the log need to know of it.</summary>
internal sealed class EngineEventKind
{
    private EngineEventKind(int number, Type type, ReadFields<EngineEvent> read, string text) => (Number, Type, Read, Text) = (number, type, read, text);

    /// <summary>All of them. A new kind is a record and a line here.</summary>
    public static IReadOnlyList<EngineEventKind> All { get; } = [EngineCreated.ThisKind, SnapshotChunk.ThisKind, Restored.ThisKind, RequestsKept.ThisKind];

    /// <summary>Its field in the journal's Entry, and its number in the timeline. Frozen.</summary>
    public int Number { get; }

    public Type Type { get; }

    public ReadFields<EngineEvent> Read { get; }

    /// <summary>For people.</summary>
    public string Text { get; }

    /// <summary>The kind with this number, or null.</summary>
    public static EngineEventKind? Of(int number)
    {
        foreach (EngineEventKind kind in All)
        {
            if (kind.Number == number) return kind;
        }
        return null;
    }

    public static EngineEventKind Of<TEvent>(int number, string text)
        where TEvent : EngineEvent, IWireReadable<TEvent> => new(number, typeof(TEvent), TEvent.Read, text);
}
