using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Inserts all of the vectors as new records, in order, or none of them. There is one tag for each vector.</summary>
public sealed record InsertRecords(VectorBlock Vectors, ReadOnlyMemory<ulong> Tags) : Command, IWireReadable<InsertRecords>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<InsertRecords, RecordsInserted>(11, 1, EventText.Of("record", "inserted"), EventCheck.Never, creates: ContentKind.Record);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, Vectors.Count);

    internal override long ContentBytes => Vectors.Raw.Length + (long)Tags.Length * sizeof(ulong);

    internal override string? MissingProperty => Vectors is null ? nameof(Vectors) : null;

    /// <summary>Why such records cannot be inserted, or null.</summary>
    internal static Refusal? Check(VectorBlock vectors, ReadOnlyMemory<ulong> tags, ITables tables)
    {
        if (vectors.CheckAgainst(tables.Schema) is { } wrong) return wrong;
        if (tags.Length != vectors.Count)
            return new Refusal(RefusalKind.InvalidArgument, $"expected one tag per vector: {vectors.Count} vectors, {tags.Length} tags");
        return tables.RecordSlots + (ulong)vectors.Count <= Limits.MaximumRecords
            ? null
            : new Refusal(RefusalKind.LimitExceeded,
                $"{vectors.Count} records more than {tables.RecordSlots} would exceed the limit of a collection, {Limits.MaximumRecords}: put them into another collection");
    }

    internal override Outcome<Event> Decide(ITables tables) =>
        Check(Vectors, Tags, tables) is { } refusal ? refusal : new RecordsInserted(new RecordId(tables.RecordSlots), Vectors, Tags);

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Message(1, new VectorsField(Vectors));
        writer.UInt64s(2, Tags.Span);
    }

    static InsertRecords IWireReadable<InsertRecords>.Read(ref WireReader reader) => new(reader.Message(1, VectorsField.Read), reader.UInt64s(2));

    internal override void AddTo(ref DigestMaterial digest)
    {
        ReadOnlySpan<byte> raw = Vectors.Raw.Span;
        bool isNarrow = Vectors.IsNarrow;
        // A client of another process may send wide what fits 16 bits.
        if (!isNarrow && VectorBlock.FitsNarrow(MemoryMarshal.Cast<byte, int>(raw)))
        {
            isNarrow = true;
            byte[] narrowed = new byte[raw.Length / 2];
            VectorBlock.Narrowed(MemoryMarshal.Cast<byte, int>(raw), MemoryMarshal.Cast<byte, short>(narrowed.AsSpan()));
            raw = narrowed;
        }
        Span<byte> head = stackalloc byte[13];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)Vectors.Dimension);
        BinaryPrimitives.WriteUInt64LittleEndian(head[4..], (ulong)Vectors.Count);
        head[12] = (byte)(isNarrow ? sizeof(short) : sizeof(int));
        digest.Add(head);
        digest.Add(raw);
        digest.Add(MemoryMarshal.AsBytes(Tags.Span));
    }
}

/// <summary>Records with the ids <c>FirstId, FirstId + 1, ...</c> were created.</summary>
public sealed record RecordsInserted(RecordId FirstId, VectorBlock Vectors, ReadOnlyMemory<ulong> Tags) : Event, IWireReadable<RecordsInserted>
{
    internal override CommandKind CommandKind => InsertRecords.ThisKind;

    internal override (ulong First, int Count) Ids => (FirstId.Value, Vectors.Count);

    internal override Command Command => new InsertRecords(Vectors, Tags);

    internal override void Apply(ITables tables) => tables.AppendRecords(Vectors, Tags);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, FirstId.Value);
        writer.Message(2, new VectorsField(Vectors));
        writer.UInt64s(3, Tags.Span);
    }

    static RecordsInserted IWireReadable<RecordsInserted>.Read(ref WireReader reader) =>
        new(new RecordId(reader.UInt64(1)), reader.Message(2, VectorsField.Read), reader.UInt64s(3));
}
