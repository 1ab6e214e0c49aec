using System.Buffers.Binary;
using System.Text;

namespace Valori.Kernel.Values;

/// <summary>
/// Walks over the canonical bytes of fields without allocating anything. The bytes must be checked: they came from
/// <see cref="Fields.Read"/>, a builder, or <see cref="FieldsCheck"/>.
/// </summary>
internal ref struct PackedFields(ReadOnlySpan<byte> canonical)
{
    private readonly ReadOnlySpan<byte> _bytes = canonical;
    private int _left = BinaryPrimitives.ReadUInt16LittleEndian(canonical);
    private int _begin;
    private int _next = sizeof(ushort);

    public ReadOnlySpan<byte> Name { get; private set; }

    public PackedValue Value { get; private set; }

    /// <summary>The field's bytes: name and value.</summary>
    public readonly ReadOnlySpan<byte> Whole => _bytes[_begin.._next];

    public bool MoveNext()
    {
        if (_left == 0) return false;
        _left--;
        _begin = _next;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_bytes[_next..]);
        Name = _bytes.Slice(_next + sizeof(ushort), length);
        _next += sizeof(ushort) + length;
        Value = new PackedValue((FieldValueType)_bytes[_next], _bytes[(_next + 1)..]);
        _next += 1 + Value.Bytes.Length;
        return true;
    }

    /// <summary>The field's value. False if there is no such field.</summary>
    public static bool TryFind(ReadOnlySpan<byte> canonical, scoped ReadOnlySpan<byte> name, out PackedValue value)
    {
        PackedFields fields = new(canonical);
        while (fields.MoveNext())
        {
            int order = fields.Name.SequenceCompareTo(name);
            if (order > 0) break;
            if (order < 0) continue;
            value = fields.Value;
            return true;
        }
        value = default;
        return false;
    }

    public static int CountOf(ReadOnlySpan<byte> canonical) => BinaryPrimitives.ReadUInt16LittleEndian(canonical);

    /// <summary>Where each field begins. Fields have at most 65,536 bytes, so 16 bits are enough.</summary>
    public static void CopyStarts(ReadOnlySpan<byte> canonical, Span<ushort> starts)
    {
        PackedFields fields = new(canonical);
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = (ushort)fields._next;
            fields.MoveNext();
        }
    }

    /// <summary>The field's value, with a look at a few names and no value. False if there is no such field.</summary>
    /// <param name="starts">Of <see cref="CopyStarts"/>.</param>
    public static bool TryFind(ReadOnlySpan<byte> canonical, scoped ReadOnlySpan<ushort> starts, scoped ReadOnlySpan<byte> name, out PackedValue value)
    {
        int low = 0, high = starts.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2, at = starts[middle];
            int length = BinaryPrimitives.ReadUInt16LittleEndian(canonical[at..]);
            int order = canonical.Slice(at + sizeof(ushort), length).SequenceCompareTo(name);
            if (order == 0)
            {
                at += sizeof(ushort) + length;
                int end = middle + 1 < starts.Length ? starts[middle + 1] : canonical.Length;
                value = PackedValue.Whole((FieldValueType)canonical[at], canonical[(at + 1)..end]);
                return true;
            }
            if (order > 0) high = middle - 1;
            else low = middle + 1;
        }
        value = default;
        return false;
    }
}

/// <summary>One value in canonical bytes. <see cref="Bytes"/> are those after its type.</summary>
internal readonly ref struct PackedValue
{
    /// <param name="rest">The value's bytes and whatever follows them.</param>
    public PackedValue(FieldValueType type, ReadOnlySpan<byte> rest)
    {
        Type = type;
        Bytes = rest[..Length(type, rest)];
    }

    private PackedValue(ReadOnlySpan<byte> bytes, FieldValueType type)
    {
        Type = type;
        Bytes = bytes;
    }

    public FieldValueType Type { get; }

    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>A value whose end is known: the length of an array of strings takes a walk over it.</summary>
    public static PackedValue Whole(FieldValueType type, ReadOnlySpan<byte> bytes) => new(bytes, type);

    /// <summary>A bool, int64, float64 or timestamp as 64 bits.</summary>
    public long Bits => Type == FieldValueType.Bool ? Bytes[0] : BinaryPrimitives.ReadInt64LittleEndian(Bytes);

    /// <summary>The UTF-8 of a string.</summary>
    public ReadOnlySpan<byte> Text => Bytes[sizeof(uint)..];

    /// <summary>The elements of an array, in order.</summary>
    public PackedElements Elements => new(this);

    public FieldValue ToValue()
    {
        switch (Type)
        {
            case FieldValueType.Bool: return Bits != 0;
            case FieldValueType.Int64: return Bits;
            case FieldValueType.Float64: return BitConverter.Int64BitsToDouble(Bits);
            case FieldValueType.String: return Encoding.UTF8.GetString(Text);
            case FieldValueType.Timestamp: return FieldValue.Timestamp(Bits);
        }
        List<FieldValue> elements = [];
        foreach (PackedValue element in Elements) elements.Add(element.ToValue());
        return FieldValue.Array(elements);
    }

    private static int Length(FieldValueType type, ReadOnlySpan<byte> rest)
    {
        if (!type.IsArray()) return ScalarLength(type, rest);
        if (type == FieldValueType.EmptyArray) return 0;
        int count = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest), length = sizeof(uint);
        FieldValueType element = type.ElementType();
        if (element != FieldValueType.String) return length + count * ScalarLength(element, rest);
        for (; count > 0; count--) length += ScalarLength(element, rest[length..]);
        return length;
    }

    private static int ScalarLength(FieldValueType type, ReadOnlySpan<byte> rest) => type switch
    {
        FieldValueType.Bool => 1,
        FieldValueType.String => sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(rest),
        _ => sizeof(long),
    };
}

/// <summary>The elements of a packed array; none for a value that is not an array.</summary>
internal ref struct PackedElements
{
    private readonly FieldValueType _type;
    private ReadOnlySpan<byte> _rest;
    private uint _left;

    public PackedElements(PackedValue array)
    {
        if (array.Type <= FieldValueType.EmptyArray) return;
        _type = array.Type.ElementType();
        _left = BinaryPrimitives.ReadUInt32LittleEndian(array.Bytes);
        _rest = array.Bytes[sizeof(uint)..];
    }

    public PackedValue Current { get; private set; }

    public readonly PackedElements GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_left == 0) return false;
        _left--;
        Current = new PackedValue(_type, _rest);
        _rest = _rest[Current.Bytes.Length..];
        return true;
    }
}
