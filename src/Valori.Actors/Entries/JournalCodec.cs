using System.Runtime.InteropServices;
using Google.Protobuf;
using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Vectors;
using Proto = Valori.Actors.Entries.JournalProto;

namespace Valori.Actors.Entries;

/// <summary>Journal entries to bytes and back (journal.proto, docs/formats.md). Byte columns are wrapped, not copied.</summary>
internal static class JournalCodec
{
    public static JournalRecord Encode(JournalEntry entry) => new(ToProto(entry).ToByteArray());

    /// <summary>Decodes an entry and checks that its bytes are exactly those that this entry encodes to.</summary>
    /// <exception cref="FormatException">The bytes are no journal entry, or not its canonical form.</exception>
    public static JournalEntry Decode(JournalRecord record)
    {
        JournalEntry entry;
        try
        {
            entry = RecordsEntryReader.TryRead(record.Payload) ?? FromProto(Proto.Entry.Parser.ParseFrom(record.Payload));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or OverflowException)
        {
            throw new FormatException(e.Message, e);
        }
        // Protobuf skips what it does not know, and has more than one way to write a value: a flipped bit can hide there. The
        // check of the requests is computed anew.
        ComparingWriter canonical = new(record.Payload);
        ToProto(entry).WriteTo(canonical);
        if (!canonical.IsEqual) throw new FormatException("the entry is not in its canonical form, or names other requests than were written");
        return entry;
    }

    private static Proto.Entry ToProto(JournalEntry entry)
    {
        Proto.Entry proto = new()
        {
            UnixMicroseconds = entry.UnixMicroseconds,
            StateHash = ByteString.CopyFrom(entry.StateHash.ToArray()),
            Chain = ByteString.CopyFrom(entry.Chain.ToArray()),
        };
        switch (entry.Event)
        {
            case EngineCreated(var dimension): proto.EngineCreated = new Proto.EngineCreated { Dimension = (uint)dimension }; break;
            case KernelChanged([var only]): SetChange(proto, only); break;
            case KernelChanged(var changes): proto.Changes = ToProto(changes); break;
            case RequestsKept(var requests): proto.RequestsKept = ToProto(requests); break;
            case SnapshotChunk(var index, var bytes):
                proto.SnapshotChunk = new Proto.SnapshotChunk { Index = (uint)index, Bytes = UnsafeByteOperations.UnsafeWrap(bytes) };
                break;
            case Restored(var chunks) restored:
                proto.Restored = new Proto.Restored { Chunks = (uint)chunks, KeepsRequestsTo = restored.KeepsRequestsTo };
                break;
            default: throw new ArgumentException($"no encoding for {entry.Event.GetType().Name}");
        }
        if (entry.HasRequestsCheck) proto.RequestsCheck = RequestsCheck.Of(proto);
        return proto;
    }

    private static Proto.Changes ToProto(IReadOnlyList<Change> changes)
    {
        Proto.Changes proto = new();
        foreach (Change change in changes)
        {
            Proto.Entry entry = new();
            SetChange(entry, change);
            proto.Changes_.Add(entry);
        }
        return proto;
    }

    private static Proto.RequestsKept ToProto(IReadOnlyList<KeptRequest> requests)
    {
        Proto.RequestsKept proto = new();
        foreach ((RequestId request, Receipt receipt, Digest? command) in requests)
        {
            proto.Requests.Add(new Proto.KeptRequest
            {
                RequestId = request.Value,
                SequenceNr = receipt.SequenceNr,
                UnixMicroseconds = receipt.UnixMicroseconds,
                StateHash = ByteString.CopyFrom(receipt.StateHash.ToArray()),
                Chain = ByteString.CopyFrom(receipt.Chain.ToArray()),
                FirstId = receipt.FirstId,
                Count = (uint)receipt.Count,
                HistoryRoot = receipt.HistoryRoot == Digest.Zero ? ByteString.Empty : ByteString.CopyFrom(receipt.HistoryRoot.ToArray()),
                CommandDigest = command is { } digest ? ByteString.CopyFrom(digest.ToArray()) : ByteString.Empty,
            });
        }
        return proto;
    }

