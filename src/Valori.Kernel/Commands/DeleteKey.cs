using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Deletes the record with the key; a tombstone stays in its place. The key is free again.</summary>
public sealed record DeleteKey(RecordKey Key) : Command, IWireReadable<DeleteKey>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<DeleteKey, KeyDeleted>(
        24, 10,
        new EventText((id, _) => $"record {id} deleted by its key", count => FormattableString.Invariant($"{count:N0} {(count == 1 ? "record" : "records")} deleted by key")),
        EventCheck.WhenNamed);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (null, 0);

    internal override string? MissingProperty => Key is null ? nameof(Key) : null;

    internal override Outcome<Event> Decide(ITables tables) =>
        tables.FindLive(Key) is { } id ? new KeyDeleted(id, Key) : Refusal.Key(RecordKey.Show(Key.Utf8));

    internal override Command MapIds(IdMap map) => this;

    internal override void WriteFields(ref WireWriter writer) => writer.RecordKey(1, Key);

    static DeleteKey IWireReadable<DeleteKey>.Read(ref WireReader reader) => new(reader.RecordKey(1));

    internal override void AddTo(ref DigestMaterial digest) => digest.Add(Key.Utf8);
}

/// <summary>The record with the key was deleted.</summary>
public sealed record KeyDeleted(RecordId Id, RecordKey Key) : Event, IWireReadable<KeyDeleted>
{
    internal override CommandKind CommandKind => DeleteKey.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new DeleteKey(Key);

    internal override void Apply(ITables tables) => tables.DeleteRecord(Id);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.RecordKey(2, Key);
    }

    static KeyDeleted IWireReadable<KeyDeleted>.Read(ref WireReader reader)
    {
        RecordId id = new(reader.UInt64(1));
        return new KeyDeleted(id, reader.RecordKey(2));
    }
}
