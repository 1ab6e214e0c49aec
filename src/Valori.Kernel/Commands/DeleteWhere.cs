using System.Buffers.Binary;
using Valori.Kernel.Commands;
using Valori.Kernel.Filters;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Deletes records that match the filter in the state that the command is decided on. It is one bounded step: the receipt has how many were
/// deleted, and as its first id the one from which the next step goes on, or 0 if all records were looked at.
/// </summary>
/// <param name="Filter"><see cref="Filter.All"/> for all.</param>
/// <param name="From">The first id to look at.</param>
/// <param name="Count">
/// How many records this step and those after it may delete, at least 1. A step deletes at most <see cref="Limits.MaximumChangedRecords"/> of them, and
/// may end before it, as what it looks at is bounded too.
/// </param>
public sealed record DeleteWhere(Filter Filter, ulong From = 0, int Count = Limits.MaximumChangedRecords) : Command, IWireReadable<DeleteWhere>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<DeleteWhere, RecordsDeleted>(26, 12, EventText.OfSome("record", "deleted by a filter"), standsAlone: true);

    private WhereStep Step => new(Filter, From, Count);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 0);

    internal override long ContentBytes => Filter.Size;

    internal override string? MissingProperty => Filter is null ? nameof(Filter) : null;

    internal override Refusal? FilterFault => PropertyNames.FaultOnRecords(Filter);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Step.Fault() is { } refusal) return refusal;
        (List<ulong> records, ulong next) = Step.Find(tables.State);
        return new RecordsDeleted(Filter, From, Count, next, records.ToArray());
    }

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Filter(1, Filter);
        writer.UInt64(2, From);
        writer.UInt64(3, (ulong)Count);
    }

    static DeleteWhere IWireReadable<DeleteWhere>.Read(ref WireReader reader)
    {
        Filter filter = reader.Filter(1);
        ulong from = reader.UInt64(2);
        return new DeleteWhere(filter, from, reader.Int32(3));
    }

    internal override bool IsLaterStep => From > 0;

    internal override void AddTo(ref DigestMaterial digest) => AddTo(ref digest, From, Count, Filter);

    /// <summary><c>u64 from, u32 count, u32 length, canonical filter</c>.</summary>
    internal static void AddTo(ref DigestMaterial digest, ulong from, int count, Filter filter)
    {
        digest.Add(from);
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, count);
        digest.Add(number);
        BinaryPrimitives.WriteInt32LittleEndian(number, filter.Size);
        digest.Add(number);
        digest.Add(filter.Canonical.Span);
    }
}

/// <summary>Records that matched a filter were deleted.</summary>
/// <param name="Next">The id from which the next step goes on; 0 if nothing was left to look at.</param>
/// <param name="Records">Their ids, ascending; maybe none.</param>
public sealed record RecordsDeleted(Filter Filter, ulong From, int Count, ulong Next, ReadOnlyMemory<ulong> Records) : Event, IWireReadable<RecordsDeleted>
{
    internal override CommandKind CommandKind => DeleteWhere.ThisKind;

    internal override (ulong First, int Count) Ids => Records.IsEmpty ? (0, 0) : (Records.Span[0], Records.Length);

    internal override (ulong First, int Count) ReceiptIds => (Next, Records.Length);

    internal override int ListedIds => Records.Length;

    internal override Command Command => new DeleteWhere(Filter, From, Count);

    internal override string? Contradiction(KernelTables tables) => new WhereStep(Filter, From, Count).Contradiction(tables, Records.Span, Next);

    internal override void Apply(ITables tables)
    {
        foreach (ulong id in Records.Span) tables.DeleteRecord(new RecordId(id));
    }

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Filter(1, Filter);
        writer.UInt64(2, From);
        writer.UInt64(3, (ulong)Count);
        writer.UInt64(4, Next);
        writer.UInt64s(5, Records.Span);
    }

    static RecordsDeleted IWireReadable<RecordsDeleted>.Read(ref WireReader reader)
    {
        Filter filter = reader.Filter(1);
        ulong from = reader.UInt64(2);
        int count = reader.Int32(3);
        ulong next = reader.UInt64(4);
        return new RecordsDeleted(filter, from, count, next, reader.UInt64s(5));
    }
}