    private static void SetChange(Proto.Entry proto, Change change)
    {
        if (change.Request is { } request) proto.RequestId = request.Value;
        SetKernelEvent(proto, change.Happened);
    }

    private static void SetKernelEvent(Proto.Entry proto, Event happened)
    {
        switch (happened)
        {
            case RecordsInserted(var firstId, var vectors, var tags):
                proto.RecordsInserted = new Proto.RecordsInserted { FirstId = firstId.Value, Vectors = ToProto(vectors), Tags = ToBytes(tags) };
                break;
            case RecordDeleted(var id): proto.RecordDeleted = new Proto.RecordDeleted { Id = id.Value }; break;
            case MetadataSet(var id, var metadata):
                proto.MetadataSet = new Proto.MetadataSet { Id = id.Value, Metadata = UnsafeByteOperations.UnsafeWrap(metadata) };
                break;
            case NodeCreated(var id, var kind, var record):
                proto.NodeCreated = new Proto.NodeCreated { Id = id.Value, Kind = kind.Value };
                if (record is { } recordId) proto.NodeCreated.RecordId = recordId.Value;
                break;
            case EdgeCreated(var id, var from, var to, var kind):
                proto.EdgeCreated = new Proto.EdgeCreated { Id = id.Value, FromId = from.Value, ToId = to.Value, Kind = kind.Value };
                break;
            case NodeDeleted(var id): proto.NodeDeleted = new Proto.NodeDeleted { Id = id.Value }; break;
            case EdgeDeleted(var id): proto.EdgeDeleted = new Proto.EdgeDeleted { Id = id.Value }; break;
            default: throw new ArgumentException($"no encoding for {happened.GetType().Name}");
        }
    }

    private static JournalEntry FromProto(Proto.Entry proto) => new(
        EventFromProto(proto),
        proto.UnixMicroseconds,
        Digest.Read(proto.StateHash.Span),
        Digest.Read(proto.Chain.Span))
    {
        HasRequestsCheck = proto.RequestsCheck != 0,
    };

    private static JournalEvent EventFromProto(Proto.Entry proto) => proto.EventCase switch
    {
        Proto.Entry.EventOneofCase.EngineCreated => new EngineCreated(checked((int)proto.EngineCreated.Dimension)),
        Proto.Entry.EventOneofCase.SnapshotChunk => new SnapshotChunk((int)proto.SnapshotChunk.Index, proto.SnapshotChunk.Bytes.Memory),
        Proto.Entry.EventOneofCase.Restored => new Restored((int)proto.Restored.Chunks) { KeepsRequestsTo = proto.Restored.KeepsRequestsTo },
        Proto.Entry.EventOneofCase.RequestsKept => new RequestsKept([.. proto.RequestsKept.Requests.Select(FromProto)]),
        // One alone stands in the entry itself; this and the fields that are not an event's are found by encoding again.
        Proto.Entry.EventOneofCase.Changes when proto.Changes.Changes_.Count > 0 =>
            new KernelChanged([.. proto.Changes.Changes_.Select(ChangeFromProto)]),
        Proto.Entry.EventOneofCase.Changes => throw new ArgumentException("the entry holds no change"),
        _ => new KernelChanged([ChangeFromProto(proto)]),
    };

    private static Change ChangeFromProto(Proto.Entry proto) =>
        new(KernelEventFromProto(proto), proto.RequestId.Length > 0 ? RequestId.Parse(proto.RequestId) : null);

