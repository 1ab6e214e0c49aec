using Valori.Kernel.Commands;
using Valori.Kernel.Filters;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Changes the fields of records that match the filter in the state that the command is decided on. One bounded step, as
/// <see cref="DeleteWhere"/> is. If a record cannot have such fields, the step ends before it, and the next one, which begins with it, is refused.
/// </summary>
/// <param name="Filter"><see cref="Filter.All"/> for all.</param>
/// <param name="From">The first id to look at.</param>
/// <param name="Count">How many records this step and those after it may change, at least 1; as in <see cref="DeleteWhere"/>.</param>
/// <param name="Fields">To merge, or to replace with; empty to remove.</param>
/// <param name="Names">To remove; empty otherwise.</param>
public sealed record SetFieldsWhere(Filter Filter, ulong From, int Count, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names)
    : Command, IWireReadable<SetFieldsWhere>
{
    // Of fields of a step as they were or as they become, whichever are more: they are read and written, kept, and the leaves of their records
    // are hashed again.
    private const long MostFieldBytes = 4 << 20;

    internal static readonly CommandKind ThisKind = CommandKind.Of<SetFieldsWhere, RecordsFieldsSet>(
        27, 13,
        new EventText(TextOf("set")) { Removed = TextOf("removed"), Replaced = TextOf("replaced") },
        addsContent: true, standsAlone: true);

    private static EventText TextOf(string happened) => new(
        (first, count) => count switch
        {
            0 => $"fields of no records {happened} by a filter",
            1 => FormattableString.Invariant($"fields of record {first} {happened} by a filter"),
            _ => FormattableString.Invariant($"fields of {count:N0} records {happened} by a filter, from record {first} on"),
        },
        count => FormattableString.Invariant($"fields of {count:N0} {(count == 1 ? "record" : "records")} {happened} by a filter"));

    private FieldsChange Change => new(Mode, Fields, Names);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 0);

    internal override long ContentBytes => Filter.Size + Change.ContentBytes;

    internal override string? MissingProperty => Filter is null ? nameof(Filter) : Change.MissingProperty;

    internal override Refusal? FilterFault => PropertyNames.FaultOnRecords(Filter);

    internal override Outcome<Event> Decide(ITables tables)
    {
        WhereStep step = new(Filter, From, Count);
        if ((step.Fault() ?? Change.Fault()) is { } wrong) return wrong;
        (List<ulong> records, ulong next) = step.Find(tables.State);
        if (tables.CheckReplacing(records.Count) is { } full) return full;
        Func<Fields, Outcome<Fields>> change = Change.ForMany();
        long bytes = 0;
        for (int i = 0; i < records.Count; i++)
        {
            Fields before = tables.FieldsOf(new RecordId(records[i]));
            bool isPossible = change(before).TryGet(out Fields? fields, out Refusal? refusal);
            if (!isPossible && i == 0) return refusal! with { Message = $"record {records[0]}: {refusal.Message}" };
            if (isPossible && (bytes += Math.Max(before.Canonical.Length, fields!.Canonical.Length)) <= MostFieldBytes) continue;
            // The first one is in the step however large it is.
            if (i == 0) continue;
            next = records[i];
            records.RemoveRange(i, records.Count - i);
        }
        return new RecordsFieldsSet(Filter, From, Count, next, records.ToArray(), Mode, Fields, Names) { Rewritten = bytes };
    }

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Filter(1, Filter);
        writer.UInt64(2, From);
        writer.UInt64(3, (ulong)Count);
        Change.Write(ref writer, 4);
    }

    static SetFieldsWhere IWireReadable<SetFieldsWhere>.Read(ref WireReader reader)
    {
        Filter filter = reader.Filter(1);
        ulong from = reader.UInt64(2);
        int count = reader.Int32(3);
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = FieldsChange.Read(ref reader, 4);
        return new SetFieldsWhere(filter, from, count, mode, fields, names);
    }

    internal override bool IsLaterStep => From > 0;

    internal override void AddTo(ref DigestMaterial digest)
    {
        DeleteWhere.AddTo(ref digest, From, Count, Filter);
        Change.AddTo(ref digest);
    }
}

/// <summary>The fields of records that matched a filter were changed.</summary>
/// <param name="Next">The id from which the next step goes on; 0 if nothing was left to look at.</param>
/// <param name="Records">Their ids, ascending; maybe none.</param>
public sealed record RecordsFieldsSet(
    Filter Filter, ulong From, int Count, ulong Next, ReadOnlyMemory<ulong> Records, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names)
    : Event, IWireReadable<RecordsFieldsSet>
{
    private FieldsChange Change => new(Mode, Fields, Names);

    internal long Rewritten { get; init; }

    internal override CommandKind CommandKind => SetFieldsWhere.ThisKind;

    internal override long RewrittenBytes => Rewritten;

    internal override EventManner Manner => Change.Manner;

    internal override (ulong First, int Count) Ids => Records.IsEmpty ? (0, 0) : (Records.Span[0], Records.Length);

    internal override (ulong First, int Count) ReceiptIds => (Next, Records.Length);

    internal override int ListedIds => Records.Length;

    internal override Command Command => new SetFieldsWhere(Filter, From, Count, Mode, Fields, Names);

    internal override string? Contradiction(KernelTables tables)
    {
        if (new WhereStep(Filter, From, Count).Contradiction(tables, Records.Span, Next) is { } wrong) return wrong;
        if ((Change.Fault() ?? tables.CheckReplacing(Records.Length)) is { } refusal) return refusal.Message;
        Func<Fields, Outcome<Fields>> change = Change.ForMany();
        foreach (ulong id in Records.Span)
        {
            if (!change(tables.FieldsOf(new RecordId(id))).TryGet(out _, out Refusal? impossible)) return $"record {id}: {impossible.Message}";
        }
        return null;
    }

    internal override void Apply(ITables tables)
    {
        Func<Fields, Outcome<Fields>> change = Change.ForMany();
        foreach (ulong id in Records.Span) tables.SetFields(new RecordId(id), change(tables.FieldsOf(new RecordId(id))).Value!);
    }

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Filter(1, Filter);
        writer.UInt64(2, From);
        writer.UInt64(3, (ulong)Count);
        writer.UInt64(4, Next);
        writer.UInt64s(5, Records.Span);
        Change.Write(ref writer, 6);
    }

    static RecordsFieldsSet IWireReadable<RecordsFieldsSet>.Read(ref WireReader reader)
    {
        Filter filter = reader.Filter(1);
        ulong from = reader.UInt64(2);
        int count = reader.Int32(3);
        ulong next = reader.UInt64(4);
        ReadOnlyMemory<ulong> records = reader.UInt64s(5);
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = FieldsChange.Read(ref reader, 6);
        return new RecordsFieldsSet(filter, from, count, next, records, mode, fields, names);
    }
}
