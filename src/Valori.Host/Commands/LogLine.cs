using System.Globalization;
using Valori.Actors.Protocol;
using Valori.Actors.Text;

namespace Valori.Host.Commands;

/// <summary>One event of the timeline as a line for people.</summary>
internal static class LogLine
{
    private const int HashDigits = 16;

    // Of requests that share an event, so many are named.
    private const int MaximumRequests = 3;

    /// <summary>Sequence number, time, the first digits of the state hash, what happened, and the requests that had names.</summary>
    /// <param name="last">The largest sequence number to come: it is as wide as the column.</param>
    public static string Of(TimelineEntry entry, long last)
    {
        int width = last.ToString(CultureInfo.InvariantCulture).Length;
        string requests = Requests([.. entry.Changes.Select(change => change.RequestId).OfType<string>()]);
        string sequenceNr = entry.SequenceNr.ToString(CultureInfo.InvariantCulture).PadLeft(width);
        return $"{sequenceNr}  {Iso8601.Format(entry.UnixMicroseconds)}  {entry.StateHash.ToString()[..HashDigits]}  {What(entry.Changes)}{requests}";
    }

    private static string What(IReadOnlyList<TimelineChange> changes) => changes is [var only]
        ? One(only)
        : string.Join(", ", changes.GroupBy(change => change.Kind).OrderBy(group => group.Key).Select(group => Several(group.Key, group.Sum(Ids))));

    // An event that creates nothing, such as a batch of no records, is one of its kind all the same.
    private static long Ids(TimelineChange change) => change.Kind == TimelineKind.RecordsInserted ? change.Count : 1;

    private static string One(TimelineChange change) => change switch
    {
        { Kind: TimelineKind.EngineCreated } => "collection created",
        { Kind: TimelineKind.RecordsInserted, Count: 0 } => "no records inserted",
        { Kind: TimelineKind.RecordsInserted, Count: 1 } => Text($"record {change.FirstId} inserted"),
        { Kind: TimelineKind.RecordsInserted } => Text($"records {change.FirstId}..{change.FirstId + (ulong)change.Count - 1} inserted"),
        { Kind: TimelineKind.RecordDeleted } => Text($"record {change.FirstId} deleted"),
        { Kind: TimelineKind.MetadataSet } => Text($"metadata of record {change.FirstId} set"),
        { Kind: TimelineKind.NodeCreated } => Text($"node {change.FirstId} created"),
        { Kind: TimelineKind.EdgeCreated } => Text($"edge {change.FirstId} created"),
        { Kind: TimelineKind.NodeDeleted } => Text($"node {change.FirstId} deleted"),
        { Kind: TimelineKind.EdgeDeleted } => Text($"edge {change.FirstId} deleted"),
        { Kind: TimelineKind.SnapshotChunk } => "part of a restore",
        { Kind: TimelineKind.Restored } => "restored from a snapshot",
        { Kind: TimelineKind.RequestsKept } => "remembered requests written down",
        _ => change.Kind.ToString(),
    };

    private static string Several(TimelineKind kind, long count) => kind switch
    {
        TimelineKind.RecordsInserted => Counted(count, "record", "inserted"),
        TimelineKind.RecordDeleted => Counted(count, "record", "deleted"),
        TimelineKind.MetadataSet => Text($"metadata set {count} {(count == 1 ? "time" : "times")}"),
        TimelineKind.NodeCreated => Counted(count, "node", "created"),
        TimelineKind.EdgeCreated => Counted(count, "edge", "created"),
        TimelineKind.NodeDeleted => Counted(count, "node", "deleted"),
        TimelineKind.EdgeDeleted => Counted(count, "edge", "deleted"),
        _ => Text($"{kind} {count}"),
    };

    private static string Requests(string[] requests) => requests switch
    {
        [] => "",
        [var only] => $"  request {only}",
        { Length: <= MaximumRequests } => $"  requests {string.Join(", ", requests)}",
        _ => Text($"  requests {string.Join(", ", requests[..MaximumRequests])} and {requests.Length - MaximumRequests} more"),
    };

    private static string Counted(long count, string what, string happened) => Text($"{count:N0} {what}{(count == 1 ? "" : "s")} {happened}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