    private static KeptRequest FromProto(Proto.KeptRequest proto) => new(
        RequestId.Parse(proto.RequestId),
        new Receipt(
            proto.SequenceNr, proto.UnixMicroseconds, Digest.Read(proto.StateHash.Span), Digest.Read(proto.Chain.Span),
            proto.HistoryRoot.IsEmpty ? Digest.Zero : Digest.Read(proto.HistoryRoot.Span), proto.FirstId, checked((int)proto.Count)),
        proto.CommandDigest.IsEmpty ? null : Digest.Read(proto.CommandDigest.Span));

    private static Event KernelEventFromProto(Proto.Entry proto) => proto.EventCase switch
    {
        Proto.Entry.EventOneofCase.RecordsInserted => new RecordsInserted(
            new RecordId(proto.RecordsInserted.FirstId), FromProto(proto.RecordsInserted.Vectors), FromBytes(proto.RecordsInserted.Tags.Span)),
        Proto.Entry.EventOneofCase.RecordDeleted => new RecordDeleted(new RecordId(proto.RecordDeleted.Id)),
        Proto.Entry.EventOneofCase.MetadataSet => new MetadataSet(new RecordId(proto.MetadataSet.Id), proto.MetadataSet.Metadata.Memory),
        Proto.Entry.EventOneofCase.NodeCreated => new NodeCreated(
            new NodeId(proto.NodeCreated.Id), new NodeKind(ToKind(proto.NodeCreated.Kind)),
            proto.NodeCreated.HasRecordId ? new RecordId(proto.NodeCreated.RecordId) : null),
        Proto.Entry.EventOneofCase.EdgeCreated => new EdgeCreated(
            new EdgeId(proto.EdgeCreated.Id), new NodeId(proto.EdgeCreated.FromId), new NodeId(proto.EdgeCreated.ToId),
            new EdgeKind(ToKind(proto.EdgeCreated.Kind))),
        Proto.Entry.EventOneofCase.NodeDeleted => new NodeDeleted(new NodeId(proto.NodeDeleted.Id)),
        Proto.Entry.EventOneofCase.EdgeDeleted => new EdgeDeleted(new EdgeId(proto.EdgeDeleted.Id)),
        Proto.Entry.EventOneofCase.None => throw new ArgumentException("the entry holds no event"),
        var unknown => throw new ArgumentException($"{unknown} is no event of a kernel"),
    };

    /// <summary>Kinds are one byte in the formats and varints on the wire.</summary>
    internal static byte ToKind(uint kind) =>
        kind <= byte.MaxValue ? (byte)kind : throw new ArgumentException($"kind {kind} is outside one byte");

    internal static Proto.Vectors ToProto(VectorBlock vectors)
    {
        Proto.Vectors proto = new() { Dimension = (uint)vectors.Dimension };
        ByteString raw = UnsafeByteOperations.UnsafeWrap(vectors.Raw);
        if (vectors.IsNarrow) proto.Raw16 = raw;
        else proto.Raw32 = raw;
        return proto;
    }

    /// <exception cref="ArgumentException">Not a block that <see cref="VectorBlock.FromRaw"/> accepts.</exception>
    internal static VectorBlock FromProto(Proto.Vectors? proto)
    {
        if (proto is null || proto.RawCase == Proto.Vectors.RawOneofCase.None) throw new ArgumentException("the vectors are missing");
        bool isNarrow = proto.RawCase == Proto.Vectors.RawOneofCase.Raw16;
        return VectorBlock.FromRaw((int)Math.Min(proto.Dimension, int.MaxValue), isNarrow, (isNarrow ? proto.Raw16 : proto.Raw32).Memory);
    }

    internal static ByteString ToBytes(ReadOnlyMemory<ulong> tags) => ByteString.CopyFrom(MemoryMarshal.AsBytes(tags.Span));

    internal static ReadOnlyMemory<ulong> FromBytes(ReadOnlySpan<byte> tags)
    {
        if (tags.Length % sizeof(ulong) != 0) throw new ArgumentException($"{tags.Length} bytes of tags are no multiple of 8");
        return MemoryMarshal.Cast<byte, ulong>(tags).ToArray();
    }
}
