using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Vectors;

namespace Valori.Actors.State;

/// <summary>
/// What a command with a request id asked for, in 32 bytes, so that the same id with another command is found. Equal for equal
/// commands, however they arrived, and computed from an event as well: an event has all that its command had. The bytes that are
/// hashed are in docs/formats.md, section 10. Frozen.
/// </summary>
internal static class CommandDigest
{
    private static readonly HashContext Context = new("Valori 2026-11-27 v1 request command");

    /// <summary>The digest of the command that led to an event.</summary>
    public static Digest Of(Event happened) => Of(CommandOf(happened));

    public static Digest Of(Command command) => command switch
    {
        InsertRecords(var vectors, var tags) => OfInsert(vectors, tags),
        DeleteRecord(var id) => Context.Hash(Fields(stackalloc byte[9], 12, id.Value)),
        SetMetadata(var id, var metadata) => OfMetadata(id, metadata),
        CreateNode(var kind, var record) => OfNode(kind, record),
        CreateEdge(var from, var to, var kind) => OfEdge(from, to, kind),
        DeleteNode(var id) => Context.Hash(Fields(stackalloc byte[9], 16, id.Value)),
        DeleteEdge(var id) => Context.Hash(Fields(stackalloc byte[9], 17, id.Value)),
        _ => throw new ArgumentException($"no digest for {command.GetType().Name}", nameof(command)),
    };

    /// <summary>The command that led to an event. The ids that the engine chose were not in it.</summary>
    private static Command CommandOf(Event happened) => happened switch
    {
        RecordsInserted(_, var vectors, var tags) => new InsertRecords(vectors, tags),
        RecordDeleted(var id) => new DeleteRecord(id),
        MetadataSet(var id, var metadata) => new SetMetadata(id, metadata),
        NodeCreated(_, var kind, var record) => new CreateNode(kind, record),
        EdgeCreated(_, var from, var to, var kind) => new CreateEdge(from, to, kind),
        NodeDeleted(var id) => new DeleteNode(id),
        EdgeDeleted(var id) => new DeleteEdge(id),
        _ => throw new ArgumentException($"no command leads to {happened.GetType().Name}", nameof(happened)),
    };

    private static Digest OfInsert(VectorBlock vectors, ReadOnlyMemory<ulong> tags)
    {
        ReadOnlySpan<byte> raw = vectors.Raw.Span;
        bool isNarrow = vectors.IsNarrow;
        // A client of another process may send wide what fits 16 bits.
        if (!isNarrow && !MemoryMarshal.Cast<byte, int>(raw).ContainsAnyExceptInRange(-Limits.NarrowMagnitude, Limits.NarrowMagnitude))
        {
            isNarrow = true;
            raw = Narrowed(MemoryMarshal.Cast<byte, int>(raw));
        }
        Span<byte> head = stackalloc byte[14];
        head[0] = 11;
        BinaryPrimitives.WriteUInt32LittleEndian(head[1..], (uint)vectors.Dimension);
        BinaryPrimitives.WriteUInt64LittleEndian(head[5..], (ulong)vectors.Count);
        head[13] = (byte)(isNarrow ? sizeof(short) : sizeof(int));
        StreamHasher hasher = Context.NewHasher();
        hasher.Update(head);
        hasher.Update(raw);
        hasher.Update(MemoryMarshal.AsBytes(tags.Span));
        return hasher.Finalize();
    }

    private static byte[] Narrowed(ReadOnlySpan<int> wide)
    {
        byte[] bytes = new byte[wide.Length * sizeof(short)];
        Span<short> narrow = MemoryMarshal.Cast<byte, short>(bytes.AsSpan());
        for (int i = 0; i < wide.Length; i++) narrow[i] = (short)wide[i];
        return bytes;
    }

    private static Digest OfMetadata(RecordId id, ReadOnlyMemory<byte> metadata)
    {
        StreamHasher hasher = Context.NewHasher();
        hasher.Update(Fields(stackalloc byte[9], 13, id.Value));
        hasher.Update(metadata.Span);
        return hasher.Finalize();
    }

    private static Digest OfNode(NodeKind kind, RecordId? record)
    {
        Span<byte> fields = stackalloc byte[11];
        Fields(fields, 14, record?.Value ?? 0);
        fields[9] = (byte)(record is null ? 0 : 1);
        fields[10] = kind.Value;
        return Context.Hash(fields);
    }

    private static Digest OfEdge(NodeId from, NodeId to, EdgeKind kind)
    {
        Span<byte> fields = stackalloc byte[18];
        Fields(fields, 15, from.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[9..], to.Value);
        fields[17] = kind.Value;
        return Context.Hash(fields);
    }

    /// <param name="number">Of the event that the command leads to, in the journal's entry.</param>
    private static ReadOnlySpan<byte> Fields(Span<byte> fields, byte number, ulong id)
    {
        fields[0] = number;
        BinaryPrimitives.WriteUInt64LittleEndian(fields[1..], id);
        return fields;
    }
}
