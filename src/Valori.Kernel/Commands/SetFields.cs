using System.Buffers.Binary;
using System.Text;
using Valori.Kernel.Commands;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Kernel;

/// <summary>Changes the fields of a record. Vector, tag, metadata, key and expiry stay.</summary>
/// <param name="Record">Its id, or its key.</param>
/// <param name="Fields">To merge, or to replace with; empty to remove.</param>
/// <param name="Names">To remove; empty otherwise.</param>
public sealed record SetFields(RecordRef Record, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Command, IWireReadable<SetFields>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<SetFields, FieldsSet>(
        23, 9,
        new EventText((id, _) => $"fields of record {id} set", count => $"fields set {count} {(count == 1 ? "time" : "times")}"),
        addsContent: true);

    internal override CommandKind CommandKind => ThisKind;

    internal override (ulong? FirstId, int Created) ExpectedIds => (Record.Id?.Value, 0);

    internal override long ContentBytes => (Record.Key?.Utf8.Length ?? 0) + Fields.Canonical.Length + Names.Sum(name => sizeof(ushort) + (long)Encoding.UTF8.GetByteCount(name));

    internal override string? MissingProperty => Record.IsNothing ? nameof(Record) : Fields is null ? nameof(Fields) : Names is null || Names.Contains(null!) ? nameof(Names) : null;

    /// <summary>Sets these fields and leaves the others.</summary>
    public static SetFields Merge(RecordRef record, Fields fields) => new(record, FieldsMode.Merge, fields, []);

    /// <summary>Sets these fields and removes the others.</summary>
    public static SetFields Replace(RecordRef record, Fields fields) => new(record, FieldsMode.Replace, fields, []);

    /// <summary>Removes the fields with these names, and those below them.</summary>
    public static SetFields Remove(RecordRef record, params IReadOnlyList<string> names) => new(record, FieldsMode.Remove, Fields.Empty, names);

    internal override Outcome<Event> Decide(KernelTables tables)
    {
        if (CheckParts() is { } wrong) return wrong;
        if (tables.Find(Record, out Refusal? missing) is not { } id) return missing!;
        if (tables.CheckReplacing(1) is { } full) return full;
        return Change(tables.FieldsOf(id)).TryGet(out _, out Refusal? refusal) ? new FieldsSet(id, Record.Key, Mode, Fields, Names) : refusal;
    }

    /// <summary>What these fields become.</summary>
    internal Outcome<Fields> Change(Fields before) => Mode switch
    {
        FieldsMode.Merge => before.With(Fields),
        FieldsMode.Replace => Fields,
        _ => before.Without(Names),
    };

    internal override void WriteFields(ref WireWriter writer)
    {
        if (Record.Id is { } id) writer.SetUInt64(1, id.Value);
        writer.RecordKey(2, Record.Key);
        WriteChange(ref writer, 3, Mode, Fields, Names);
    }

    static SetFields IWireReadable<SetFields>.Read(ref WireReader reader)
    {
        RecordId? id = reader.OptionalUInt64(1) is { } number ? new RecordId(number) : null;
        RecordKey? key = reader.OptionalRecordKey(2);
        if (id is null == key is null) throw new FormatException("a record is named by its id or by its key, one of them");
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = ReadChange(ref reader, 3);
        return new SetFields(key is not null ? key : id!.Value, mode, fields, names);
    }

    internal static void WriteChange(ref WireWriter writer, int number, FieldsMode mode, Fields fields, IReadOnlyList<string> names)
    {
        writer.UInt64(number, (ulong)mode);
        writer.Fields(number + 1, fields);
        foreach (string name in names) writer.SetBytes(number + 2, Encoding.UTF8.GetBytes(name));
    }

    internal static (FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) ReadChange(ref WireReader reader, int number)
    {
        FieldsMode mode = (FieldsMode)reader.Byte(number);
        Fields fields = reader.Fields(number + 1);
        List<string> names = [];
        while (reader.OptionalBytes(number + 2) is { } name)
            names.Add(FieldName.Fault(name.Span) is { } fault ? throw new FormatException(fault) : Encoding.UTF8.GetString(name.Span));
        return (mode, fields, names);
    }

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Record.Id?.Value ?? 0);
        ReadOnlySpan<byte> key = Record.Key is { } named ? named.Utf8 : [];
        AddTo(ref digest, key);
        digest.Add([(byte)Mode]);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, Fields.Canonical.Length);
        digest.Add(length);
        digest.Add(Fields.Canonical.Span);
        foreach (string name in Names) AddTo(ref digest, Encoding.UTF8.GetBytes(name));
    }

    private static void AddTo(ref DigestMaterial digest, scoped ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        digest.Add(length);
        digest.Add(text);
    }

    private Refusal? CheckParts()
    {
        if (Mode is < FieldsMode.Merge or > FieldsMode.Remove) return Invalid($"the mode is {(int)Mode}; it must be merge (1), replace (2) or remove (3)");
        if (Mode == FieldsMode.Remove && !Fields.IsEmpty) return Invalid("fields are removed by their names, and values are there too: leave them out");
        if (Mode == FieldsMode.Remove && Names.Count == 0) return Invalid("no name of a field to remove is there");
        if (Mode != FieldsMode.Remove && Names.Count > 0) return Invalid($"names of fields to remove are there, and the mode is {Mode}: use another command for them");
        if (Names.Count > Limits.MaximumFields) return Invalid(FieldsCheck.CountFault(Names.Count));
        HashSet<string> seen = [];
        foreach (string name in Names)
        {
            if (FieldName.Fault(name) is { } fault) return Invalid(fault);
            if (!seen.Add(name)) return Invalid($"the field {FieldName.Shown(Encoding.UTF8.GetBytes(name))} is there twice");
        }
        return null;
    }

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}

/// <summary>The record's fields were changed.</summary>
/// <param name="Key">The key, if the command named the record by it.</param>
public sealed record FieldsSet(RecordId Id, RecordKey? Key, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names) : Event, IWireReadable<FieldsSet>
{
    internal override CommandKind CommandKind => SetFields.ThisKind;

    internal override (ulong First, int Count) Ids => (Id.Value, 1);

    internal override Command Command => ToCommand();

    internal override void Apply(KernelTables tables) => tables.SetFields(Id, ToCommand().Change(tables.FieldsOf(Id)).Value!);

    internal override void WriteFields(ref WireWriter writer)
    {
        writer.UInt64(1, Id.Value);
        writer.RecordKey(2, Key);
        SetFields.WriteChange(ref writer, 3, Mode, Fields, Names);
    }

    static FieldsSet IWireReadable<FieldsSet>.Read(ref WireReader reader)
    {
        RecordId id = new(reader.UInt64(1));
        RecordKey? key = reader.OptionalRecordKey(2);
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = SetFields.ReadChange(ref reader, 3);
        return new FieldsSet(id, key, mode, fields, names);
    }

    private SetFields ToCommand() => new(Key is not null ? Key : Id, Mode, Fields, Names);
}
