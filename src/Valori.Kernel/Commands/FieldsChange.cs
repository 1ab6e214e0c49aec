using System.Buffers.Binary;
using System.Text;
using Valori.Kernel.Values;
using Valori.Kernel.Wire;

namespace Valori.Kernel.Commands;

/// <summary>How a command changes the fields of what it names: a record, a node or an edge.</summary>
/// <param name="Fields">To merge, or to replace with; empty to remove.</param>
/// <param name="Names">To remove; empty otherwise.</param>
internal readonly record struct FieldsChange(FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names)
{
    /// <summary>The log's text of a change of this.</summary>
    /// <param name="one">As in <c>fields of record</c>.</param>
    /// <param name="several">As in <c>fields of records</c>.</param>
    public static EventText TextOf(string one, string several) => new(EventText.OfPart(one, several, "set"))
    {
        Removed = EventText.OfPart(one, several, "removed"),
        Replaced = EventText.OfPart(one, several, "replaced"),
    };

    public EventManner Manner => Mode switch { FieldsMode.Remove => EventManner.Removed, FieldsMode.Replace => EventManner.Replaced, _ => EventManner.Usual };

    /// <summary>Bytes of content, for limits on size.</summary>
    public long ContentBytes => Fields.Canonical.Length + Names.Sum(name => sizeof(ushort) + (long)Encoding.UTF8.GetByteCount(name));

    /// <summary>The name of a property of the command that is null and must not be.</summary>
    public string? MissingProperty => Fields is null ? nameof(Fields) : Names is null || Names.Contains(null!) ? nameof(Names) : null;

    /// <summary>What no change may be, or null.</summary>
    public Refusal? Fault()
    {
        if (Mode is < FieldsMode.Merge or > FieldsMode.Remove) return Invalid($"the mode is {(int)Mode}; it must be merge (1), replace (2) or remove (3)");
        if (Mode == FieldsMode.Remove && !Fields.IsEmpty) return Invalid("fields are removed by their names, and values are given too: leave the values out");
        if (Mode == FieldsMode.Remove && Names.Count == 0) return Invalid("no field to remove is named: give at least one field name");
        if (Mode != FieldsMode.Remove && Names.Count > 0) return Invalid($"names of fields to remove are given, and the mode is {Mode}: leave the names out, or use the mode Remove");
        if (Names.Count > Limits.MaximumFields) return Invalid(FieldsCheck.CountFault(Names.Count));
        HashSet<string> seen = [];
        foreach (string name in Names)
        {
            if (FieldName.Fault(name) is { } fault) return Invalid(fault);
            if (!seen.Add(name)) return Invalid($"the field {FieldName.Shown(Encoding.UTF8.GetBytes(name))} appears twice");
        }
        return null;
    }

    /// <summary>What these fields become, or a refusal if there can be no such fields.</summary>
    public Outcome<Fields> Apply(Fields before) => ForMany()(before);

    /// <summary><see cref="Apply"/> for the fields of many records: what it takes once is done.</summary>
    public Func<Fields, Outcome<Fields>> ForMany()
    {
        Fields fields = Fields;
        if (Mode == FieldsMode.Merge) return before => before.With(fields);
        if (Mode == FieldsMode.Replace) return _ => fields;
        RemovedNames names = new(Names);
        return before => before.Without(names);
    }

    /// <summary>Writes mode, fields and names as three fields from this number on.</summary>
    public void Write(ref WireWriter writer, int number)
    {
        writer.UInt64(number, (ulong)Mode);
        writer.Fields(number + 1, Fields);
        foreach (string name in Names) writer.SetBytes(number + 2, Encoding.UTF8.GetBytes(name));
    }

    /// <exception cref="FormatException">The bytes are not fields or names of fields.</exception>
    public static FieldsChange Read(ref WireReader reader, int number)
    {
        FieldsMode mode = (FieldsMode)reader.Byte(number);
        Fields fields = reader.Fields(number + 1);
        List<string> names = [];
        while (reader.OptionalBytes(number + 2) is { } name)
            names.Add(FieldName.Fault(name.Span) is { } fault ? throw new FormatException(fault) : Encoding.UTF8.GetString(name.Span));
        return new FieldsChange(mode, fields, names);
    }

    /// <summary><c>u8 mode, u32 length, canonical fields</c>, and of each name <c>u16 length, name</c>.</summary>
    public void AddTo(ref DigestMaterial digest)
    {
        digest.Add([(byte)Mode]);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, Fields.Canonical.Length);
        digest.Add(length);
        digest.Add(Fields.Canonical.Span);
        foreach (string name in Names) digest.AddText(Encoding.UTF8.GetBytes(name));
    }

    private static Refusal Invalid(string message) => new(RefusalKind.InvalidArgument, message);
}
