using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori;

/// <summary>One event of a collection's journal, as the change feed shows it.</summary>
/// <param name="SequenceNr">Its place: the feed goes on after it from the next number.</param>
/// <param name="Time">When it happened.</param>
/// <param name="StateHash">The state hash after it.</param>
/// <param name="Chain">The history chain after it: equal values mean equal histories.</param>
/// <param name="Changes">What happened: one thing, or several that were recorded together.</param>
public sealed record FeedEntry(long SequenceNr, DateTimeOffset Time, Digest StateHash, Digest Chain, IReadOnlyList<FeedChange> Changes)
{
    /// <summary>In a line, such as <c>event 3 of 2 changes, state hash 6d0c...</c>.</summary>
    public override string ToString() => $"event {SequenceNr} of {Changes.Count} change{(Changes.Count == 1 ? "" : "s")}, state hash {StateHash}";

    /// <exception cref="FormatException">The bytes are not a journal entry that is known here.</exception>
    internal static FeedEntry Of(long sequenceNr, JournalRecord record)
    {
        JournalEntry entry = JournalCodec.Decode(record);
        IReadOnlyList<FeedChange> changes = entry.Event switch
        {
            KernelChanged(var all) =>
            [
                .. all.Select(change =>
                    new FeedChange((TimelineKind)change.Happened.CommandKind.EventNumber, change.Happened, change.Request?.Value) { Author = change.Author?.Value }),
            ],
            EngineEvent of => [new FeedChange((TimelineKind)of.Kind.Number, null, null)],
            _ => throw new FormatException($"no change for {entry.Event.GetType().Name}"),
        };
        return new FeedEntry(sequenceNr, DateTimeOffset.UnixEpoch.AddTicks(entry.UnixMicroseconds * TimeSpan.TicksPerMicrosecond), entry.StateHash, entry.Chain, changes);
    }
}

/// <summary>One thing that happened.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Event">With all of its content, such as a <see cref="RecordsInserted"/>; null of what happened to the collection as a whole, such as a restore.</param>
/// <param name="RequestId">What the client named its command, or null.</param>
public sealed record FeedChange(TimelineKind Kind, Event? Event, string? RequestId)
{
    /// <summary>Who asked for it (<see cref="ValoriEngine.WithAuthor"/>), or null.</summary>
    public string? Author { get; init; }
}
