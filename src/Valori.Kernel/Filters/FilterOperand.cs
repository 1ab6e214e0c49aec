using System.Buffers;
using System.Text;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>What a condition is about. The numbers are those of the canonical bytes.</summary>
internal enum OperandKind : byte
{
    Field = 1,
    Key = 2,
    Tag = 3,
    Id = 4,
}

/// <summary>What a condition is about: a field, or the record's key, tag or id.</summary>
internal sealed class FilterOperand
{
    private const string FieldPrefix = "$fields.";

    private readonly byte[] _utf8;

    private FilterOperand(OperandKind kind, string name, byte[] utf8, bool isPlain = false)
    {
        IsPlain = isPlain;
        Kind = kind;
        Name = name;
        _utf8 = utf8;
    }

    public static FilterOperand Key { get; } = new(OperandKind.Key, "key", []);

    public static FilterOperand Tag { get; } = new(OperandKind.Tag, "tag", []);

    public static FilterOperand Id { get; } = new(OperandKind.Id, "id", []);

    public OperandKind Kind { get; }

    /// <summary>Of a field, without prefix.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether somebody wrote a field's name without the prefix, so that a property of that name may be meant. It is not in the canonical
    /// bytes, and no filter that was read from them has it.
    /// </summary>
    public bool IsPlain { get; }

    /// <summary>A field's name as UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>Whether its values are whole numbers of 64 bits without a sign.</summary>
    public bool IsWhole => Kind is OperandKind.Tag or OperandKind.Id;

    /// <summary>As all three spellings name it: a field that is called key, tag or id, in capitals too, has the prefix.</summary>
    public string Text => Kind == OperandKind.Field && FindInAnyCase(Name) is not null ? FieldPrefix + Name : Name;

    /// <summary>A field with the prefix, whatever its name.</summary>
    public string PrefixedText => FieldPrefix + Name;

    public int Size => Kind == OperandKind.Field ? 1 + sizeof(ushort) + _utf8.Length : 1;

    /// <summary>What a name means; null with a fault if it cannot be one.</summary>
    public static FilterOperand? Parse(string name, out string? fault)
    {
        fault = null;
        if (Find(name) is { } own) return own;
        // As a field, which no record has, it would match nothing; and its negation, everything.
        if (FindInAnyCase(name) is { } meant)
        {
            fault = $"'{name}' is neither '{meant.Name}' nor clearly a field: write {meant.Name}, or {FieldPrefix}{name} for a field of that name";
            return null;
        }
        bool isPlain = !name.StartsWith(FieldPrefix, StringComparison.Ordinal);
        if (!isPlain) name = name[FieldPrefix.Length..];
        if (FieldValue.LoneSurrogate(name) is not null) fault = "a field's name has half of a surrogate pair, which is not text";
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        fault ??= FieldName.Fault(utf8);
        return fault is null ? new FilterOperand(OperandKind.Field, name, utf8, isPlain) : null;
    }

    /// <summary>A field by the bytes of its name, which is a name.</summary>
    public static FilterOperand Field(ReadOnlySpan<byte> utf8) => new(OperandKind.Field, Encoding.UTF8.GetString(utf8), utf8.ToArray());

    public void WriteCanonical(ArrayBufferWriter<byte> bytes)
    {
        bytes.Write([(byte)Kind]);
        if (Kind != OperandKind.Field) return;
        PackedWriter.WriteUInt16(bytes, _utf8.Length);
        bytes.Write(_utf8);
    }

    private static FilterOperand? FindInAnyCase(string name) =>
        Ascii.EqualsIgnoreCase(name, Key.Name) ? Key : Ascii.EqualsIgnoreCase(name, Tag.Name) ? Tag : Ascii.EqualsIgnoreCase(name, Id.Name) ? Id : null;

    private static FilterOperand? Find(string name) => name switch { "key" => Key, "tag" => Tag, "id" => Id, _ => null };
}
