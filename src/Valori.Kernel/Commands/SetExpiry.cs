using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Sets when a record expires, or that it does not expire. Vector, tag, metadata, key and fields stay.</summary>
/// <param name="Record">Its id, or its key.</param>
/// <param name="ExpiresAtUnixMicroseconds">In microseconds since 1970 (UTC), in the years 1 to 9999; null for a record that does not expire.</param>
public sealed record SetExpiry(RecordRef Record, long? ExpiresAtUnixMicroseconds) : Command, IWireReadable<SetExpiry>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetExpiry, ExpirySet>(
        34, 20,
        new EventText(EventText.OfPart("expiry of record", "expiry", "set")) { Removed = EventText.OfPart("expiry of record", "expiry", "removed") },
        addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Record.Id?.Value, 0);

    internal override long ContentBytes => Record.Key?.Utf8.Length ?? 0;

    internal override string? MissingProperty => Record.IsNothing ? nameof(Record) : null;

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (RecordAttributes.ExpiryFault(ExpiresAtUnixMicroseconds) is { } wrong) return wrong;
        if (tables.Find(Record, out Refusal? missing) is not { } id) return missing!;
        return tables.CheckReplacing(1) is { } full ? full : new ExpirySet(id, Record.Key, ExpiresAtUnixMicroseconds);
    }

    internal override Command MapIds(IdMap map) => Record.Id is { } id ? this with { Record = map.Record(1, "record_id", id) } : this;

    internal override void WriteFields(ref WireWriter writer)
    {
        if (Record.Id is { } id) writer.SetUInt64(1, id.Value);
        writer.RecordKey(2, Record.Key);
        if (ExpiresAtUnixMicroseconds is { } expiry) writer.SetUInt64(3, (ulong)expiry);
    }

    static SetExpiry IWireReadable<SetExpiry>.Read(ref WireReader reader)
    {
        RecordRef record = AttributesField.ReadRecord(ref reader);
        return new SetExpiry(record, (long?)reader.OptionalUInt64(3));
    }

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Record.Id?.Value ?? 0);
        digest.AddText(Record.Key is { } named ? named.Utf8 : []);
        digest.Add([(byte)(ExpiresAtUnixMicroseconds is null ? 0 : 1)]);
        digest.Add((ulong)(ExpiresAtUnixMicroseconds ?? 0));
    }
}

/// <summary>The record expires at another time, or does not expire.</summary>
/// <param name="Key">The key, if the command named the record by it.</param>
public sealed record ExpirySet(RecordId Id, RecordKey? Key, long? ExpiresAtUnixMicroseconds) : Event, IWireReadable<ExpirySet>
{
    internal override CommandKind CommandKind => SetExpiry.ThisKind;

    internal override EventManner Manner => ExpiresAtUnixMicroseconds is null ? EventManner.Removed : EventManner.Usual;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new SetExpiry(Key is not null ? Key : Id, ExpiresAtUnixMicroseconds);

    internal override void Apply(ITables tables) => tables.SetExpiry(Id, ExpiresAtUnixMicroseconds);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.RecordKey(2, Key);
        if (ExpiresAtUnixMicroseconds is { } expiry) writer.SetUInt64(3, (ulong)expiry);
    }

    static ExpirySet IWireReadable<ExpirySet>.Read(ref WireReader reader)
    {
        RecordId id = new(reader.UInt64(1));
        RecordKey? key = reader.OptionalRecordKey(2);
        return new ExpirySet(id, key, (long?)reader.OptionalUInt64(3));
    }
}
