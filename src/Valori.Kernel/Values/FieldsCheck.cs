using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace Valori.Kernel.Values;

/// <summary>
/// The check of canonical bytes (section 3 of docs/formats.md in Valori's repository), in one pass and without allocating. Only after it
/// may <see cref="PackedFields"/> walk over them.
/// </summary>
internal ref struct FieldsCheck
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    // Lengths of the names before this one that are prefixes of it. Names ascend, so those with one prefix are neighbours, and what the
    // present name shares with the one before it says which still are.
    private readonly Span<bool> _isPrefix;

    private FieldsCheck(ReadOnlySpan<byte> bytes, Span<bool> isPrefix)
    {
        _bytes = bytes;
        _isPrefix = isPrefix;
    }

    /// <summary>What is wrong with the bytes, and where; null if they are canonical fields.</summary>
    public static string? Fault(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Limits.MaximumFieldsBytes) return SizeFault(bytes.Length);
        Span<bool> isPrefix = stackalloc bool[Limits.MaximumFieldNameBytes + 1];
        isPrefix.Clear();
        return new FieldsCheck(bytes, isPrefix).Run();
    }

    public static string SizeFault(int bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"the fields have {bytes} bytes in canonical form; the maximum is {Limits.MaximumFieldsBytes}");

    public static string CountFault(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"there are {count} fields; the maximum is {Limits.MaximumFields}");

    public static string ParentFault(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> child) =>
        $"the fields {FieldName.Shown(parent)} and {FieldName.Shown(child)} exclude each other: a field is a value, or it has fields below it";

    private string? Run()
    {
        if (!TryTake(sizeof(ushort), out ReadOnlySpan<byte> counted)) return End("the number of fields");
        int count = BinaryPrimitives.ReadUInt16LittleEndian(counted);
        if (count > Limits.MaximumFields) return CountFault(count);
        ReadOnlySpan<byte> previous = [];
        for (int i = 0; i < count; i++)
        {
            if (!TryTake(sizeof(ushort), out ReadOnlySpan<byte> length) || !TryTake(BinaryPrimitives.ReadUInt16LittleEndian(length), out ReadOnlySpan<byte> name))
                return End("a field's name");
            if ((FieldName.Fault(name) ?? OrderFault(previous, name) ?? ValueFault(name)) is { } fault) return fault;
            previous = name;
        }
        return _at == _bytes.Length ? null : $"{_bytes.Length - _at} bytes follow the last field";
    }

    private string? OrderFault(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> name)
    {
        int shared = previous.CommonPrefixLength(name);
        if (shared == name.Length && shared == previous.Length) return $"the field {FieldName.Shown(name)} appears twice";
        if (shared == name.Length || (shared < previous.Length && previous[shared] > name[shared]))
            return $"the field {FieldName.Shown(name)} follows {FieldName.Shown(previous)}; names ascend by their bytes";
        _isPrefix[(shared + 1)..].Clear();
        _isPrefix[name.Length] = true;
        for (int length = 1; length <= shared; length++)
        {
            if (_isPrefix[length] && name[length] == '.') return ParentFault(name[..length], name);
        }
        return null;
    }

    private string? ValueFault(ReadOnlySpan<byte> name)
    {
        if (!TryTake(1, out ReadOnlySpan<byte> typed)) return End("the type of", name);
        FieldValueType type = (FieldValueType)typed[0];
        if (type.IsScalar()) return ElementFault(type, name);
        if (type == FieldValueType.EmptyArray) return null;
        if (type > FieldValueType.TimestampArray || type < FieldValueType.EmptyArray) return $"the field {FieldName.Shown(name)} has the unknown type {typed[0]}";
        if (!TryTake(sizeof(uint), out ReadOnlySpan<byte> counted)) return End("the array", name);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(counted);
        if (count == 0) return $"the array {FieldName.Shown(name)} has a type and no elements; an array without elements has the type {(byte)FieldValueType.EmptyArray}";
        for (; count > 0; count--)
        {
            if (ElementFault(type.ElementType(), name) is { } fault) return fault;
        }
        return null;
    }

    private string? ElementFault(FieldValueType type, ReadOnlySpan<byte> name)
    {
        if (ScalarFault(type, _bytes[_at..], out int length) is { } fault) return $"{type.Shown()} of {FieldName.Shown(name)} {fault}";
        _at += length;
        return null;
    }

    /// <summary>What is wrong with a scalar, to be read after what it is; null if it is canonical.</summary>
    /// <param name="rest">Its bytes and whatever follows them.</param>
    /// <param name="length">Its bytes.</param>
    public static string? ScalarFault(FieldValueType type, ReadOnlySpan<byte> rest, out int length)
    {
        length = type == FieldValueType.Bool ? 1 : type == FieldValueType.String ? sizeof(uint) : sizeof(long);
        if (rest.Length < length) return "is cut off";
        if (type == FieldValueType.Bool) return rest[0] <= 1 ? null : $"is {rest[0]}, neither 0 nor 1";
        if (type == FieldValueType.String)
        {
            uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (bytes > (uint)(rest.Length - length)) return "is cut off";
            length += (int)bytes;
            return Utf8.IsValid(rest[sizeof(uint)..length]) ? null : "is not UTF-8";
        }
        long bits = BinaryPrimitives.ReadInt64LittleEndian(rest);
        return type switch
        {
            FieldValueType.Float64 when !double.IsFinite(BitConverter.Int64BitsToDouble(bits)) => "is not finite",
            FieldValueType.Float64 when bits == long.MinValue => "is -0, which is stored as 0",
            FieldValueType.Timestamp when !FieldValue.IsTimestamp(bits) =>
                string.Create(CultureInfo.InvariantCulture, $"is {bits} microseconds since 1970, which is not in the years 1 to 9999"),
            _ => null,
        };
    }

    private bool TryTake(uint length, out ReadOnlySpan<byte> taken)
    {
        bool isThere = length <= (uint)(_bytes.Length - _at);
        taken = isThere ? _bytes.Slice(_at, (int)length) : default;
        _at += taken.Length;
        return isThere;
    }

    private readonly string End(string what, ReadOnlySpan<byte> name = default) =>
        $"the fields end at byte {_bytes.Length}, inside {what}{(name.IsEmpty ? "" : $" {FieldName.Shown(name)}")}";
}
