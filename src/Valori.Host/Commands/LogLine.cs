using System.Globalization;
using Valori.Actors.Entries;
using Valori.Actors.Text;
using Valori.Kernel.Commands;

namespace Valori.Host.Commands;

/// <summary>One event of the timeline as a human-readable line.</summary>
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
        return $"{sequenceNr}  {Iso8601.Format(entry.UnixMicroseconds)}  {entry.StateHash.ToString()[..HashDigits]}  {What(entry.Changes)}{By(entry.Changes)}{requests}";
    }

    private static string What(IReadOnlyList<TimelineChange> changes)
    {
        if (changes is [var only]) return One(only);
        // What a transaction did stands among the changes: its own count must not look like one more of them.
        TimelineChange[] transactions = [.. changes.Where(change => change.Kind == TimelineKind.Transacted)];
        // Two kinds that are the same to a user, such as nodes with fields and without, are counted together.
        string done = string.Join(", ", changes.Where(change => change.Kind != TimelineKind.Transacted)
            .GroupBy(change => Several(change.Kind, change.Manner, 1)).OrderBy(group => group.Min(change => change.Kind))
            .Select(group => Several(group.First().Kind, group.First().Manner, group.Sum(change => (long)change.Count))));
        return transactions switch
        {
            [] => done,
            [var one] when one.Count == changes.Count - 1 => Text($"transaction of {one.Count} {(one.Count == 1 ? "command" : "commands")}: {done}"),
            _ => Text($"{done} ({Several(TimelineKind.Transacted, default, transactions.Sum(change => (long)change.Count))})"),
        };
    }

    private static string One(TimelineChange change) =>
        CommandKinds.OfEvent((int)change.Kind) is { } kind && change.FirstId is { } first ? kind.Text.Of(change.Manner).One(first, change.Count)
        : EngineEventKind.Of((int)change.Kind)?.Text ?? change.Kind.ToString();

    private static string Several(TimelineKind kind, EventManner manner, long count) => CommandKinds.OfEvent((int)kind)?.Text.Of(manner).Several(count) ?? Text($"{kind} {count}");

    /// <summary>Who asked for it, in the order in which they did.</summary>
    private static string By(IReadOnlyList<TimelineChange> changes) =>
        changes.Select(change => change.Author).OfType<string>().Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } authors ? $"  by {string.Join(", ", authors)}" : "";

    private static string Requests(string[] requests) => requests switch
    {
        [] => "",
        [var only] => $"  request {only}",
        { Length: <= MaximumRequests } => $"  requests {string.Join(", ", requests)}",
        _ => Text($"  requests {string.Join(", ", requests[..MaximumRequests])} and {requests.Length - MaximumRequests} more"),
    };

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
