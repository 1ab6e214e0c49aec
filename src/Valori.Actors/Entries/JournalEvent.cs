using Valori.Actors.State;
using Valori.Kernel.Commands;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Actors.Entries;

/// <summary>What an engine's journal tells: how the engine came to be, what happened to its kernel, and restores.</summary>
internal abstract record JournalEvent;

/// <summary>An event of the engine itself, not of its kernel. Its kinds are those of <see cref="EngineEventKind.All"/>.</summary>
internal abstract record EngineEvent : JournalEvent, IWireFields
{
    public abstract EngineEventKind Kind { get; }

    /// <summary>Its fields as protobuf.</summary>
    public abstract void WriteFields(ref WireWriter writer);
}

/// <summary>The engine was created, empty. Always the first event.</summary>
internal sealed record EngineCreated(EngineSchema Schema) : EngineEvent, IWireReadable<EngineCreated>
{
    public static readonly EngineEventKind ThisKind = EngineEventKind.Of<EngineCreated>(10, "collection created");

    public override EngineEventKind Kind => ThisKind;

    public override void WriteFields(ref WireWriter writer) => Schema.WriteFields(ref writer);

    public static EngineCreated Read(ref WireReader reader) => new(EngineSchema.Read(ref reader));
}

/// <summary>
/// Something happened to the kernel, once or several times in a row: what was decided while the write before it was on its
/// way is recorded together, so that many clients share one row, one state hash and one chain value.
/// </summary>
internal sealed record KernelChanged(IReadOnlyList<Change> Changes) : JournalEvent;

/// <summary>One event of the kernel.</summary>
/// <param name="Request">What the client named its command, if it did.</param>
/// <param name="Author">Who asked for it, if that is known.</param>
internal sealed record Change(Event Happened, RequestId? Request = null, Author? Author = null);

/// <summary>
/// The requests that are remembered, oldest first. Changes nothing; recorded before a snapshot is taken of the state before
/// it, so that a recovery from that snapshot knows the requests that it does not replay.
/// </summary>
internal sealed record RequestsKept(IReadOnlyList<KeptRequest> Requests) : EngineEvent, IWireReadable<RequestsKept>
{
    public static readonly EngineEventKind ThisKind = EngineEventKind.Of<RequestsKept>(21, "remembered requests written down");

    public override EngineEventKind Kind => ThisKind;

    public override void WriteFields(ref WireWriter writer)
    {
        foreach (KeptRequest request in Requests) writer.Message(1, request);
    }

    public static RequestsKept Read(ref WireReader reader)
    {
        List<KeptRequest> requests = [];
        while (reader.OptionalMessage(1, KeptRequest.Read) is { } request) requests.Add(request);
        return new RequestsKept(requests);
    }
}

/// <summary>A request that is remembered.</summary>
/// <param name="Command">The <see cref="CommandDigest"/> of what was asked for; null in lists from before there were digests.</param>
/// <param name="IsLaterStep">As of its command (<see cref="Command.IsLaterStep"/>); false in lists from before steps had places of their own.</param>
internal sealed record KeptRequest(RequestId Request, Receipt Receipt, Digest? Command = null, bool IsLaterStep = false) : IWireFields
{
    public void WriteFields(ref WireWriter writer)
    {
        Request.Write(ref writer, 1);
        writer.Int64(2, Receipt.SequenceNr);
        writer.Fixed64(3, (ulong)Receipt.UnixMicroseconds);
        writer.Bytes(4, Receipt.StateHash);
        writer.Bytes(5, Receipt.Chain);
        writer.UInt64(6, Receipt.FirstId);
        writer.UInt64(7, (ulong)Receipt.Count);
        if (Receipt.HistoryRoot != Digest.Zero) writer.Bytes(8, Receipt.HistoryRoot);
        if (Command is { } digest) writer.Bytes(9, digest);
        writer.IdRange(10, Receipt.Nodes);
        writer.IdRange(12, Receipt.Edges);
        writer.IdRange(14, new IdRange(Receipt.FirstReplaced, Receipt.Replaced));
        if (Receipt.Document is { } document) writer.SetUInt64(16, document.Value);
        writer.Bool(17, IsLaterStep);
    }

    public static KeptRequest Read(ref WireReader reader)
    {
        RequestId request = reader.RequestId(1) ?? throw new FormatException("a request without a name");
        long sequenceNr = reader.Int64(2), unixMicroseconds = (long)reader.Fixed64(3);
        Digest stateHash = reader.Digest(4), chain = reader.Digest(5);
        ulong firstId = reader.UInt64(6);
        int count = reader.Int32(7);
        Digest historyRoot = reader.OptionalDigest(8) ?? Digest.Zero;
        Digest? command = reader.OptionalDigest(9);
        IdRange nodes = reader.IdRange(10), edges = reader.IdRange(12), replaced = reader.IdRange(14);
        NodeId? document = reader.OptionalUInt64(16) is { } node ? new NodeId(node) : null;
        bool isLaterStep = reader.Bool(17);
        Receipt receipt = new(sequenceNr, unixMicroseconds, stateHash, chain, historyRoot, firstId, count)
        {
            Nodes = nodes,
            Edges = edges,
            FirstReplaced = replaced.First,
            Replaced = replaced.Count,
            Document = document,
        };
        return new KeptRequest(request, receipt, command, isLaterStep);
    }
}

/// <summary>
/// A part of the snapshot bytes that a later <see cref="Restored"/> makes the state; changes nothing by itself. Index 0
/// starts anew: it discards the chunks of a restore that never completed.
/// </summary>
internal sealed record SnapshotChunk(int Index, ReadOnlyMemory<byte> Bytes) : EngineEvent, IWireReadable<SnapshotChunk>
{
    public static readonly EngineEventKind ThisKind = EngineEventKind.Of<SnapshotChunk>(18, "part of a restore");

    public override EngineEventKind Kind => ThisKind;

    public override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, (ulong)Index);
        writer.Bytes(2, Bytes.Span);
    }

    public static SnapshotChunk Read(ref WireReader reader) => new(reader.Int32(1), reader.Bytes(2));
}

/// <summary>The chunks before it, put together, became the state.</summary>
internal sealed record Restored(int Chunks) : EngineEvent, IWireReadable<Restored>
{
    public static readonly EngineEventKind ThisKind = EngineEventKind.Of<Restored>(19, "restored from a snapshot");

    public override EngineEventKind Kind => ThisKind;

    /// <summary>
    /// The event of this history whose state it brought back: requests up to there are still remembered, those after it were
    /// undone. 0 if the snapshot is not of this history, or the engine could not tell: then all are forgotten.
    /// </summary>
    public long KeepsRequestsTo { get; init; }

    public override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, (ulong)Chunks);
        writer.Int64(2, KeepsRequestsTo);
    }

    public static Restored Read(ref WireReader reader) => new(reader.Int32(1)) { KeepsRequestsTo = reader.Int64(2) };
}

/// <summary>An event with its time and what it must lead to (section 7 of docs/formats.md in Valori's repository).</summary>
internal sealed record JournalEntry(JournalEvent Event, long UnixMicroseconds, Digest StateHash, Digest Chain)
{
    /// <summary>Which <see cref="RequestsCheck"/> its bytes have. What older versions wrote keeps what it has.</summary>
    public CheckForm Check { get; init; } = CheckForm.Newest;
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
