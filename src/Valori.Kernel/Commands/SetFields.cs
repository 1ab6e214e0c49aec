using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>Changes the fields of a record. Vector, tag, metadata, key and expiry stay.</summary>
/// <param name="Record">Its id, or its key.</param>
/// <param name="Fields">To merge, or to replace with; empty to remove.</param>
/// <param name="Names">To remove; empty otherwise.</param>
public sealed record SetFields(RecordRef Record, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Command, IWireReadable<SetFields>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetFields, FieldsSet>(
        23, 9,
        FieldsChange.TextOf("fields of record", "fields"),
        EventCheck.WhenWritten, addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Record.Id?.Value, 0);

    internal override long ContentBytes => (Record.Key?.Utf8.Length ?? 0) + Change.ContentBytes;

    internal override int RemovedNames => Names.Count;

    internal override string? MissingProperty => Record.IsNothing ? nameof(Record) : Change.MissingProperty;

    private FieldsChange Change => new(Mode, Fields, Names);

    /// <summary>Sets these fields and leaves the others.</summary>
    public static SetFields Merge(RecordRef record, Fields fields) => new(record, FieldsMode.Merge, fields, []);

    /// <summary>Sets these fields and removes the others.</summary>
    public static SetFields Replace(RecordRef record, Fields fields) => new(record, FieldsMode.Replace, fields, []);

    /// <summary>Removes the fields with these names, and those below them.</summary>
    public static SetFields Remove(RecordRef record, params IReadOnlyList<string> names) => new(record, FieldsMode.Remove, Fields.Empty, names);

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Change.Fault() is { } wrong) return wrong;
        if (tables.Find(Record, out Refusal? missing) is not { } id) return missing!;
        if (tables.CheckReplacing(1) is { } full) return full;
        return Change.Apply(tables.FieldsOf(id)).TryGet(out _, out Refusal? refusal) ? new FieldsSet(id, Record.Key, Mode, Fields, Names) : refusal;
    }

    internal override Command MapIds(IdMap map) => Record.Id is { } id ? this with { Record = map.Record(1, "record_id", id) } : this;

    internal override void WriteFields(ref WireWriter writer)
    {
        if (Record.Id is { } id) writer.SetUInt64(1, id.Value);
        writer.RecordKey(2, Record.Key);
        Change.Write(ref writer, 3);
    }

    static SetFields IWireReadable<SetFields>.Read(ref WireReader reader)
    {
        RecordRef record = AttributesField.ReadRecord(ref reader);
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = FieldsChange.Read(ref reader, 3);
        return new SetFields(record, mode, fields, names);
    }

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Record.Id?.Value ?? 0);
        digest.AddText(Record.Key is { } named ? named.Utf8 : []);
        Change.AddTo(ref digest);
    }
}

/// <summary>The record's fields were changed.</summary>
/// <param name="Key">The key, if the command named the record by it.</param>
public sealed record FieldsSet(RecordId Id, RecordKey? Key, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Event, IWireReadable<FieldsSet>
{
    internal override CommandKind CommandKind => SetFields.ThisKind;

    internal override EventManner Manner => Change.Manner;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => new SetFields(Key is not null ? Key : Id, Mode, Fields, Names);

    private FieldsChange Change => new(Mode, Fields, Names);

    internal override void Apply(ITables tables) => tables.SetFields(Id, Change.Apply(tables.FieldsOf(Id)).Value!);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.RecordKey(2, Key);
        Change.Write(ref writer, 3);
    }

    static FieldsSet IWireReadable<FieldsSet>.Read(ref WireReader reader)
    {
        RecordId id = new(reader.UInt64(1));
        RecordKey? key = reader.OptionalRecordKey(2);
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = FieldsChange.Read(ref reader, 3);
        return new FieldsSet(id, key, mode, fields, names);
    }
}
