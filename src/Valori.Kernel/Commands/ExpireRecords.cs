using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Deletes records whose expiry is at this time or before it: those that expire first, at most <see cref="Limits.MaximumChangedRecords"/>. Refused if
/// there are none.
/// </summary>
/// <param name="UnixMicroseconds">The present time. Only the engine's clock can say it, so an engine refuses this command from its clients.</param>
public sealed record ExpireRecords(long UnixMicroseconds) : Command, IWireReadable<ExpireRecords>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<ExpireRecords, RecordsExpired>(
        25, 11, EventText.OfSome("record", "expired"), EventCheck.Never, isOfEngine: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 0);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (!FieldValue.IsTimestamp(UnixMicroseconds))
            return new Refusal(RefusalKind.InvalidArgument, FormattableString.Invariant($"the time is {UnixMicroseconds} microseconds since 1970; it must be in the years 1 to 9999"));
        ulong[] due = tables.State.Records.Expiries.Due(UnixMicroseconds, Limits.MaximumChangedRecords, tables.State.Version);
        return due.Length > 0
            ? new RecordsExpired(UnixMicroseconds, due)
            : new Refusal(RefusalKind.NotFound, $"no record expires at {TimeText.Format(UnixMicroseconds)} or before");
    }

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer) => writer.Fixed64(1, (ulong)UnixMicroseconds);

    static ExpireRecords IWireReadable<ExpireRecords>.Read(ref WireReader reader) => new((long)reader.Fixed64(1));

    internal override void AddTo(ref DigestMaterial digest) => digest.Add((ulong)UnixMicroseconds);
}

/// <summary>Records were deleted because they had expired.</summary>
/// <param name="UnixMicroseconds">The time of the journal's event.</param>
/// <param name="Records">Their ids, ascending.</param>
public sealed record RecordsExpired(long UnixMicroseconds, ReadOnlyMemory<ulong> Records) : Event, IWireReadable<RecordsExpired>
{
    internal override CommandKind CommandKind => ExpireRecords.ThisKind;

    internal override (ulong First, int Count) Ids => Records.IsEmpty ? (0, 0) : (Records.Span[0], Records.Length);

    internal override int ListedIds => Records.Length;

    internal override Command Command => new ExpireRecords(UnixMicroseconds);

    internal override void Apply(ITables tables)
    {
        foreach (ulong id in Records.Span) tables.DeleteRecord(new RecordId(id));
    }

    // Which records are due follows from the state alone.
    internal override string? Contradiction(KernelTables tables)
    {
        if (!Command.Decide(tables).TryGet(out Event? decided, out Refusal? refusal)) return refusal.Message;
        ReadOnlySpan<ulong> expected = ((RecordsExpired)decided).Records.Span;
        return Records.Span.SequenceEqual(expected)
            ? null
            : $"expected the expiry of {expected.Length} records from {expected[0]} on, found that of {Records.Length} others";
    }

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.Fixed64(1, (ulong)UnixMicroseconds);
        writer.UInt64s(2, Records.Span);
    }

    static RecordsExpired IWireReadable<RecordsExpired>.Read(ref WireReader reader) => new((long)reader.Fixed64(1), reader.UInt64s(2));
}
