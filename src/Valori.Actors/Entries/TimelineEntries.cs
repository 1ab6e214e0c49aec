using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.Entries;

/// <summary>Journal entries as the timeline tells them.</summary>
internal static class TimelineEntries
{
    public static TimelineEntry Of(long sequenceNr, JournalEntry entry) =>
        new(sequenceNr, entry.UnixMicroseconds, entry.StateHash, entry.Chain, [.. ChangesOf(entry.Event)]);

    private static IEnumerable<TimelineChange> ChangesOf(JournalEvent happened) => happened switch
    {
        EngineCreated => [new TimelineChange(TimelineKind.EngineCreated, null, 0, null)],
        KernelChanged(var changes) => changes.Select(change => Of(change.Happened, change.Request)),
        SnapshotChunk => [new TimelineChange(TimelineKind.SnapshotChunk, null, 0, null)],
        Restored => [new TimelineChange(TimelineKind.Restored, null, 0, null)],
        RequestsKept => [new TimelineChange(TimelineKind.RequestsKept, null, 0, null)],
        _ => throw new ArgumentException($"no timeline entry for {happened.GetType().Name}"),
    };

    private static TimelineChange Of(Event happened, RequestId? request)
    {
        (TimelineKind kind, ulong id, int count) = happened switch
        {
            RecordsInserted(var firstId, var vectors, _) => (TimelineKind.RecordsInserted, firstId.Value, vectors.Count),
            RecordDeleted(var record) => (TimelineKind.RecordDeleted, record.Value, 1),
            MetadataSet(var record, _) => (TimelineKind.MetadataSet, record.Value, 1),
            NodeCreated(var node, _, _) => (TimelineKind.NodeCreated, node.Value, 1),
            EdgeCreated(var edge, _, _, _) => (TimelineKind.EdgeCreated, edge.Value, 1),
            NodeDeleted(var node) => (TimelineKind.NodeDeleted, node.Value, 1),
            EdgeDeleted(var edge) => (TimelineKind.EdgeDeleted, edge.Value, 1),
            _ => throw new ArgumentException($"no timeline entry for {happened.GetType().Name}"),
        };
        return new TimelineChange(kind, id, count, request?.Value);
    }
}
