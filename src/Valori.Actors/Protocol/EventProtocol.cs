namespace Valori.Protocol;

// The change feed: the journal of an engine, read beside it a page at a time, on into what has not happened yet.

/// <summary>The events of the journal from one on, as bytes; answered with <see cref="EventPage"/>.</summary>
/// <param name="From">The first sequence number, at least 1, at most one after the last event.</param>
/// <param name="Offset">Where in the bytes of that event to go on, if the page before had a part of it.</param>
/// <param name="WaitMilliseconds">
/// How long to wait if there is no such event yet, 0 to <see cref="MaximumWaitMilliseconds"/>. A page without events is the answer then.
/// </param>
public sealed record GetEvents(long From, int Offset = 0, int WaitMilliseconds = 0) : Query
{
    /// <summary>The longest wait.</summary>
    public const int MaximumWaitMilliseconds = 10_000;

    /// <summary>What is wrong with it, or null.</summary>
    /// <param name="last">The last event that there is.</param>
    internal Refusal? Check(long last) =>
        AsOf is not null ? new Refusal(RefusalKind.InvalidArgument, $"{nameof(GetEvents)} goes on with new events, and so takes no as_of")
        : From < 1 ? new Refusal(RefusalKind.InvalidArgument, $"from is {From}; it must be at least 1, the event that created the collection")
        : From > last + 1 ? new Refusal(RefusalKind.NotFound, $"from is {From}; the last event is {last}, so it must be at most {last + 1}, the next one")
        : Offset < 0 ? new Refusal(RefusalKind.InvalidArgument, $"offset is {Offset}; it must be at least 0")
        : WaitMilliseconds is < 0 or > MaximumWaitMilliseconds
            ? new Refusal(RefusalKind.InvalidArgument, $"wait_milliseconds is {WaitMilliseconds}; it must be in 0..{MaximumWaitMilliseconds}")
        : null;
}

/// <summary>Events that follow each other.</summary>
/// <param name="LastSequenceNr">The last event that there is.</param>
/// <param name="Events">
/// Each as a journal entry (section 10 of docs/formats.md in Valori's repository); none if there is no new one. If one alone does not fit a
/// message, a part of it.
/// </param>
/// <param name="TotalBytes">If the page has a part of one event, the length of the whole; otherwise 0.</param>
public sealed record EventPage(long LastSequenceNr, IReadOnlyList<ReadOnlyMemory<byte>> Events, int TotalBytes = 0) : IWireMessage;
