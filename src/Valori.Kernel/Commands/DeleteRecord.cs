using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Deletes a record; a tombstone stays in its place.</summary>
public sealed record DeleteRecord(RecordId Id) : Command, IWireReadable<DeleteRecord>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<DeleteRecord, RecordDeleted>(12, 2, EventText.Of("record", "deleted"), EventCheck.Never, isBare: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Id.Value, 0);

    internal override Outcome<Event> Decide(ITables tables) => tables.CheckRecord(Id) is { } refusal ? refusal : new RecordDeleted(Id);

    internal override Command MapIds(IdMap map) => new DeleteRecord(map.Record(1, "record_id", Id));

    internal override void WriteFields(ref WireWriter writer) => writer.SetUInt64(1, Id.Value);

    static DeleteRecord IWireReadable<DeleteRecord>.Read(ref WireReader reader) => new(new RecordId(reader.SetUInt64(1)));

    internal override void AddTo(ref DigestMaterial digest) => digest.Add(Id.Value);
}

/// <summary>The record was deleted.</summary>
public sealed record RecordDeleted(RecordId Id) : Event, IWireReadable<RecordDeleted>
{
    internal override CommandKind CommandKind => DeleteRecord.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new DeleteRecord(Id);

    internal override void Apply(ITables tables) => tables.DeleteRecord(Id);

    internal override void WriteFields(ref WireWriter writer) => writer.UInt64(1, Id.Value);

    static RecordDeleted IWireReadable<RecordDeleted>.Read(ref WireReader reader) => new(new RecordId(reader.UInt64(1)));
}
