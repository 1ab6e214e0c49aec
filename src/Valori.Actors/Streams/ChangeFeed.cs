using System.Buffers;
using Akka;
using Akka.Streams.Dsl;
using Akka.Util;
using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori.Actors.Streams;

/// <summary>
/// The events of an engine's journal from one on, as a stream that goes on when there is nothing new. A page is asked for when the one before was
/// consumed, so a consumer that stops holds one page, and the engine nothing.
/// </summary>
internal static class ChangeFeed
{
    /// <param name="ask">Asks the engine.</param>
    /// <param name="from">The first sequence number, at least 1.</param>
    public static Source<FeedEntry, NotUsed> From(Func<GetEvents, Task<EventPage>> ask, long from) =>
        Pages(ask, from).SelectMany(page => page.Records.Select((record, i) => Read(page.From + i, record)));

    /// <summary>The same as the journal has it.</summary>
    public static Source<FeedPage, NotUsed> Pages(Func<GetEvents, Task<EventPage>> ask, long from) => Source
        .UnfoldAsync(new Place(from, null), place => NextAsync(ask, place))
        .SelectError(Resending.Unwrap);

    private static async Task<Option<(Place, FeedPage)>> NextAsync(Func<GetEvents, Task<EventPage>> ask, Place place)
    {
        EventPage page = await ask(new GetEvents(place.Next, 0, GetEvents.MaximumWaitMilliseconds)).ConfigureAwait(false);
        IReadOnlyList<ReadOnlyMemory<byte>> events = page.TotalBytes == 0 ? page.Events : [await WholeAsync(ask, place.Next, page).ConfigureAwait(false)];
        JournalRecord[] records = new JournalRecord[events.Count];
        long from = place.Next;
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = new JournalRecord(events[i].ToArray());
            place = new Place(place.Next + 1, ChainOf(place, records[i]));
        }
        return (place, new FeedPage(from, records, page.LastSequenceNr));
    }

    /// <summary>An event that is larger than a message, put together of its parts.</summary>
    private static async Task<ReadOnlyMemory<byte>> WholeAsync(Func<GetEvents, Task<EventPage>> ask, long sequenceNr, EventPage first)
    {
        // Grows with what comes: another process may promise anything.
        ArrayBufferWriter<byte> whole = new();
        for (EventPage page = first; ; page = await ask(new GetEvents(sequenceNr, whole.WrittenCount)).ConfigureAwait(false))
        {
            if (page.TotalBytes != first.TotalBytes || page.Events is not [var part] || part.Length == 0 || part.Length > first.TotalBytes - whole.WrittenCount)
                throw NotAnEvent(sequenceNr, "its parts do not fit each other");
            whole.Write(part.Span);
            if (whole.WrittenCount == first.TotalBytes) return whole.WrittenMemory;
        }
    }

    private static FeedEntry Read(long sequenceNr, JournalRecord record)
    {
        try
        {
            return FeedEntry.Of(sequenceNr, record);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw NotAnEvent(sequenceNr, e.Message, e);
        }
    }

    private static Digest ChainOf(Place place, JournalRecord record)
    {
        if (!EntryPlace.TryRead(record.Payload, out EntryPlace its)) throw NotAnEvent(place.Next, "its bytes do not begin a journal entry");
        if (place.Chain is { } before && !its.Follows(before, place.Next))
            throw NotAnEvent(place.Next, $"its history chain {its.Chain} does not follow {before}, that of the event before it: this is another history");
        return its.Chain;
    }

    private static EngineException NotAnEvent(long sequenceNr, string why, Exception? cause = null) =>
        new(EngineFailureKind.Stopped, $"event {sequenceNr} of the change feed cannot be read: {why}", cause);

    /// <param name="Next">The event that comes next.</param>
    /// <param name="Chain">The chain after the one before it; null at the start.</param>
    private readonly record struct Place(long Next, Digest? Chain);
}
