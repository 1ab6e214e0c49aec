using Valori.Actors.Protocol;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Blake3;

namespace Valori.Actors.Entries;

/// <summary>What an engine's journal tells: how the engine came to be, what happened to its kernel, and restores.</summary>
internal abstract record JournalEvent;

/// <summary>The engine came into being, empty. Always the first event.</summary>
internal sealed record EngineCreated(int Dimension) : JournalEvent;

/// <summary>
/// Something happened to the kernel, once or several times in a row: what was decided while the write before it was on its
/// way is recorded together, so that many clients share one row, one state hash and one chain value.
/// </summary>
internal sealed record KernelChanged(IReadOnlyList<Change> Changes) : JournalEvent;

/// <summary>One event of the kernel.</summary>
/// <param name="Request">What the client named its command, if it did.</param>
internal sealed record Change(Event Happened, RequestId? Request = null);

/// <summary>
/// The requests that are remembered, oldest first. Changes nothing; recorded before a snapshot is taken of the state before
/// it, so that a recovery from that snapshot knows the requests that it does not replay.
/// </summary>
internal sealed record RequestsKept(IReadOnlyList<KeptRequest> Requests) : JournalEvent;

/// <summary>A request that is remembered.</summary>
/// <param name="Command">The <see cref="CommandDigest"/> of what was asked for; null in lists from before there were digests.</param>
internal sealed record KeptRequest(RequestId Request, Receipt Receipt, Digest? Command = null);

/// <summary>
/// A part of the snapshot bytes that a later <see cref="Restored"/> makes the state; changes nothing by itself. Index 0
/// starts anew: it discards the chunks of a restore that never completed.
/// </summary>
internal sealed record SnapshotChunk(int Index, ReadOnlyMemory<byte> Bytes) : JournalEvent;

/// <summary>The chunks before it, put together, became the state.</summary>
internal sealed record Restored(int Chunks) : JournalEvent
{
    /// <summary>
    /// The event of this history whose state it brought back: requests up to there are still remembered, those after it were
    /// undone. 0 where the snapshot is not of this history, or the engine could not tell: then all are forgotten.
    /// </summary>
    public long KeepsRequestsTo { get; init; }
}

/// <summary>An event with its time and what it must lead to (FORMATS section 7).</summary>
internal sealed record JournalEntry(JournalEvent Event, long UnixMicroseconds, Digest StateHash, Digest Chain)
{
    /// <summary>Whether its bytes have a <see cref="RequestsCheck"/>: all but those that were written before there was one.</summary>
    public bool HasRequestsCheck { get; init; } = true;
}

/// <summary>
/// A journal entry as bytes: what is handed to Akka.Persistence. It is encoded before it is persisted, so a value that
/// cannot be encoded is found before it has a sequence number, and decoded by the engine, so a damaged one is refused by
/// sequence number instead of failing somewhere inside the plugin.
/// </summary>
internal sealed record JournalRecord(byte[] Payload)
{
    /// <summary>During a recovery: who is to know when it was replayed.</summary>
    public ReplayWindow? Window { get; init; }
}
