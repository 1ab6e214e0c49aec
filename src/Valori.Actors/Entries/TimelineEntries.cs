using Valori.Protocol;

namespace Valori.Actors.Entries;

/// <summary>Journal entries as the timeline tells them.</summary>
internal static class TimelineEntries
{
    public static TimelineEntry Of(long sequenceNr, JournalEntry entry) =>
        new(sequenceNr, entry.UnixMicroseconds, entry.StateHash, entry.Chain, [.. ChangesOf(entry.Event)]);

    private static IEnumerable<TimelineChange> ChangesOf(JournalEvent happened) => happened switch
    {
        KernelChanged(var changes) => changes.SelectMany(change => Of(change.Happened, change.Request, change.Author?.Value)),
        EngineEvent of => [new TimelineChange((TimelineKind)of.Kind.Number, null, 0, null)],
        _ => throw new ArgumentException($"no timeline entry for {happened.GetType().Name}"),
    };

    private static IEnumerable<TimelineChange> Of(Event happened, RequestId? request, string? author)
    {
        TimelineKind kind = (TimelineKind)happened.CommandKind.EventNumber;
        if (happened is Transacted(var parts)) return [new TimelineChange(kind, null, parts.Count, request?.Value) { Author = author }, .. parts.SelectMany(part => Of(part, request: null, author))];
        (ulong first, int count) = happened.Ids;
        return [new TimelineChange(kind, first, count, request?.Value) { Manner = happened.Manner, Author = author }];
    }
}
