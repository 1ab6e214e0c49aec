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
    public static Source<FeedEntry, NotUsed> From(Func<GetEvents, Task<EventPage>> ask, long from) => Source
        .UnfoldAsync(new Place(from, null), place => NextAsync(ask, place))
        .SelectError(Resending.Unwrap)
        .SelectMany(page => page);

    private static async Task<Option<(Place, IReadOnlyList<FeedEntry>)>> NextAsync(Func<GetEvents, Task<EventPage>> ask, Place place)
    {
        EventPage page = await ask(new GetEvents(place.Next, 0, GetEvents.MaximumWaitMilliseconds)).ConfigureAwait(false);
        IReadOnlyList<ReadOnlyMemory<byte>> events = page.TotalBytes == 0 ? page.Events : [await WholeAsync(ask, place.Next, page).ConfigureAwait(false)];
        FeedEntry[] entries = new FeedEntry[events.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = Read(place, events[i]);
            place = new Place(place.Next + 1, entries[i].Chain);
        }
        return (place, entries);
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

    private static FeedEntry Read(Place place, ReadOnlyMemory<byte> bytes)
    {
        FeedEntry entry;
        try
        {
            entry = FeedEntry.Of(place.Next, bytes);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw NotAnEvent(place.Next, e.Message, e);
        }
        EntryPlace.TryRead(entry.Record.Payload, out EntryPlace its);
        if (place.Chain is { } before && !its.Follows(before, place.Next))
            throw NotAnEvent(place.Next, $"its history chain {its.Chain} does not follow {before}, that of the event before it: this is another history");
        return entry;
    }

    private static EngineException NotAnEvent(long sequenceNr, string why, Exception? cause = null) =>
        new(EngineFailureKind.Stopped, $"event {sequenceNr} of the change feed cannot be read: {why}", cause);

    /// <param name="Next">The event that comes next.</param>
    /// <param name="Chain">The chain after the one before it; null at the start.</param>
    private readonly record struct Place(long Next, Digest? Chain);
}
